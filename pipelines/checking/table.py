"""A table of a sheet: its header, its body, and what each of its columns holds."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import pyarrow.compute as pc

from pipelines.checking.sheet import DATE, KIND, NUMBER, TEXT, Mask, Numbers, Sheet
from pipelines.reading.cells import squeeze, tidy

# Patterns are RE2's, as Arrow asks whole columns by them.
FIGURE: Final = (
    r"^[\s　]*[▲△+\-−－]?[\s　]*([0０]|[1-9１-９][0-9０-９,，]*)([．.][0-9０-９]+)?[\s　]*"
    r"(%|％|人|円|千円|百万円|億円|件|世帯|戸|台|箇所|か所|ヶ所|個|ｔ|t|トン|ﾄﾝ|kg|ｋｇ|g|ｇ|ha|㎡|㎥|m|ｍ|km|回|校)?"
    r"[\s　]*(※|＊|\*|注)?[0-9０-９]*[\s　]*$"
)
_TIME: Final = (
    r"^[\s　]*((明治|大正|昭和|平成|令和|[MTSHR])[\s　]*[.．]?[\s　]*([0-9０-９]{1,2}|元)([^0-9０-９]|$)"
    r"|(１９|２０|19|20)[0-9０-９]{2}[\s　]*(年|[-/.／．][\s　]*[0-9０-９]{1,2}))"
)
YEARISH: Final = rf"{_TIME}|^[\s　]*(19|20)[0-9]{{2}}[\s　]*$"
MISSING: Final = frozenset(
    "- － − – ― — ‐ ー … ‥ ・ ・・・ ... *** ＊＊＊ x X ｘ Ｘ χ × *".split()  # noqa: SIM905
)
_CODE_NAME: Final = re.compile(
    r"コード|番号|ＩＤ|ID|id|^No|^NO|№|電話|TEL|FAX|ファックス|郵便|〒|枝番|番地|丁目|^#|緯度|経度|座標|号$|(?i:code|latitude|longitude)"
)
_TIME_NAME: Final = re.compile(
    r"(^|[^0-9])(年|年度|年月|年月日|日付|日時|時期|期間|調査日|更新日|基準日)$|年月日|年度$|(?i:^(year|date|fiscal_?year)$)"
)
MOSTLY: Final = 0.6


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
        return values > 0 and (self.numbers + self.figures) / values >= MOSTLY


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
        if profile.dates / values >= MOSTLY or profile.times / values >= MOSTLY:
            return True
        short = bool(_TIME_NAME.search(name)) and len(name) <= 8  # noqa: PLR2004  a long name speaks of something else
        return short and (profile.numbers + profile.times + profile.figures) / values >= MOSTLY

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
    figures, times, missing, blank = (by_value(sheet, column, what) for what in (FIGURE, _TIME, "missing", "blank"))
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


def by_value(sheet: Sheet, column: int, what: str) -> Mask:
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
