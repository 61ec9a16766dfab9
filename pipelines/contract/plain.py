"""Type a table on the guess that every text is simply its value, which is so for nearly every long one."""

from __future__ import annotations

from pipelines.contract.desk import Desk
from pipelines.contract.typed import sort
from pipelines.reading.read import Stream
from pipelines.sqltext import identifier


def type_plain(desk: Desk) -> bool:
    """Type the rows into `_typed`, in order; whether the guess was right. One pass over the delivery."""
    if desk.raw.stream is not None:
        return _type_stream(desk, desk.raw.stream)
    casts = ", ".join([*_values(desk), desk.hidden, f"({_odd(desk)}) AS _odd"])
    sort(desk.connection, f"SELECT {casts} FROM {_once(desk, desk.raw.relation)} r", desk.order)
    return desk.connection.execute("SELECT coalesce(bool_or(_odd), false) FROM _typed").fetchone() == (False,)


def _type_stream(desk: Desk, stream: Stream) -> bool:
    """The same of a long text file, whose rows have no number yet.

    DuckDB numbers rows of a text file with one thread only. So all threads type the file into a table, in its order,
    and the number of a row is its place in there. Nothing may be joined here, nor a long IN be used, which is a join:
    DuckDB keeps the order of rows only without. What does not fit in memory spills.
    """
    columns = ", ".join([*_values(desk), "r._shown", f"({_odd(desk)}) AS _odd"])
    query = f"SELECT {columns} FROM {_once(desk, stream.relation)} r"
    desk.connection.execute(f"CREATE OR REPLACE TEMP TABLE _stream AS {query}")
    odd = desk.connection.execute("SELECT coalesce(bool_or(_odd AND _shown), false) FROM _stream").fetchone()
    if is_plain := odd == (False,):
        numbered = (
            f"SELECT * EXCLUDE (_shown, _odd), 0 AS _part, rowid + {stream.first} AS _row FROM _stream WHERE _shown"
        )
        sort(desk.connection, numbered, desk.order)
    desk.connection.execute("DROP TABLE _stream")
    return is_plain


def _once(desk: Desk, relation: str) -> str:
    """SQL: the rows with `_cast_<field>` beside each text, so that every text is cast just once."""
    casts = [f"{desk.plain(f)} AS {identifier(f'_cast_{f.name}')}" for f in desk.fields]
    return f"(SELECT {', '.join(['r.*', *casts])} FROM ({relation}) r)"


def _values(desk: Desk) -> list[str]:
    return [f"r.{identifier(f'_cast_{f.name}')} AS {identifier(f.name)}" for f in desk.fields]


def _odd(desk: Desk) -> str:
    """SQL: whether any text of a row is not simply its value."""
    return " OR ".join(desk.odd(field, f"r.{identifier(f'_cast_{field.name}')}") for field in desk.fields)
