"""A report that has one of everything, for whoever shows reports."""

from __future__ import annotations

from pipelines.checking.report import Changed, Difference, Group, NotJudged, Range, Recognised, Report, Sample
from pipelines.findings import Text


def example() -> Report:
    """A workbook with a merged header, full-width digits down a column, and one cell that the contract refuses."""
    merged = Group(
        code="readable.merged_cells",
        rule="L1-12",
        level="L1",
        severity="critical",
        blocking=False,
        whose="department",
        title=Text("セルが結合されています", "Cells are merged"),
        found=Text("結合 1か所", "1 merged range"),
        expected=Text("1つのデータを1つのセルに", "one datum in one cell"),
        remedy=Text("結合を解除し、各セルに値を書いてください", "unmerge, and write the value into each cell"),
        places=(Range("ごみ排出量", "A3:B3"),),
        samples=(Sample("ごみ排出量", "A3:B3", "ごみ排出量"),),
    )
    digits = Group(
        code="readable.number_as_text",
        rule="L2-01",
        level="L2",
        severity="fatal",
        blocking=False,
        whose="department",
        title=Text("数値の列に数値でないものがあります", "A column of numbers holds what is no number"),
        found=Text("「９９８」ほか 11件", "“９９８” and 10 more"),
        expected=Text("数値だけのセル", "cells that hold a number only"),
        remedy=Text("数字だけを半角で入力してください", "write digits only"),
        places=(Range("ごみ排出量", "B5:B12"), Range("ごみ排出量", "B14:B16")),
        count=11,
        samples=(Sample("ごみ排出量", "B5", "９９８", "998"), Sample("ごみ排出量", "B6", "９０２ｇ", "902")),
    )
    contract = Group(
        code="cell.integer",
        rule="",
        level="contract",
        severity="fatal",
        blocking=True,
        whose="department",
        title=Text("「排出量」の値が整数として読めません", "“Waste”: the value is no whole number"),
        found=Text("「9O2」", "“9O2”"),
        expected=Text("整数（例 902、1,234）", "a whole number, such as 902 or 1,234"),
        remedy=Text("数字だけを入力してください", "write digits only"),
        places=(Range("ごみ排出量", "B7"),),
        samples=(Sample("ごみ排出量", "B7", "9O2"),),
    )
    return Report(
        file="ごみ排出量の推移.xlsx",
        sha256="0" * 64,
        size=12345,
        kind="xlsx",
        verdict="mend",
        score=82,
        dataset="waste_per_capita",
        recognised=Recognised(
            "waste_per_capita",
            Text("1人1日あたりのごみ排出量", "Municipal waste per person per day"),
            0.96,
            Text("シート名と見出し 2/2 が一致", "sheet name and 2/2 headers agree"),
        ),
        groups=(contract, digits, merged),
        not_judged=(
            NotJudged(
                "L3-07",
                "L3",
                "low",
                Text("毎年同じ様式と、変えたときの説明", "one layout for all years, and changes documented"),
                Text("過去のファイルがないと判断できません", "can't be judged without the files of earlier years"),
            ),
        ),
        difference=Difference(
            "1.0.0",
            12,
            added=1,
            changed=1,
            removed=0,
            jumps=1,
            samples=(
                Changed("changed", "2020", Text("排出量", "Waste"), "902", "90", jump=True),
                Changed("added", "2024", Text("排出量", "Waste"), "", "860"),
            ),
        ),
    )
