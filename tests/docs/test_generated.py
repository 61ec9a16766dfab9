"""Generated documents are current, and the registry of findings has no gap."""

from __future__ import annotations

import re
from typing import get_args

import pytest

from pipelines.documents import documents
from pipelines.findings import Finding, Place, Rule
from pipelines.findings_registry import REGISTRY
from pipelines.reading.cells import Code, NotReadable, canonical
from pipelines.settings import REPOSITORY

FAMILIES = (
    "config|setting|name|new|source|file|csv|sheet|header|cell|constraint|key|rule|correction|input|derived|store|catalogue"
    "|backup|health|records|telling|verify|guard|approval|backfill|rollback|takedown|reader"
)
CODE = re.compile(rf"[\"']((?:{FAMILIES})\.[a-z_]+|many|bug)[\"']")


@pytest.mark.parametrize("name", sorted(documents()))
def test_generated_documents_are_current(name: str) -> None:
    """`opendata schema` would change nothing."""
    assert (REPOSITORY / "docs" / name).read_text(encoding="utf-8") == documents()[name]


def codes_in_the_program() -> set[str]:
    """Every code that stands as a literal in the program, and those that cells are refused with."""
    texts = [
        p.read_text("utf-8") for p in (REPOSITORY / "pipelines").rglob("*.py") if p.parent.name != "findings_registry"
    ]
    codes = {code for text in texts for code in CODE.findall(text)} | {f"cell.{code}" for code in get_args(Code)}
    return codes - {"takedown.json", "catalogue.json", "catalogue.jsonld", "catalogue.ttl"}  # files


def test_every_code_of_the_program_is_in_the_registry() -> None:
    """No finding is raised that nobody can look up."""
    assert codes_in_the_program() <= set(REGISTRY)


def test_every_code_of_the_registry_is_in_the_program() -> None:
    """No rule stands in the registry that nothing raises."""
    made = {code for code in REGISTRY if code.startswith(("constraint.", "key.", "rule."))}  # put together in rules.py
    assert set(REGISTRY) - made <= codes_in_the_program()


@pytest.mark.parametrize("rule", REGISTRY.values(), ids=lambda rule: rule.code)
def test_every_rule_speaks_both_languages(rule: Rule) -> None:
    """Title, expectation and remedy stand in Japanese and English, with the same places to fill."""
    for text in (rule.title, rule.expected, rule.remedy):
        assert text.ja
        assert text.en
    assert rule.bad != rule.good or rule.code == "rule.sql"


class Anything(dict[str, str]):
    def __missing__(self, key: str) -> str:
        return f"<{key}>"


@pytest.mark.parametrize("rule", REGISTRY.values(), ids=lambda rule: rule.code)
def test_every_rule_names_place_expected_and_remedy(rule: Rule) -> None:
    """A finding's one line has its code, and in each language what was expected and what to do."""
    finding = Finding(rule.code, found="x", facts=Anything())
    expected = "正しい形：" if rule.code.startswith("cell.") else "条件："
    for language, words in (("ja", (expected, "対応：")), ("en", ("Expected: ", "Remedy: "))):
        text = finding.text(language)
        assert rule.code in text
        assert all(word in text for word in words)


KINDS = {"number": 1, "integer": 0, "decimals": 1, "year": 0, "yearmonth": 0, "date": 0, "datetime": 0, "boolean": 0}


@pytest.mark.parametrize("code", sorted(KINDS))
def test_cell_examples_are_what_they_say(code: str) -> None:
    """The bad example of a cell's rule is refused with that very code and the good one is read."""
    rule = REGISTRY[f"cell.{code}"]
    kind = "number" if code == "decimals" else code
    with pytest.raises(NotReadable) as refused:
        canonical(kind, rule.bad, decimals=KINDS[code])  # type: ignore[arg-type]
    assert refused.value.code == code
    assert canonical(kind, rule.good, decimals=KINDS[code])  # type: ignore[arg-type]


def test_a_finding_reads_as_a_sentence() -> None:
    """Each language has its own signs and quotes; what has no place begins with what is wrong."""
    cell = Finding(
        "cell.integer", Place("waste", cell="B6"), "9O2", {"field_ja": "排出量", "field_en": "Waste"}, count=2
    )
    assert cell.text("ja").startswith(
        "[cell.integer] waste ▸ B6：「排出量」の値を整数として読み取れません（2件）。"
        "正しい形：整数（例 902、1,234）。入力値：「9O2」。対応：数字だけを入力してください。"
    )
    assert cell.text("ja").endswith("確かめてください。")
    assert "Expected: a whole number, such as 902 or 1,234. Found: “9O2”. Remedy: write" in cell.text("en")
    night = Finding("health.night", found="2026-11-20", facts={"hours": "26"})
    assert night.text("ja").startswith("[health.night] 夜間処理が")
    assert night.text("en").startswith("[health.night] No night")
    assert "実際：「2026-11-20」。" in night.text("ja")
