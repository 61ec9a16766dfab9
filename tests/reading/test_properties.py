"""However a figure, a date or a table is written, it reads back exactly; anything else is refused, never guessed."""

from __future__ import annotations

import datetime as dt
import io
import tempfile
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipelines.reading import bulk, eras
from pipelines.reading.cells import NotReadable, canonical
from tests.reading.sheets import addressed, source_of, workbook

WIDE = str.maketrans("0123456789./-", "０１２３４５６７８９．／－")
DAYS = st.dates(dt.date(1873, 1, 1), dt.date(2199, 12, 31))
FORMS = [
    "{y}-{m:02}-{d:02}",
    "{y}/{m}/{d}",
    "{y}年{m}月{d}日",
    "{y}.{m}.{d}",
    "{era}{n}年{m}月{d}日",
    "{letter}{n}.{m}.{d}",
]
FIGURES = st.decimals(Decimal(-99999999999), Decimal(99999999999), places=3)


def written(day: dt.date, form: str) -> str:
    era = next(era for era in reversed(eras.ERAS) if era.first <= day)
    count = day.year - era.first.year + 1
    return form.format(y=day.year, m=day.month, d=day.day, era=era.name, letter=era.letter, n=count)


@given(DAYS, st.sampled_from(FORMS), st.booleans())
def test_every_day_reads_back_in_every_form(day: dt.date, form: str, wide: bool) -> None:
    """Both calendars, half and full width."""
    if "{n}" in form and day.year - 2019 + 1 > 99:
        return  # no era has been that long, and two digits are what is read
    text = written(day, form)
    assert canonical("date", text.translate(WIDE) if wide else text) == day.isoformat()


@given(FIGURES, st.integers(0, 14), st.characters(categories=["Lu", "Ll", "Lo"], exclude_characters="兆億万千百十"))
def test_a_letter_in_a_figure_is_never_read_over(figure: Decimal, at: int, letter: str) -> None:
    """9O2 and 1l are no figures, wherever the letter stands and whatever it looks like."""
    text = f"{figure:f}"
    text = text[: at % (len(text) + 1)] + letter + text[at % (len(text) + 1) :]
    with pytest.raises(NotReadable):
        canonical("number", text, decimals=3)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(FIGURES, min_size=1, max_size=20))
def test_every_figure_comes_back_from_a_workbook(figures: list[Decimal]) -> None:
    """As a number or as text, in an .xlsx that another program wrote."""
    with tempfile.TemporaryDirectory() as folder:
        rows = [["数", "文"], *([float(figure), f"{figure:,f}"] for figure in figures)]
        path = workbook(Path(folder) / "x.xlsx", rows)
        for row, figure in zip(
            addressed(source_of(columns={"number": "数", "text": "文"}), path), figures, strict=True
        ):
            assert {Decimal(canonical("number", row[name][0], decimals=3)) for name in row} == {figure}


FIELDS = st.text(st.sampled_from('a川,"\n '), max_size=6)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.tuples(st.integers(0, 999), FIELDS), min_size=1, max_size=12),
    st.lists(st.sampled_from(["\n", "\r\n", "\r"]), min_size=14, max_size=14),
)
def test_short_and_long_text_files_are_read_alike(records: list[tuple[int, str]], ends: list[str]) -> None:
    """DuckDB and the grid give the same texts at the same addresses, whatever the records end with."""
    text = io.StringIO()
    text.write("数,文" + ends[-1])
    for (number, field), end in zip(records, ends, strict=False):
        text.write(f'{number},"' + field.replace('"', '""') + f'"{end}')
    found = []
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        path = Path(folder) / "x.csv"
        path.write_bytes(text.getvalue().encode())
        for bound in (0, 1 << 30):
            patch.setattr(bulk, "BULK_BYTES", bound)
            found.append(list(addressed(source_of("csv", columns={"number": "数", "text": "文"}), path)))
    assert found[0] == found[1]
    assert [row["text"][0] for row in found[0]] == [field for _, field in records]
