"""Where the table of a sheet is: header, body, what stands around it, and what each column holds.

A guess for judging the sheet only; the night reads what the source file declares and never guesses.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import numpy as np
import pyarrow.compute as pc

from pipelines.checking.sheet import DATE, KIND, NUMBER, TEXT, Mask, Numbers, Sheet
from pipelines.reading.cells import squeeze, tidy

Counts = Numbers
# Patterns are RE2's, as Arrow asks whole columns by them.
_FIGURE: Final = (
    r"^[\s　]*[▲△+\-−－]?[\s　]*([0０]|[1-9１-９][0-9０-９,，]*)([．.][0-9０-９]+)?[\s　]*"
    r"(%|％|人|円|千円|百万円|億円|件|世帯|戸|台|箇所|か所|ヶ所|個|ｔ|t|トン|ﾄﾝ|kg|ｋｇ|g|ｇ|ha|㎡|㎥|m|ｍ|km|回|校)?"
    r"[\s　]*(※|＊|\*|注)?[0-9０-９]*[\s　]*$"
)
_TIME: Final = (
    r"^[\s　]*((明治|大正|昭和|平成|令和|[MTSHR])[\s　]*[.．]?[\s　]*([0-9０-９]{1,2}|元)([^0-9０-９]|$)"
    r"|(１９|２０|19|20)[0-9０-９]{2}[\s　]*(年|[-/.／．][\s　]*[0-9０-９]{1,2}))"
)
_YEARISH: Final = rf"{_TIME}|^[\s　]*(19|20)[0-9]{{2}}[\s　]*$"
MISSING: Final = frozenset(
    "- － − – ― — ‐ ー … ‥ ・ ・・・ ... *** ＊＊＊ x X ｘ Ｘ χ × *".split()  # noqa: SIM905
)
_NOTE: Final = re.compile(r"^[(（]?(※|＊|\*|注|備考|資料|出典|出所|（注|\(注)")
_CODE_NAME: Final = re.compile(
    r"コード|番号|ＩＤ|ID|id|^No|^NO|№|電話|TEL|FAX|ファックス|郵便|〒|枝番|番地|丁目|^#|緯度|経度|座標|号$|(?i:code|latitude|longitude)"
)
_TIME_NAME: Final = re.compile(
    r"(^|[^0-9])(年|年度|年月|年月日|日付|日時|時期|期間|調査日|更新日|基準日)$|年月日|年度$|(?i:^(year|date|fiscal_?year)$)"
)
_LEVELS: Final = 8
_GROUPS: Final = 3
_MOSTLY: Final = 0.6


@dataclass(frozen=True, slots=True)
class Profile:
    """What the cells of one column are, in numbers. `figures` are texts that a person would read as a number."""

    filled: int
    numbers: int
    figures: int
    times: int
    dates: int
    missing: int

    @property
    def is_numeric(self) -> bool:
        """Whether most of its values are figures."""
        values = self.filled - self.missing
        return values > 0 and (self.numbers + self.figures) / values >= _MOSTLY


@dataclass(frozen=True)
class Table:
    """One table of a sheet; rows and columns from 0. `blank` are the rows without a value among `body`."""

    sheet: Sheet
    filled: Mask
    header: range
    body: range
    columns: range
    end: int  # the row below the last that is of this table or of another on the sheet
    others: Sequence[int] = ()  # where the headers of other tables below stand

    @cached_property
    def rows(self) -> Mask:
        """The rows of data, as a mask over the sheet."""
        mask: Mask = np.zeros(self.sheet.height, np.bool_)
        mask[self.body.start : self.body.stop] = self.filled[self.body.start : self.body.stop].any(axis=1)
        return mask

    @cached_property
    def blank_rows(self) -> list[int]:
        """The blank rows between rows of data."""
        return [row for row in self.body if not self.rows[row]]

    @cached_property
    def blank_columns(self) -> list[int]:
        """The columns between others that have neither name nor value."""
        part = self.filled[self.header.start : self.body.stop]
        return [column for column in self.columns if not part[:, column].any()]

    @cached_property
    def blocks(self) -> list[range]:
        """The columns between blank columns."""
        found, start = [], self.columns.start
        for column in [*self.blank_columns, self.columns.stop]:
            if column > start:
                found.append(range(start, column))
            start = column + 1
        return found

    @cached_property
    def levels(self) -> dict[int, list[str]]:
        """For each column the texts of its header from the top, those of merged cells in each of their cells."""
        texts = {(row, column): self.sheet.text(row, column) for row in self.header for column in self.columns}
        for area in self.sheet.merged:
            for row in range(max(area.top, self.header.start), min(area.bottom + 1, self.header.stop)):
                for column in range(max(area.left, self.columns.start), min(area.right + 1, self.columns.stop)):
                    texts[row, column] = self.sheet.text(area.top, area.left)
        return {column: [tidy(texts[row, column]) for row in self.header] for column in self.columns}

    @cached_property
    def names(self) -> dict[int, str]:
        """The name of each column: its levels, joined, each once."""
        return {column: "/".join(dict.fromkeys(t for t in texts if t)) for column, texts in self.levels.items()}

    @cached_property
    def profiles(self) -> dict[int, Profile]:
        """What each column holds."""
        return {column: _profile(self.sheet, column, self.rows) for column in self.columns}

    def is_code(self, column: int) -> bool:
        """Whether a column holds codes or numbers that are names: nobody adds them up."""
        if _CODE_NAME.search(squeeze(self.names[column])):
            return True
        texts = [tidy(text) for text, _, _ in self._first_texts(column)]
        return bool(texts) and all(t.isdigit() for t in texts) and any(t.startswith("0") and len(t) > 1 for t in texts)

    def is_time(self, column: int) -> bool:
        """Whether a column tells years, months or days."""
        profile, name = self.profiles[column], squeeze(self.names[column])
        values = profile.filled - profile.missing
        if values <= 0:
            return False
        if profile.dates / values >= _MOSTLY or profile.times / values >= _MOSTLY:
            return True
        short = bool(_TIME_NAME.search(name)) and len(name) <= 8  # noqa: PLR2004  a long name speaks of something else
        return short and (profile.numbers + profile.times + profile.figures) / values >= _MOSTLY

    @cached_property
    def numeric(self) -> list[int]:
        """The columns of figures."""
        return [c for c in self.columns if self.profiles[c].is_numeric and not self.is_code(c) and not self.is_time(c)]

    def _first_texts(self, column: int) -> list[tuple[str, int, Numbers]]:
        found = []
        for item in self.sheet.distinct(column, self.rows & (self.sheet.kinds[:, column] & KIND == TEXT)):
            found.append(item)
            if len(found) >= 200:  # noqa: PLR2004
                break
        return found


def _profile(sheet: Sheet, column: int, rows: Mask) -> Profile:
    kinds = sheet.kinds[rows, column] & KIND
    codes = sheet.columns[column].codes[rows]
    texts = codes[(kinds == TEXT) & (codes >= 0)]
    figures, times, missing, blank = (_by_value(sheet, column, what) for what in (_FIGURE, _TIME, "missing", "blank"))
    filled = int((kinds != 0).sum()) - int(blank[texts].sum())
    is_time = times[texts] & ~missing[texts]
    return Profile(
        filled,
        int((kinds == NUMBER).sum()),
        int((figures[texts] & ~is_time).sum()),
        int(is_time.sum()),
        int((kinds == DATE).sum()),
        int(missing[texts].sum()),
    )


def _by_value(sheet: Sheet, column: int, what: str) -> Mask:
    """Of each distinct text of a column whether it is something: a pattern, a sign for no value, or blank."""
    values = sheet.columns[column].values
    if what == "missing":
        found = pc.is_in(pc.utf8_trim_whitespace(values), value_set=_missing_set())
    elif what == "blank":
        found = pc.equal(pc.utf8_trim_whitespace(values), "")
    else:
        found = pc.match_substring_regex(values, what)
    mask: Mask = np.append(found.to_numpy(zero_copy_only=False), [False]).astype(np.bool_)  # the last is for code -1
    return mask


def _missing_set() -> object:
    import pyarrow as pa

    return pa.array(sorted(MISSING), pa.string())


def filled_cells(sheet: Sheet) -> Mask:
    """Which cells hold more than white space."""
    filled: Mask = sheet.kinds != 0
    for column in range(sheet.width):
        blank = _by_value(sheet, column, "blank")
        if blank.any():
            filled[:, column] &= ~blank[sheet.columns[column].codes]
    return filled


def _masks(sheet: Sheet) -> tuple[Mask, Mask]:
    """Which cells a person reads as a figure, and which as a year."""
    kinds = sheet.kinds & KIND
    figures: Mask = (kinds == NUMBER) | (kinds == DATE)
    years: Mask = np.zeros_like(figures)
    for column in range(sheet.width):
        codes, is_text = sheet.columns[column].codes, kinds[:, column] == TEXT
        figures[:, column] |= _by_value(sheet, column, _FIGURE)[codes] & is_text
        years[:, column] = _by_value(sheet, column, _YEARISH)[codes]
    return figures, years


def find_table(sheet: Sheet) -> Table | None:
    """The table of a sheet; None of a sheet that is empty or has no two columns with two rows."""
    if sheet.height == 0:
        return None
    filled = filled_cells(sheet)
    fill: Numbers = filled.sum(axis=1)
    if not (fill >= 2).any():  # noqa: PLR2004
        return None
    figures, years = _masks(sheet)
    counts: Numbers = (figures & ~years & filled).sum(axis=1)
    header = _header(sheet, fill, counts)
    last = _last_row(sheet, filled, fill, counts, header)
    columns = np.flatnonzero(filled[header.start : last + 1].any(axis=0))
    across = range(int(columns[0]), int(columns[-1]) + 1)
    return _alone(Table(sheet, filled, header, range(header.stop, last + 1), across, last + 1))


def _alone(table: Table) -> Table:
    """The table up to where another begins."""
    others = list(_other_headers(table))
    if not others:
        return table
    last = max(row for row in range(table.body.start, others[0]) if table.filled[row].sum() > 1)
    return replace(table, body=range(table.body.start, last + 1), others=others)


def _other_headers(table: Table) -> Iterator[int]:
    """Rows soon after a blank one that have several texts and no figure, with figures below; no repeated header."""
    width = max(2, len(table.columns) // 3)
    numeric = [c for c in table.columns if table.profiles[c].is_numeric]
    for blank in table.blank_rows:
        row = blank + 1
        while row in table.body and table.filled[row].sum() == 1:
            row += 1
        inside = row in table.body and table.body.start + 1 < row < table.body.stop - 1
        if inside and table.filled[row].sum() >= width and _has_only_names(table, row, numeric):
            yield row


def _has_only_names(table: Table, row: int, numeric: Sequence[int]) -> bool:
    """Whether the columns of figures hold texts here, other than in the header above."""
    texts = [table.sheet.text(row, column) for column in numeric if table.filled[row, column]]
    name_row = table.header.stop - 1
    repeated = texts == [table.sheet.text(name_row, column) for column in numeric if table.filled[row, column]]
    named = all(table.sheet.kind(row, c) == TEXT for c in numeric if table.filled[row, c])
    return (
        bool(texts) and named and not repeated and not any(re.search(r"[0-9０-９]", t) or t in MISSING for t in texts)
    )


def _header(sheet: Sheet, fill: Numbers, counts: Numbers) -> range:
    """The rows of the header."""
    full = float(np.percentile(fill[fill >= min(2, int(fill.max()))], 75))
    top = int(np.argmax(fill >= max(2.0, full / 2)))
    rest = (fill > 1) & (np.arange(len(fill)) > top)
    numeric = bool(rest.any()) and float((counts[rest] > 0).mean()) >= _MOSTLY
    bottom = top
    if numeric and counts[top] * 2 <= fill[top]:
        bottom = _last_of_header(fill, counts, top, full)
    elif counts[top] * 2 > fill[top] and not any(area.top == top < area.bottom for area in sheet.merged):
        bottom = top - 1  # figures from the start: whatever stands above is no header of its own
    return _with_merged(sheet, fill, counts, top, bottom)


def _last_of_header(fill: Numbers, counts: Numbers, top: int, full: float) -> int:
    first = next((row for row in range(top + 1, min(top + _LEVELS, len(fill))) if counts[row] > 0), top + 1)
    last = first - 1
    while last > top and fill[last] < max(2.0, full * 0.2):
        last -= 1
    return last


def _with_merged(sheet: Sheet, fill: Numbers, counts: Numbers, top: int, bottom: int) -> range:
    """The header with the rows that merged cells tie to it, and with upper levels of several texts."""
    if bottom < top:
        return range(top, top)
    for area in sheet.merged:
        if area.top <= bottom and area.bottom >= top and area.bottom - area.top < _LEVELS:
            wide = fill[area.top] > 1
            top = min(top, area.top) if wide else top
            bottom = max(bottom, area.bottom) if counts[area.bottom] * 2 <= fill[area.bottom] else bottom
    while top > 0 and fill[top - 1] > 1 and counts[top - 1] == 0 and _is_level(sheet, top - 1, top):
        top -= 1
    if top > 1 and fill[top - 1] == 0 and fill[top - 2] >= _GROUPS and counts[top - 2] == 0:
        top -= 2  # names of groups above a gap
    return range(top, bottom + 1)


def _is_level(sheet: Sheet, row: int, below: int) -> bool:
    """Whether a row is an upper level of the header: all of its texts stand above others, or are merged across."""
    upper = [c for c in range(sheet.width) if sheet.text(row, c).strip()]
    merged = any(area.top <= row <= area.bottom and area.right > area.left for area in sheet.merged)
    texts = [sheet.text(row, c) for c in upper]
    if any("単位" in text or "現在" in text for text in texts):
        return False
    return merged or sum(bool(sheet.text(below, c).strip()) for c in upper) * 2 > len(upper)


def _last_row(sheet: Sheet, filled: Mask, fill: Numbers, counts: Numbers, header: range) -> int:
    """The last row of data: below it stand notes, each in one or two cells."""
    last = int(np.flatnonzero(fill)[-1])
    few = max(1, int(fill.max()) // 4)
    while last >= header.stop:
        if fill[last] == 0:
            last -= 1
            continue
        first = sheet.text(last, int(np.argmax(filled[last])))
        noted = bool(_NOTE.match(tidy(first)))
        if not (fill[last] <= few and fill.max() > 1 and (noted or (counts[last] == 0 and fill.max() > 2))):  # noqa: PLR2004
            break
        last -= 1
    return max(last, header.stop - 1)


def outside(table: Table) -> Sequence[tuple[int, int, str]]:
    """Row, column and text of every cell above or below the table."""
    sheet = table.sheet
    rows = [*range(table.header.start), *range(table.end, sheet.height)]
    return [(r, c, sheet.text(r, c)) for r in rows for c in range(sheet.width) if table.filled[r, c]]
