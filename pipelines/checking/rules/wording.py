"""Rules about how texts are written."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from typing import Final

import numpy as np

from pipelines.checking.rules.kit import Cells, Hit, View, texts
from pipelines.checking.sheet import Mask, Numbers
from pipelines.reading.cells import squeeze

_SPACES: Final = r"[\n\r\t]|^[ \x{3000}\x{00a0}]|[ \x{3000}\x{00a0}]$|[ \x{3000}\x{00a0}]{2,}|^\S([ \x{3000}]\S)+$"
_SPACED: Final = re.compile(r"\S([ 　]+\S)+")
_PROSE: Final = re.compile(
    r"備考|説明|内容|概要|注|理由|摘要|所在地|住所|名称?$|名称?[（(/]|主体|特記|アクセス|URL|よみ|カナ|かな"
)
# Characters of Windows' own rows: numbers in circles, Roman numerals, units and words in one square, and private ones.
MACHINE: Final = (
    r"[\x{2460}-\x{2473}\x{2160}-\x{216b}\x{2170}-\x{217b}\x{3300}-\x{3357}\x{337b}-\x{337f}\x{32ff}\x{3380}-\x{33dd}"
    r"\x{2116}\x{2121}\x{33cd}\x{32a4}-\x{32a8}\x{3231}\x{3232}\x{3239}\x{301d}\x{301f}\x{221f}\x{22bf}\x{e000}-\x{f8ff}]"
)
_MACHINE: Final = re.compile(re.sub(r"\\x\{([0-9a-f]+)\}", lambda found: chr(int(found[1], 16)), MACHINE))
_TWO_FIGURES: Final = (
    r"^[▲△-]?[0-9０-９.,，]+[ ]?[%％]?[ \x{3000}]*[（(][^)）]*[0-9０-９元][^)）]*[)）]$"
    r"|^[0-9０-９.,:：]+[^0-9０-９]{0,3}[ ]?[～〜][ ]?[0-9０-９.,:：]+[^0-9０-９]{0,3}$"
)
_POSITION: Final = r"^-?[0-9]{1,3}\.[0-9]+[,、 ]+-?[0-9]{1,3}\.[0-9]+$"  # latitude and longitude
_CODE_AND_NAME: Final = r"^[0-9]{2,6}[_ \x{3000}:：][^0-9:：.,()（）-]"
_LIST: Final = r"^[^。、;；,:：()（）0-9]{1,14}([、;；,][^。、;；,:：()（）0-9]{1,14})+$"
_DETAIL: Final = r"^その他[ \x{3000}]*[（(:：].+"
_MOST_CHOICES: Final = 500


def layout_space(view: View) -> Iterator[Hit]:
    """L1-06: white space at an end, in runs, between single characters, and line breaks."""
    for column in range(view.sheet.width):
        for text, rows in texts(view, column, view.all_rows, _SPACES):
            if text.strip() and (better := unspaced(text)) != text:
                yield Cells(column, rows, text, better)


def unspaced(text: str) -> str:
    """The text without white space that only arranges it; spaces between words stay, each as one."""
    text = re.sub(r"[ 　\u00a0\t]*[\r\n]+[ 　\u00a0\t]*", "", text).strip(" 　\u00a0\t")
    if _SPACED.fullmatch(text) and not re.search(r"[A-Za-z0-9]", text):
        return re.sub(r"[ 　]", "", text)
    return re.sub(r"[ 　\u00a0\t]{2,}", " ", text)


def several_data(view: View) -> Iterator[Hit]:
    """L1-07: a value with its year, a range, a code with its name, a list."""
    table = view.table
    if table is None:
        return
    for column in table.columns:
        patterns = [_TWO_FIGURES, _POSITION, _CODE_AND_NAME]
        if not _PROSE.search(table.names[column]) and not table.is_time(column):
            patterns.append(_LIST)
        for text, rows in texts(view, column, table.rows, "|".join(f"(?:{pattern})" for pattern in patterns)):
            if not _is_one(text):
                yield Cells(column, rows, text)


def _is_one(text: str) -> bool:
    """Whether a text with a separator is one datum all the same: a date, an address of the web, a period."""
    return bool(re.search(r"://|[0-9]{1,4}/[0-9]{1,2}(/[0-9]{1,4})?$|^[0-9]+/[0-9]+$", text)) or text.startswith("/")


def machine_dependent(view: View) -> Iterator[Hit]:
    """L1-08."""
    for column in range(view.sheet.width):
        for text, rows in texts(view, column, view.all_rows, MACHINE):
            yield Cells(column, rows, text, _without_machine(text))


def _without_machine(text: str) -> str:
    """The same in characters that every machine has; nothing where one is private."""
    if any("\ue000" <= char <= "\uf8ff" for char in text):
        return ""
    return _MACHINE.sub(lambda found: _plain(found[0]), text)


def _plain(char: str) -> str:
    normal = unicodedata.normalize("NFKC", char)
    return f"({normal})" if normal.isdigit() else normal


def variant_spelling(view: View) -> Iterator[Hit]:
    """L2-04: choices that differ only in width, white space or case; the most frequent is proposed."""
    table = view.table
    if table is None:
        return
    for column in table.columns:
        if column not in table.numeric and not table.is_code(column):
            yield from _variants(view, column, table.rows)


def _variants(view: View, column: int, rows: Mask) -> Iterator[Hit]:
    groups: dict[str, list[tuple[str, Numbers]]] = defaultdict(list)
    for number, (text, where) in enumerate(texts(view, column, rows)):
        if number >= _MOST_CHOICES:
            return  # free text, no choices
        groups[squeeze(text).casefold()].append((text, where))
    for variants in groups.values():
        if len({text.strip() for text, _ in variants}) > 1:
            usual = max(variants, key=lambda item: (len(item[1]), item[0]))[0]
            yield from (Cells(column, where, text, usual) for text, where in variants if text.strip() != usual.strip())


def detail_of_others(view: View) -> Iterator[Hit]:
    """L2-05: `その他（…）` with its detail in the same cell."""
    if view.table is None:
        return
    rows: Mask = view.table.rows & (np.arange(view.sheet.height) >= view.table.body.start)
    for column in view.table.columns:
        for text, where in texts(view, column, rows, _DETAIL):
            yield Cells(column, where, text)
