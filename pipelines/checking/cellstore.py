"""Collects the cells of a sheet as they are met, in any order, and puts them together by column."""

from __future__ import annotations

from array import array
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pipelines.checking.sheet import Bytes, Codes, Column, Looks, Numbers

_BLOCK = 1 << 17


class CellStore:
    """Cells by row, column, text, kind and look. Texts are handed to Arrow block by block."""

    def __init__(self) -> None:
        self._rows, self._columns = array("i"), array("i")
        self._kinds, self._looks = array("B"), array("H")
        self._texts: list[str] = []
        self._blocks: list[pa.Array] = []
        self.text_size = 0  # characters

    def add(self, row: int, column: int, text: str, kind: int, look: int) -> None:
        """Keep a cell that is not empty."""
        self._rows.append(row)
        self._columns.append(column)
        self._kinds.append(kind)
        self._looks.append(min(look, 65535))
        self._texts.append(text)
        self.text_size += len(text)
        if len(self._texts) >= _BLOCK:
            self._settle()

    def _settle(self) -> None:
        self._blocks.append(pa.array(self._texts, pa.string()))
        self._texts = []

    def finish(self) -> tuple[list[Column], Bytes, Looks]:
        """The columns, and kinds and looks by row and column."""
        self._settle()
        rows, columns = (np.frombuffer(a, np.int32) if len(a) else np.zeros(0, np.int32) for a in self._of_places())
        height, width = (int(found.max()) + 1 if found.size else 0 for found in (rows, columns))
        kinds, looks = np.zeros((height, width), np.uint8), np.zeros((height, width), np.uint16)
        if height:
            kinds[rows, columns] = np.frombuffer(self._kinds, np.uint8)
            looks[rows, columns] = np.frombuffer(self._looks, np.uint16)
        return self._by_column(rows, columns, height, width), kinds, looks

    def _of_places(self) -> tuple[array[int], array[int]]:
        return self._rows, self._columns

    def _by_column(self, rows: Codes, columns: Codes, height: int, width: int) -> list[Column]:
        texts = pa.chunked_array(self._blocks, pa.string()).combine_chunks()
        self._blocks.clear()
        order: Numbers = np.argsort(columns, kind="stable").astype(np.int64)
        bounds = np.searchsorted(columns[order], np.arange(width + 1))
        found = []
        for first, last in pairwise(bounds):
            mine = order[first:last]
            found.append(column_of_texts(texts.take(pa.array(mine)), rows[mine], height))
        return found


def column_of_texts(texts: pa.Array, rows: Codes | Numbers, height: int) -> Column:
    """A column out of the texts that stand in some of its rows."""
    encoded = pc.dictionary_encode(texts)
    codes: Codes = np.full(height, -1, np.int32)
    codes[rows] = encoded.indices.to_numpy(zero_copy_only=False).astype(np.int32)
    return Column(codes, encoded.dictionary)
