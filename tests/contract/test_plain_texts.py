"""What DuckDB casts alone means what the cell grammar would have made of it; all else is for the grammar."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

import duckdb
import pytest

from pipelines.contract.desk import Desk
from pipelines.contract.load import WHITE
from pipelines.contract.types import duckdb_type
from pipelines.datasets import Dataset, Field, Schema
from pipelines.findings import Place
from pipelines.reading.cells import NotReadable, canonical
from pipelines.reading.raw import Raw
from tests.reading.sheets import source_of

COUNT = 50_000
FIELDS = [
    Field.model_construct(name="value", type=kind, decimals=decimals)
    for kind, decimals in [
        *(("number", decimals) for decimals in (0, 2, 9)),
        *((kind, None) for kind in ("integer", "boolean", "year", "yearmonth", "date", "datetime", "string")),
    ]
]
PLAIN = ("0", "-12", "123.45", "999999999999999999", "2019", "2019-03", "2019-03-31", "2019-03-31T12:34:56", "true")
NEARLY = (
    "2019-01-01T24:00:00",
    "2019-12-31T23:59:60",
    "2019-03-31 (BC)",
    "20190-03-31",
    "9223372036854775807",
    "-0",
    "\xa0",
)
# What casts of DuckDB take beside plain values, or leave standing.
PARTS = (
    *"0123456789",
    *"0019",
    *"-:.T +eE_,Zft/",
    "24",
    "60",
    "13",
    "31",
    "20190",
    "infinity",
    "epoch",
    "nan",
    "today",
)
PARTS += (
    " (BC)",
    "+09",
    "true",
    "no",
    "0x1",
    "川",
    "崎 ",
    "é",
    "ー",
    "１",
    "\u3000",
    "\xa0",
    "\u2003",
    "\x85",
    "\n",
    "\t",
    "'",
)


def texts(seed: int, count: int) -> list[str]:
    """Plain values with a part or two put in, left out or in place of what was there; and parts put together."""
    dice = random.Random(seed)
    return [_built(dice) if dice.random() < 0.3 else _changed(dice) for _ in range(count)]


def _built(dice: random.Random) -> str:
    return "".join(dice.choices(PARTS, k=dice.randint(0, 6)))


def _changed(dice: random.Random) -> str:
    text = dice.choice(PLAIN)
    for _ in range(dice.randint(0, 2)):
        at = dice.randint(0, len(text))
        text = text[:at] + dice.choice(["", *PARTS]) + text[at + dice.randint(0, 2) :]
    return text


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    """One for all: to open one takes longer than all that is asked of it."""
    with duckdb.connect(config={"threads": 1}) as opened:
        yield opened


def plain(
    connection: duckdb.DuckDBPyConnection, field: Field, texts: Sequence[str], missing: Sequence[str]
) -> dict[str, object]:
    """The texts that DuckDB casts alone, with their values."""
    connection.execute("CREATE OR REPLACE TEMP TABLE t AS SELECT unnest(?::VARCHAR[]) AS value", [list(texts)])
    schema = Schema.model_construct(fields=[field], primaryKey=["value"])
    source = source_of("csv", columns={"value": ["値"]}, missing=list(missing))
    desk = Desk.of(connection, Raw("SELECT * FROM t", []), Dataset("x", schema, source, b"", b""), Place())
    return dict(
        connection.execute(f"SELECT value, {desk.plain(field)} FROM t r WHERE NOT {desk.odd(field)}").fetchall()
    )


def meant(field: Field, text: str, missing: Sequence[str]) -> str:
    """The text that the grammar makes of a text, empty for no value; `refused` where it makes nothing of it."""
    text = text.strip(WHITE)
    try:
        return "" if text in {"", *missing} else canonical(field.type, text, decimals=field.decimals or 0)
    except NotReadable:
        return "refused"


def require_alike(
    connection: duckdb.DuckDBPyConnection, field: Field, texts: Sequence[str], missing: Sequence[str] = ()
) -> None:
    """Fail at a text that DuckDB casts and the grammar refuses, or takes for something else."""
    found = plain(connection, field, texts, missing)
    grammar = [meant(field, text, missing) for text in found]
    values = connection.execute(
        f"SELECT TRY_CAST(nullif(value, '') AS {duckdb_type(field)}) FROM (SELECT unnest(?::VARCHAR[]) AS value)",
        [grammar],
    )
    expected = [value for (value,) in values.fetchall()]
    wrong = [
        (text, value, said)
        for (text, value), said, right in zip(found.items(), grammar, expected, strict=True)
        if said == "refused" or value != right
    ]
    assert wrong == []


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: f"{field.type}{field.decimals or ''}")
def test_every_text_that_duckdb_casts_alone_means_the_same_to_the_grammar(
    connection: duckdb.DuckDBPyConnection, field: Field
) -> None:
    """Whatever stands in a long file is published as it would be from a short one with an odd text in it."""
    require_alike(connection, field, sorted({*PLAIN, *NEARLY, *texts(1, COUNT)}))


@pytest.mark.parametrize("field", FIELDS, ids=lambda field: f"{field.type}{field.decimals or ''}")
def test_what_stands_for_no_value_is_none_though_it_looks_like_one(
    connection: duckdb.DuckDBPyConnection, field: Field
) -> None:
    """9999 for a year that nobody knows, 0000 for a code, `true` in a table that says so."""
    require_alike(connection, field, PLAIN, missing=[*PLAIN, "-", "…"])
