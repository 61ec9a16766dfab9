"""The table as a JSON-stat 2.0 dataset, where it is a cube: key fields are dimensions, numbers are measures.

Texts beside the numbers fit only as labels: one that depends on a single key field alone, such as a ward's name on its
code, becomes the label of that field's categories. A table with other texts, with days or truth values beside its key,
or without a number, is no cube. Measures are one more dimension, of role `metric`, also where there is only one, since
units and decimals stand there (https://json-stat.org/full/).

A cell without a value is null (left out of a sparse cube); where it stands for a row of the table whose figure is
missing, its status is `missing`; without a status the table has no such row.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from pathlib import Path

from pipelines.formats.table import TEMPORAL, Column, Table, Unfit

LIMIT = 100_000
CELLS = 1_000_000
METRIC = "measure"
MISSING = "missing"
_DENSE = 0.5
_NUMBERS = ("integer", "number")


@dataclass(frozen=True, slots=True)
class Cube:
    """Dimensions with their categories in order, a label for some of them, and the measures."""

    dimensions: Sequence[Column]
    categories: Sequence[Sequence[str]]
    labels: Mapping[str, Column]
    measures: Sequence[Column]

    @property
    def sizes(self) -> list[int]:
        """How many categories each dimension has, the measures last."""
        return [*(len(found) for found in self.categories), len(self.measures)]


def json_stat(table: Table, path: Path) -> None:
    """Write the table to a path. Raises Unfit above the limits, and where the table is no cube."""
    table.at_most(LIMIT)
    cube = cube_of(table)
    values, status = _cells(table, cube)
    document = _head(table, cube)
    if status:
        document["status"] = status
    head = json.dumps(document, ensure_ascii=False, indent=1).removesuffix("\n}")
    path.write_text(f'{head},\n "value": {values}\n}}\n', encoding="utf-8")


def cube_of(table: Table) -> Cube:
    """The table as a cube. Raises Unfit where it is none."""
    columns = {column.name: column for column in table.columns}
    dimensions = [columns[name] for name in table.key]  # so cells are in the order of the rows
    others = [column for column in table.columns if column.name not in table.key]
    measures = [column for column in others if column.type in _NUMBERS]
    if not measures:
        raise Unfit("数値の項目がないため。", "The table has no field of numbers.")
    texts = [column for column in others if column not in measures]
    labels = {column.name: _labelled(table, column, dimensions) for column in texts}
    if table.one([f"count(*) FILTER ({column.sql} IS NULL)" for column in dimensions]) != (0,) * len(dimensions):
        raise Unfit("主キーに空の値があるため。", "A field of the key has rows without a value.")
    categories = [_categories(table, column) for column in dimensions]
    cube = Cube(dimensions, categories, {labels[c.name]: c for c in texts}, measures)
    if prod(cube.sizes) > CELLS:
        raise Unfit(
            f"セル数が{CELLS:,}を超えるため（{prod(cube.sizes):,}）。",
            f"The cube would have more than {CELLS:,} cells ({prod(cube.sizes):,}).",
        )
    return cube


def _labelled(table: Table, column: Column, dimensions: Sequence[Column]) -> str:
    """The dimension whose categories a text names. Raises Unfit where there is none."""
    if column.type == "string":
        for dimension in dimensions:
            one_each = f"count(DISTINCT {dimension.sql}) = count(DISTINCT ({dimension.sql}, {column.sql}))"
            if table.one([f"{one_each} AND count(*) = count({column.sql})"])[0]:
                return dimension.name
    raise Unfit(
        f"項目「{column.title['ja']}」（{column.name}）が数値でも、一つの主キー項目の名称でもないため。",
        f"The field “{column.title['en']}” ({column.name}) is neither a number nor the label of one field of the key.",
    )


def _categories(table: Table, column: Column) -> list[str]:
    query = f"SELECT {column.text} FROM (SELECT DISTINCT {column.sql} FROM {table.relation} ORDER BY 1)"
    return [str(row[0]) for row in table.connection.execute(query).fetchall()]


def _cells(table: Table, cube: Cube) -> tuple[str, dict[str, str]]:
    """The values as JSON text, an array or where most cells are empty an object, and what a missing one means."""
    places = [{category: at for at, category in enumerate(found)} for found in cube.categories]
    values: dict[int, str] = {}
    status: dict[str, str] = {}
    for row in table.rows([*(c.text for c in cube.dimensions), *(f"{c.sql}::VARCHAR" for c in cube.measures)]):
        start = 0
        for place, category in zip(places, row, strict=False):
            start = start * len(place) + place[str(category)]
        for at, value in enumerate(row[len(places) :], start * len(cube.measures)):
            if value is None:
                status[str(at)] = MISSING
            else:
                values[at] = str(value)
    cells = prod(cube.sizes)
    if len(values) >= _DENSE * cells:
        return f"[{', '.join(values.get(at, 'null') for at in range(cells))}]", status
    return "{" + ", ".join(f'"{at}": {values[at]}' for at in sorted(values)) + "}", status


def _head(table: Table, cube: Cube) -> dict[str, object]:
    """Everything but the cells."""
    about = table.description
    names = [column.name for column in cube.dimensions]
    roles = {"time": [c.name for c in cube.dimensions if c.type in TEMPORAL], "geo": _geo(table, cube)}
    document: dict[str, object] = {
        "version": "2.0",
        "class": "dataset",
        "label": table.title("ja"),
        "source": _publisher(about),
        "id": [*names, METRIC],
        "size": cube.sizes,
        "role": {**{role: found for role, found in roles.items() if found}, "metric": [METRIC]},
        "dimension": {**{c.name: _dimension(table, cube, c) for c in cube.dimensions}, METRIC: _metric(cube)},
        "extension": {
            "name": table.name,
            "release": table.release.ref.version,
            "label@en": table.title("en"),
            "labels": {column.name: {"dimension": of, **column.title} for of, column in cube.labels.items()},
        },
    }
    return document


def _publisher(about: Mapping[str, object]) -> str:
    found = about.get("contributors")
    return "、".join(str(who["title"]) for who in found) if isinstance(found, list) else ""


def _geo(table: Table, cube: Cube) -> list[str]:
    """The dimension whose categories are the areas that the table covers."""
    areas = set(_areas(table))
    found = [c.name for c, ids in zip(cube.dimensions, cube.categories, strict=True) if len(ids) > 1]
    ids = {c.name: set(ids) for c, ids in zip(cube.dimensions, cube.categories, strict=True)}
    return [name for name in found if ids[name] == areas]


def _areas(table: Table) -> dict[str, str]:
    found = table.description.get("spatialCoverage")
    return {str(area["code"]): str(area["name@ja"]) for area in found} if isinstance(found, list) else {}


def _dimension(table: Table, cube: Cube, column: Column) -> dict[str, object]:
    ids = cube.categories[list(cube.dimensions).index(column)]
    return {
        "label": column.title["ja"],
        "category": {"index": list(ids), "label": _labels(table, cube, column, ids)},
        "extension": {"label@en": column.title["en"], "type": column.type},
    }


def _labels(table: Table, cube: Cube, column: Column, ids: Sequence[str]) -> dict[str, str]:
    """A label for every category: the text that names it, the name of the area, or the category itself."""
    if label := cube.labels.get(column.name):
        query = f"SELECT DISTINCT {column.text}, {label.sql} FROM {table.relation} ORDER BY 1"
        return dict(table.connection.execute(query).fetchall())
    areas = _areas(table) if column.name in _geo(table, cube) else {}
    return {category: areas.get(category, category) for category in ids}


def _metric(cube: Cube) -> dict[str, object]:
    units = {
        c.name: {**({"label": c.unit} if c.unit else {}), **({"decimals": c.decimals} if c.decimals else {})}
        for c in cube.measures
    }
    return {
        "label": "項目",
        "category": {
            "index": [column.name for column in cube.measures],
            "label": {column.name: column.title["ja"] for column in cube.measures},
            "unit": {name: unit for name, unit in units.items() if unit},
        },
        "extension": {"label@en": "Measure", "labels@en": {c.name: c.title["en"] for c in cube.measures}},
    }
