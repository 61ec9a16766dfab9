"""Which dataset a file looks like a delivery of, by headers, sheet names and file name, and how sure that is."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import PurePath
from typing import Final
from urllib.parse import unquote, urlsplit

from pipelines.checking.report import Recognised
from pipelines.checking.sheet import Book, Sheet
from pipelines.datasets import Dataset, Layout, Repository
from pipelines.findings import Text
from pipelines.reading.cells import squeeze

SURE: Final = 0.75  # from here on a dataset's contract is asked without being told to
_LEAD: Final = 0.05  # by which the best has to be ahead of the next
_WORTH_TELLING: Final = 0.5
_TOP_ROWS: Final = 60
_SIDE_COLUMNS: Final = 4
_SIDE_ROWS: Final = 2000
_MANY_HEADERS: Final = 4  # so many that agree are no accident


@dataclass(frozen=True, slots=True)
class _Match:
    dataset: Dataset
    confidence: float
    found: int
    declared: int
    sheet: bool | None
    name: float


def recognise(repository: Repository, book: Book, file: str) -> Recognised | None:
    """The dataset that a file looks like; None when it looks like none. Below SURE nobody should rely on it."""
    texts = {sheet.name: _texts(sheet) for sheet in book.sheets}
    kind = "csv" if book.kind == "csv" else "workbook"
    candidates = (d for d in repository if d.source.kind == kind)
    matches = sorted((_match(d, texts, file) for d in candidates), key=lambda match: -match.confidence)
    if not matches or matches[0].confidence < _WORTH_TELLING:
        return None
    best = matches[0]
    confidence = best.confidence
    if len(matches) > 1 and confidence - matches[1].confidence < _LEAD:
        confidence = min(confidence, SURE - 0.01)  # two that fit equally well are for a person to tell apart
    title = Text(best.dataset.schema.title.ja, best.dataset.schema.title.en)
    return Recognised(best.dataset.name, title, round(confidence, 2), _why(best))


def _match(dataset: Dataset, texts: dict[str, frozenset[str]], file: str) -> _Match:
    found = declared = 0
    sheets: list[bool] = []
    for layout in dataset.source.layouts:
        mine = _sheet_texts(layout, texts)
        sheets += [layout.sheet in texts] if layout.sheet else []
        wanted = [column.headers for column in dataset.source.columns.values() if column.headers]
        declared += len(wanted)
        found += sum(any(_stands(header, mine) for header in headers) for headers in wanted)
    share = found / declared if declared else 0.0
    name = _likeness(file, _name_of(dataset))
    sheet = any(sheets) if sheets else None
    headers = share * (0.5 + 0.5 * min(1.0, found / _MANY_HEADERS))
    confidence = 0.7 * headers + 0.3 * name if sheet is None else 0.5 * headers + 0.25 * sheet + 0.25 * name
    if name == 1 and share > 0:  # the file of last time under its own name
        confidence = max(confidence, SURE + (1 - SURE) * share)
    return _Match(dataset, confidence, found, declared, sheet, name)


def _sheet_texts(layout: Layout, texts: dict[str, frozenset[str]]) -> frozenset[str]:
    if layout.sheet in texts:
        return texts[str(layout.sheet)]
    return max(texts.values(), key=len, default=frozenset())


def _stands(header: str, texts: frozenset[str]) -> bool:
    """Whether a declared header stands on a sheet: as a whole, or each of its levels."""
    return squeeze(header) in texts or all(squeeze(part) in texts for part in header.split("/"))


def _texts(sheet: Sheet) -> frozenset[str]:
    return frozenset(squeeze(text) for text in _likely_headers(sheet)) - {""}


def _likely_headers(sheet: Sheet) -> Iterator[str]:
    for row in range(min(sheet.height, _TOP_ROWS)):
        yield from sheet.row(row)
    for row in range(_TOP_ROWS, min(sheet.height, _SIDE_ROWS)):
        yield from (sheet.text(row, column) for column in range(min(sheet.width, _SIDE_COLUMNS)))


def _name_of(dataset: Dataset) -> str:
    return PurePath(dataset.source.path or unquote(urlsplit(dataset.source.url or "").path)).name


def _likeness(one: str, other: str) -> float:
    """How alike two file names are, without ending, dates and what a browser adds."""
    first, second = _plain_name(one), _plain_name(other)
    return 1.0 if first == second else SequenceMatcher(None, first, second).ratio() * 0.9


def _plain_name(name: str) -> str:
    stem = unicodedata.normalize("NFKC", PurePath(name).stem)
    return re.sub(r"[\s_\-・]+|\([0-9]+\)$|[RHS]?[0-9]+(年度?|月|日)?|公表値から再構成", "", stem).casefold()


def _why(match: _Match) -> Text:
    sheet = {
        True: ("、シート名が一致", ", the sheet's name agrees"),
        False: ("、シート名は不一致", ", the sheet's name does not"),
    }
    ja, en = sheet[match.sheet] if match.sheet is not None else ("", "")
    name = round(match.name * 100)
    return Text(
        f"見出し {match.found}/{match.declared} が一致{ja}、ファイル名の類似 {name}%",
        f"{match.found} of {match.declared} headers agree{en}; file names are {name}% alike",
    )
