"""`opendata new` on real files: how many lines of the two YAML files a person changes until the night publishes."""

from __future__ import annotations

import difflib
import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import pytest

from pipelines.datasets import load_repository
from pipelines.shell import scaffold
from tests.kit import Town, result, shared, town
from tests.reading.sheets import workbook


class Real(NamedTuple):
    """A real file; what is changed by hand besides the TODOs (file, old, new), and the lines changed in all."""

    name: str
    file: str
    changes: Sequence[tuple[str, str, str]]
    todo: int
    other: int


FILES = [
    Real(
        "waste_by_year",
        "hkwi__kobe-opendata/import/www.city.kobe.lg.jp/life/recycle/environmental/img/nendobetu.xls",
        [],
        30,
        0,
    ),
    Real("foreign_residents", "gentokatozemi__ZemiRepFiles/ST/2025-ST-KOSHINO-Moeka/23-12-a.xlsx", [], 13, 0),
    Real("carbon_dioxide", "codeforkosen__kosen-opendata/data/kiko/kankyo2021/kankyo2021_co2.csv", [], 19, 0),
    Real("waste_of_sakai", "Koki-Arai__waste_analysis/堺市ごみ.csv", [], 10, 0),
    Real(
        "population_estimate",
        "hkwi__kobe-opendata/import/www.city.kobe.lg.jp/information/data/statistics/toukei/jinkou/suikeidata/jinkou2711.xls",
        [
            ("sources", "rows: {to: 30}", "rows: {from: 16, to: 30}"),  # the rows of years are another table
            ("sources", "columns:\n", "skip: [{field: decided_1, matching: '^本 区'}]\ncolumns:\n"),
        ],
        34,
        2,
    ),
    Real(
        "passengers_by_section",
        "oK020202__VBA-Excel/work/12_駅別発着・駅間通過人員表_首都圏.xlsx",
        [  # lines that are rings have their first station again as their last
            (
                "sources",
                "columns:\n",
                "  - {field: decided_1, matching: '^(山手線|大江戸線|ユーカリが丘線)$'}\ncolumns:\n",
            ),
        ],
        7,
        1,
    ),
]


def published_by_hand(where: Town, real: Real) -> tuple[int, int]:
    """Propose, decide what is marked, make the changes, publish. The lines with a TODO, and the others changed."""
    path = where.root / "sources" / "deliveries" / "environment" / Path(real.file).name
    path.parent.mkdir(parents=True)
    shutil.copyfile(shared("realdata", *real.file.split("/")), path)
    repository = load_repository(where.root)
    proposal = scaffold.propose(repository, path, "environment", None)
    scaffold.write(repository, real.name, proposal)
    todo = other = 0
    for folder, proposed in (("schemas", proposal.schema), ("sources", proposal.source)):
        decided = re.sub(r"TODO_(\d+)", r"decided_\1", proposed).replace("TODO", "decided")
        todo += sum("TODO" in line for line in proposed.splitlines() if not line.startswith("#"))
        mended = decided
        for part, old, new in real.changes:
            assert part != folder or old in mended, old
            mended = mended.replace(old, new) if part == folder else mended
        other += changed(decided, mended)
        (where.root / folder / f"{real.name}.yaml").write_text(mended, encoding="utf-8")
    done = result(where.night(), real.name)
    assert done.outcome == "published", [finding.text("en") for finding in done.findings]
    return todo, other


def changed(before: str, after: str) -> int:
    """How many lines differ, those added included."""
    matcher = difflib.SequenceMatcher(a=before.splitlines(), b=after.splitlines(), autojunk=False)
    return sum(max(i2 - i1, j2 - j1) for tag, i1, i2, j1, j2 in matcher.get_opcodes() if tag != "equal")


@pytest.mark.parametrize("real", FILES, ids=lambda real: real.name)
def test_a_real_file_is_published_after_few_changes(tmp_path: Path, real: Real) -> None:
    """Beyond naming and translating what no dictionary knows, hardly a line is changed."""
    assert published_by_hand(town(tmp_path, []), real) == (real.todo, real.other)


def test_tables_below_one_another_under_headings_are_proposed_with_sections(tmp_path: Path) -> None:
    """The name of a line above its stations becomes a field; the second table beside is left out by name."""
    where = town(tmp_path, [])
    folder = where.root / "sources" / "deliveries" / "environment"
    folder.mkdir(parents=True)
    rows = [
        ["乗降（架空）", "", "", "", ""],
        ["駅", "乗車（人）", "", "年度", "件数"],
        ["南線", "", "", "2019年度", 5],
        ["南駅", 10, "", "2020年度", 6],
        ["北駅", 8, "", "", ""],
        ["", "", "", "", ""],
        ["北線", "", "", "", ""],
        ["北駅", 3, "", "", ""],
    ]
    proposal = scaffold.propose(load_repository(where.root), workbook(folder / "x.xlsx", rows), "environment", None)
    assert 'columns_between: "A:B"' in proposal.source
    assert "section: {into: TODO_1, field: station}" in proposal.source
    assert "primaryKey: [TODO_1, station]" in proposal.schema


def test_a_heading_with_remarks_beside_it_is_no_header(tmp_path: Path) -> None:
    """What stands beside the headings is left out; an upper level of the header reaches to the next, unmerged."""
    where = town(tmp_path, [])
    folder = where.root / "sources" / "deliveries" / "environment"
    folder.mkdir(parents=True)
    rows = [
        ["乗降（架空）　単位：人／日", "", "", "", "", ""],
        ["", "下り", "", "上り", "", "作業用"],
        ["駅名", "乗車", "降車", "乗車", "降車", ""],
        ["", "", "", "", "", ""],
        ["南線", "", "", "", "", "会社"],
        ["南駅", 10, 0, 1, 2, ""],
        ["北駅", 8, 0, 1, 2, ""],
        ["", "", "", "", "", ""],
        ["北線", "", "", "", "", "会社"],
        ["北駅", 3, 4, 5, 6, ""],
    ]
    proposal = scaffold.propose(load_repository(where.root), workbook(folder / "x.xlsx", rows), "environment", None)
    assert "header: {rows: [2, 3], carry: true}" in proposal.source
    assert 'columns_between: "A:E"' in proposal.source and "section: {into: TODO_1" in proposal.source
    assert '"下り/乗車"' in proposal.source and '"上り/降車"' in proposal.source
    assert 'ja: "乗降(架空)"' in proposal.schema
