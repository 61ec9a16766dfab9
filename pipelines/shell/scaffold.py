"""`opendata new`: a proposal of the two YAML files of a dataset, read off a delivery.

It only proposes. What a person must decide is marked `TODO`, and a descriptor with a TODO in it does not load.
The delivery is read by the same code that the night will use, so what is proposed can be read.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, takewhile
from pathlib import Path
from typing import Final

from pipelines.datasets import Column, Layout, Repository
from pipelines.datasets.base import NAME_PATTERN
from pipelines.datasets.source import Header, Rows, Section, Skip, Unpivot
from pipelines.errors import ConfigurationError, UnknownName
from pipelines.findings import Finding, Place
from pipelines.reading.addresses import letter
from pipelines.reading.body import Cells
from pipelines.reading.cells import squeeze, tidy
from pipelines.reading.grid import Grid, kind_of, read_workbook, sheet_names
from pipelines.reading.headers import joined
from pipelines.reading.layout import header_levels, read_table
from pipelines.reading.textfile import read_text
from pipelines.shell import blocks, descriptors
from pipelines.shell.guesses import Guess, Table, guess, is_measure
from pipelines.shell.survey import Survey, class_of, is_year, survey

VALUE: Final = "value_below_years"
SECTION: Final = "heading_of_section"
_TOTAL: Final = re.compile(r"(合|総|小|市|全市)?計|総数")
_CORNERS: Final = frozenset(["年度", "年", "年次", "区分", "項目", "指標"])
# The first that matches the years of the header and nothing else is proposed; the last always does.
_YEARS: Final = ("年度$", "年$", r"^\d{4}$", r"^[MTSHR]\d+$", r"^(明治|大正|昭和|平成|令和|[MTSHR])?(元|\d+)(年度?)?$")


@dataclass(frozen=True, slots=True)
class Proposal:
    """The texts of both files."""

    schema: str
    source: str


def propose(repository: Repository, delivery: Path, department: str, sheet: str | None) -> Proposal:
    """Propose both files for a delivery that lies below sources/.

    Raises ConfigurationError when it does not, UnknownName for a department that nobody defined.
    """
    folder = repository.deliveries.resolve()
    if not delivery.resolve().is_relative_to(folder):
        raise ConfigurationError(Finding("new.outside", Place(file=delivery.name), str(delivery.parent)))
    if department not in repository.city.departments:
        known = {"known": ", ".join(repository.city.departments)}
        raise UnknownName(Finding("name.department", Place(file="schemas/_city.yaml"), department, known))
    table = _table(delivery, delivery.resolve().relative_to(folder).as_posix(), sheet)
    licence = next(iter(repository.city.licences))
    return Proposal(descriptors.schema(table, department, licence), descriptors.source(table))


def write(repository: Repository, name: str, proposal: Proposal) -> list[Path]:
    """Write both files.

    Raises ConfigurationError when one is there already: nothing is overwritten. Raises UnknownName for a name that
    can't be one.
    """
    if not re.fullmatch(NAME_PATTERN, name):
        raise UnknownName(Finding("new.name", Place(), name, {"pattern": NAME_PATTERN}))
    paths = [repository.root / folder / f"{name}.yaml" for folder in ("schemas", "sources")]
    for path in paths:
        if path.exists():
            raise ConfigurationError(Finding("new.exists", Place(file=f"{path.parent.name}/{path.name}"), name))
    for path, text in zip(paths, (proposal.schema, proposal.source), strict=True):
        path.write_text(text, encoding="utf-8")
    return paths


def _table(delivery: Path, path: str, sheet: str | None) -> Table:
    place = Place(file=delivery.name)
    if kind_of(delivery.read_bytes()[:512]) in {"xlsx", "xls"}:
        grid = read_workbook(delivery, place, sheet or sheet_names(delivery, place)[0])
        return _surveyed(grid, Table(path, "workbook", "", "", grid.sheet), place)
    encoding, head = _encoding(delivery), delivery.read_bytes()[:4096]
    delimiter = "\t" if head.count(b"\t") > head.count(b",") else ","
    grid = read_text(delivery, place, encoding, delimiter)
    return _surveyed(grid, Table(path, "csv", encoding, delimiter, ""), place)


def _encoding(path: Path) -> str:
    content = path.read_bytes()
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return "cp932"
    return "utf-8"


def _surveyed(grid: Grid, table: Table, place: Place) -> Table:
    """Fill in what the sheet itself shows."""
    if not any(text.strip() for row in grid.rows for text in row):
        raise ConfigurationError(Finding("new.empty", Place(file=place.file, sheet=grid.sheet)))
    seen = survey(grid)
    table = replace(table, title=seen.title or Path(table.path).stem)
    layout = _layout(seen)
    grid = blocks.cropped(grid, seen.right, seen.below)
    levels = header_levels(grid, layout, place)
    unpivot = _unpivot(levels)
    if unpivot and (labels := _labels_of_a_table_on_its_side(grid, seen, levels)):
        between = f"{seen.header[0] + 1}:{seen.last + 1}"
        layout = Layout(header=Header(rows=labels), transpose=True, columns_between=between)
        return _described(grid, table, layout, header_levels(grid, layout, place), seen.unit)
    doubled = _doubled(levels, unpivot) if unpivot else []
    return _described(grid, table, layout.model_copy(update={"unpivot": unpivot, "ignore": doubled}), levels, seen.unit)


def _layout(seen: Survey) -> Layout:
    """What the sheet shows of the first of its tables."""
    return Layout(
        header=Header(rows=[row + 1 for row in seen.header], carry=seen.carry),
        notes=seen.notes or None,
        rows=Rows(to=seen.below + 1) if seen.below is not None else None,
        columns_between=f"A:{letter(seen.right)}" if seen.right is not None else None,
        section=Section(into=SECTION, field="fixed_0") if seen.sections else None,
    )


def _described(grid: Grid, table: Table, layout: Layout, levels: dict[int, list[str]], unit: str) -> Table:
    """Fill in what the columns show, read as the night will read them."""
    columns, place = _columns(levels, layout.unpivot), Place(file=Path(table.path).name)
    if not columns:
        raise ConfigurationError(Finding("new.no_table", Place(file=place.file, sheet=grid.sheet)))
    if not layout.transpose:
        cells = read_table(grid, layout, columns, place)
        layout = layout.model_copy(update={"fill_down": _omitted(cells, columns)})
        layout = layout.model_copy(update={"skip": _totals(read_table(grid, layout, columns, place), columns)})
    cells = read_table(grid, layout, columns, place)
    guesses = _guesses(cells, columns, layout.unpivot, table.title, unit)
    names = _names(guesses)
    fields = [replace(found, name=names[key]) for key, found in guesses.items()]
    key = [names[part] for part in _key(cells, guesses)]
    return replace(table, layout=_renamed(layout, names), fields=fields, key=key)


def _labels_of_a_table_on_its_side(grid: Grid, seen: Survey, levels: dict[int, list[str]]) -> list[int]:
    """The columns (A is 1) with the names of figures, where years stand in the header and figures in the rows."""
    labels = list(takewhile(lambda column: not is_year(levels[column][0]), levels))
    if len(seen.header) > 1 or any(levels[column][0].replace(" ", "") not in _CORNERS for column in labels):
        return []
    names = [row[column] for row in grid.rows[seen.header[0] + 1 :] for column in labels if column < len(row)]
    return [column + 1 for column in labels] if any(is_measure(name) for name in names if name.strip()) else []


def _unpivot(levels: dict[int, list[str]]) -> Unpivot | None:
    """Years that stand in the header, at the level where they stand."""
    for level in range(len(next(iter(levels.values())))):
        texts = {own[level] for own in levels.values()}
        years = {text for text in texts if is_year(text)}
        if len(years) > 1:
            matching = next(p for p in _YEARS if {text for text in texts if re.search(p, text)} == years)
            rest = {joined(_without(own, level)) for own in levels.values() if own[level] in years}
            fiscal = all("度" in text for text in years) or any("年度" in own[level] for own in levels.values())
            into = "fiscal_year" if fiscal else "year"
            return Unpivot(into=into, matching=matching, level=level + 1, value=_value(rest, years))
    return None


def _value(rest: set[str], years: set[str]) -> str | None:
    """A field of its own for the cells below the years, when no other level of the header names them."""
    return VALUE if rest in ({""}, {squeeze(text) for text in years}) else None


def _without(levels: list[str], level: int) -> list[str]:
    return levels[:level] + levels[level + 1 :]


def _columns(levels: dict[int, list[str]], unpivot: Unpivot | None) -> dict[str, Column]:
    """Every header by a name for the time being, those below years last. A header that stands twice can't be read."""
    level = unpivot.level - 1 if unpivot else 0
    turned = [own for own in levels.values() if unpivot and is_year(own[level])]
    measures = [joined(_without(own, level)) for own in turned if unpivot and unpivot.value is None]
    heads = [head for head, times in _fixed(levels, unpivot).items() if times == 1]
    return {
        **{f"fixed_{i}": Column(headers=[head]) for i, head in enumerate(heads)},
        **{f"measure_{i}": Column(headers=[head]) for i, head in enumerate(dict.fromkeys(measures)) if head},
    }


def _fixed(levels: dict[int, list[str]], unpivot: Unpivot | None) -> Mapping[str, int]:
    """The headers without a year, and how often each stands there."""
    rest = [own for own in levels.values() if not (unpivot and is_year(own[unpivot.level - 1]))]
    return Counter(head for own in rest if (head := joined(own)))


def _doubled(levels: dict[int, list[str]], unpivot: Unpivot) -> list[str]:
    return [head for head, times in _fixed(levels, unpivot).items() if times > 1]


def _labels(cells: Cells, columns: dict[str, Column]) -> list[str]:
    """The columns at the left, before the first with figures."""
    texts = {name: cells.texts[name] for name in columns if name.startswith("fixed")}
    return list(takewhile(lambda name: not any(class_of(text) == "figure" for text in texts[name]), texts))


def _omitted(cells: Cells, columns: dict[str, Column]) -> list[str]:
    """The labels that stand in the first row only of those that they count for."""
    labels = {name: cells.texts[name] for name in _labels(cells, columns)}
    return [name for name, texts in labels.items() if texts and texts[0].strip() and not all(map(str.strip, texts))]


def _totals(cells: Cells, columns: dict[str, Column]) -> list[Skip]:
    """Rows whose label says that they sum others up."""
    found = []
    for name in _labels(cells, columns):
        totals = sorted({tidy(text) for text in cells.texts[name] if _TOTAL.fullmatch(squeeze(text))})
        if totals:
            found.append(Skip(field=name, matching=f"^({'|'.join(map(re.escape, totals))})$"))
    return found


def _guesses(
    cells: Cells, columns: dict[str, Column], unpivot: Unpivot | None, title: str, unit: str
) -> dict[str, Guess]:
    """A guess for each field, in the order of publication."""
    found = {name: guess(column.headers[0], cells.texts[name], unit) for name, column in columns.items()}
    if SECTION in cells.texts:
        found = {SECTION: replace(guess("見出し", cells.texts[SECTION], ""), header="", type="string"), **found}
    if unpivot is None:
        return found
    fixed = {name: _corner(each) for name, each in found.items() if name.startswith("fixed")}
    into = replace(guess("年度" if unpivot.into == "fiscal_year" else "年", cells.texts[unpivot.into], ""), header="")
    value = {VALUE: replace(guess(title, cells.texts[VALUE], unit), header="")} if unpivot.value else {}
    return {**fixed, unpivot.into: into, **value, **{n: each for n, each in found.items() if n not in fixed}}


def _corner(found: Guess) -> Guess:
    """Above labels, left of years, 年度 names the years: what the labels are, a person must say."""
    return (
        replace(found, name="", english="")
        if found.type == "string" and found.name in {"fiscal_year", "year"}
        else found
    )


def _names(guesses: Mapping[str, Guess]) -> dict[str, str]:
    """A name for each field: the one guessed unless another has it, else one to be replaced."""
    counts = Counter(found.name for found in guesses.values())
    return {
        key: found.name if found.name and counts[found.name] == 1 else f"TODO_{i}"
        for i, (key, found) in enumerate(guesses.items(), 1)
    }


def _key(cells: Cells, guesses: Mapping[str, Guess]) -> list[str]:
    """The fewest labels whose values together stand once; all of them when none do, and the night will say so."""
    labels = [name for name, found in guesses.items() if found.type not in {"integer", "number"}]
    labels = [name for name in labels if _may_be_label(cells.texts[name])] or list(guesses)[:1]
    for size in range(1, len(labels) + 1):
        for key in combinations(labels, size):
            rows = list(zip(*(cells.texts[name] for name in key), strict=True))
            if len(set(rows)) == len(rows) and all(text.strip() for row in rows for text in row):
                return list(key)
    return labels


def _may_be_label(texts: Sequence[str]) -> bool:
    """Not a column without any value, nor one of figures with decimals that could not be read as numbers."""
    kinds = {class_of(text) for text in texts}
    return not kinds <= {"", "missing"} and not any("." in text and class_of(text) == "figure" for text in texts)


def _renamed(layout: Layout, names: Mapping[str, str]) -> Layout:
    """The layout with the names of the fields that are published."""
    unpivot = layout.unpivot
    if unpivot:
        value = names[VALUE] if unpivot.value else None
        unpivot = unpivot.model_copy(update={"into": names[unpivot.into], "value": value})
    skip = [each.model_copy(update={"field": names[each.field]}) for each in layout.skip]
    section = layout.section
    if section:
        section = section.model_copy(update={"into": names[section.into], "field": names[section.field]})
    fill_down = [names[name] for name in layout.fill_down]
    return layout.model_copy(update={"unpivot": unpivot, "skip": skip, "fill_down": fill_down, "section": section})
