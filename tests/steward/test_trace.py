"""A published figure leads to the text of its own cell, and to the reason of a correction that was its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.steward.trace import Origin, trace
from tests.hand.wards import NAME, SOURCE, deliver, figures, made
from tests.kit import Town, result


def origin(town: Town, ward: str) -> Origin:
    """Where the visits of a ward in 2021 come from."""
    row = trace(town.open(), NAME, ["2021", ward])
    found = next(value.origin for value in row.values if value.field == "visits")
    assert found
    return found


def say(town: Town, source: str) -> None:
    (town.root / "sources" / f"{NAME}.yaml").write_text(SOURCE + source, encoding="utf-8")


def test_a_correction_is_told_of_the_row_that_was_corrected_and_of_no_other(tmp_path: Path) -> None:
    """Another ward has the same text and is right."""
    town = made(tmp_path, "guards: off\n")
    deliver(town, figures() | {(2021, "17"): 5, (2021, "16"): 5})
    correction = '{where: {year: "2021", ward: "17"}, field: visits, expect: "5", set: "1191", reason: 転記誤り}'
    say(town, f"corrections: [{correction}]\n")
    assert result(town.night(), NAME).outcome == "published"
    assert [(origin(town, ward).text, origin(town, ward).correction) for ward in ("17", "16")] == [
        ("5", "転記誤り"),
        ("5", ""),
    ]


def test_a_correction_of_what_was_corrected_is_told_too(tmp_path: Path) -> None:
    """The second looks for its row, and for the text that it expects, in what the first has made."""
    town = made(tmp_path, "guards: off\n")
    deliver(town, figures() | {(2021, "l7"): 5, (2021, "16"): 5})
    say(
        town,
        "corrections:\n"
        '  - {where: {year: "2021", ward: l7}, field: ward, expect: l7, set: "18", reason: 小文字のエル}\n'
        '  - {where: {year: "2021", ward: "18"}, field: visits, expect: "5", set: "6", reason: 転記誤り}\n',
    )
    assert result(town.night(), NAME).outcome == "published"
    assert (origin(town, "18").text, origin(town, "18").correction) == ("5", "転記誤り")
    assert origin(town, "16").correction == ""


@pytest.mark.parametrize(
    ("source", "encoding", "delimiter"),
    [
        ("", "utf-8", ","),
        ("encoding: cp932\n", "cp932", ","),
        ("encoding: utf-16\n", "utf-16", ","),
        ('delimiter: "\\t"\n', "utf-8", "\t"),
        ('encoding: cp932\ndelimiter: ";"\n', "cp932", ";"),
    ],
)
def test_a_cell_of_a_text_file_is_the_one_that_was_read(
    tmp_path: Path, source: str, encoding: str, delimiter: str
) -> None:
    """In whatever encoding, and whatever stands between two cells."""
    town = made(tmp_path)
    path = town.delivery(NAME)
    path.write_bytes(path.read_text("utf-8").replace(",", delimiter).encode(encoding))
    say(town, source)
    assert result(town.night(), NAME).outcome == "published"
    assert origin(town, "17").text == str(figures()[2021, "17"])
