"""How large a delivery may be. What is larger is refused by code, before memory is asked for.

tests/hostile measures the peak of every kind of file in a process of its own. A night that reads the largest workbook
let through here stays below 2 GiB; a text file of one header line is read by DuckDB within its own limit.
"""

from __future__ import annotations

from typing import Final

MOST_BYTES: Final = 2 << 30  # of a delivery as it lies there
MOST_PARTS: Final = 10_000  # files within a workbook
MOST_UNPACKED: Final = 512 << 20  # bytes that a workbook's parts unpack to, as it says itself
MOST_STRINGS: Final = 128 << 20  # bytes of a part that is read whole: shared strings, styles, the list of sheets
MOST_CELLS: Final = 8_000_000  # rows × columns up to the last cell with a value; a million rows of eight columns
MOST_TEXT: Final = 256 << 20  # bytes of all texts of a sheet, a shared one counted wherever it stands
LONGEST_LINE: Final = 1 << 20  # bytes between two line ends of a text file; DuckDB's own limit is twice that
MOST_MERGED: Final = 100_000  # merged ranges of a sheet
MOST_COLUMNS: Final = 16_384  # of a text file; no spreadsheet has more
MOST_READER_SECONDS: Final = 600  # of the processor, for what the reader in Rust does with one workbook
MOST_READER_MEGABYTES: Final = 3072  # of its address space; it dies of what a file makes it ask for beyond
