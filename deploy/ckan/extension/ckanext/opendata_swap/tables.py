"""What a DataStore table is made of, and the names that CKAN gives to its parts."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import sqlalchemy as sa
from ckan.plugins import toolkit
from sqlalchemy.engine import Connection, CursorResult, Engine


@dataclass(frozen=True)
class Index:
    """An index: the statement that makes it, its columns where it has no expressions, whether it is that of `_id`."""

    name: str
    definition: str
    columns: tuple[str, ...] | None
    primary: bool


def quoted(name: str) -> str:
    """A name for SQL."""
    return '"' + name.replace('"', '""') + '"'


def execute(connection: Connection, sql: str) -> CursorResult:
    """Run SQL exactly as it stands: names of columns may hold colons and percent signs."""
    return connection.exec_driver_sql(sql, execution_options={"no_parameters": True})


def is_table(engine: Engine, name: str) -> bool:
    """Whether that is a table, and not a view."""
    query = sa.text("SELECT 1 FROM pg_tables WHERE schemaname = 'public' AND tablename = :name")
    with engine.connect() as connection:
        return connection.execute(query, {"name": name}).first() is not None


def columns(connection: Connection, table: str) -> dict[str, str]:
    """Its columns with their types, in order, without CKAN's own."""
    query = """SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute
        WHERE attrelid = CAST(:table AS regclass) AND attnum > 0 AND NOT attisdropped ORDER BY attnum"""
    found = connection.execute(sa.text(query), {"table": quoted(table)})
    return {name: kind for name, kind in found if not name.startswith("_")}


def indexes(connection: Connection, table: str) -> list[Index]:
    """Its indexes, that of `_id` included."""
    query = """SELECT c.relname, pg_get_indexdef(i.indexrelid), i.indisprimary,
            CASE WHEN 0 = ANY(i.indkey) THEN NULL ELSE ARRAY(
                SELECT a.attname FROM unnest(i.indkey) WITH ORDINALITY AS k(number, place)
                JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.number ORDER BY k.place)::text[] END
        FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE i.indrelid = CAST(:table AS regclass)"""
    found = connection.execute(sa.text(query), {"table": quoted(table)})
    return [Index(name, made, tuple(names) if names else None, primary) for name, made, primary, names in found]


def index_name(table: str, fields: str) -> str:
    """The name that CKAN gives an index (ckanext/datastore/backend/postgres.py, `_generate_index_name`)."""
    return hashlib.sha1(f"{table}{fields}".encode()).hexdigest()  # noqa: S324 (CKAN's choice; nothing secret)


def index_renames(connection: Connection, old: str, new: str, under: str) -> dict[str, str]:
    """Which indexes, named by CKAN after table `old`, are to be named after `new`. `under`: the table's name now.

    CKAN looks for its indexes by name: under another name it would make each of them a second time.
    """
    language = "'" + str(toolkit.config.get("ckan.datastore.default_fts_lang")) + "'"
    texts = [f"to_tsvector({language}, {quoted(name)})" for name in columns(connection, under)]
    casts = [f"to_tsvector({language}, cast({quoted(name)} AS text))" for name in columns(connection, under)]
    renames = {}
    for index in indexes(connection, under):
        plain = [", ".join(map(quoted, index.columns))] if index.columns else texts + casts
        known = {index_name(old, fields): index_name(new, fields) for fields in plain}
        target = f"{new}_pkey" if index.primary else known.get(index.name)
        if target and target != index.name:
            renames[index.name] = target
    return renames
