"""One thing has one name in Japanese, and the words are those of a city office."""

from __future__ import annotations

import re
from itertools import chain
from pathlib import Path
from typing import get_args

import pytest

from pipelines.checking.report import SEVERITIES
from pipelines.datasets.schema import Schema
from pipelines.night import Outcome
from pipelines.plan import State
from pipelines.settings import REPOSITORY
from pipelines.words import EU_FREQUENCIES, FREQUENCIES, STATES
from pipelines.words import SEVERITIES as WEIGHTS

# What is not written, and what is written instead.
INSTEAD = {
    r"元データ待ち": "参照元待ち",
    r"出どころ|出所": "出典 of a figure, 来歴 of the file that tells of all of them",
    r"点検結果": "確認結果",
    r"(?<!Excel)ブック": "Excelブック",
    r"契約": "データ定義: 契約 is a procurement contract",
    r"(?<!セル)番地": "アドレス（URL）: 番地 is that of a house",
    r"指紋": "ハッシュ値",
    r"大きさ": "サイズ",
    r"もっともらし": "妥当性, 妥当な",
    r"正準": "標準形式",
    r"使う前に": "ご利用にあたって",
    r"道のり|いまの値|計画の現在値": "進み具合, 最新値, 基準値（計画策定時）",
    r"所管(から届|に確|の誤り)": "所管課, of people",
    r"プログラムの誤り": "プログラムの不具合",
}
# The checker looks for these words in workbooks.
READ = {"pipelines/checking/anatomy.py", "pipelines/checking/table.py"}


def sources() -> list[Path]:
    folder = REPOSITORY / "pipelines"
    found = chain.from_iterable(folder.rglob(f"*.{suffix}") for suffix in ("py", "toml", "html"))
    return sorted(path for path in found if path.relative_to(REPOSITORY).as_posix() not in READ)


@pytest.mark.parametrize("word", INSTEAD)
def test_words_that_are_not_used(word: str) -> None:
    """A second name for the same thing, or one that a reader in the city office takes for something else."""
    found = [
        f"{path.relative_to(REPOSITORY)}:{number}: {line.strip()}"
        for path in sources()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if re.search(word, line)
    ]
    assert not found, f"write {INSTEAD[word]}"


def test_whatever_has_a_code_has_a_word() -> None:
    """A code never stands where a person reads."""
    assert set(FREQUENCIES) == set(EU_FREQUENCIES) == set(get_args(Schema.model_fields["update_frequency"].annotation))
    assert set(STATES) == {*get_args(State), *get_args(Outcome)}
    assert tuple(WEIGHTS) == SEVERITIES
