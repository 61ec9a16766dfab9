"""Secrets to plant, in every form that they could leak in, and a search through files of every kind."""

from __future__ import annotations

import base64
import gzip
import io
import re
import sqlite3
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import quote, unquote

import pyarrow as pa
import pyarrow.parquet as pq

# Each has letters that an address quotes; in an address they stand quoted.
PLANTED = {
    "ckan": "planted-ckan.q7Zx/4+kT",
    "front": "planted-front.K6j%2F5%2BmE",
    "webhook": "planted-webhook.J3v%2F9%2BsW",
    "smtp": "planted-smtp.M8c%2F2%2BhR",
    "postgres": "planted-postgres.H2w%2F8%2BcP",
    "token": "planted-token.B5n/6+yD",
    "address": "planted-address.L1p%2F7%2BgF",
    "query": "planted-query.X4d%2F3%2BuE",
}


def variants(secret: str) -> list[bytes]:
    """A secret as it is, quoted and unquoted, in hex, and in Base64 at each of the three places where it can begin."""
    plain = {secret, unquote(secret), quote(unquote(secret), safe="")}
    found = {text.encode() for text in plain} | {text.encode().hex().encode() for text in plain}
    found |= {unquote(secret).encode("utf-16-le")}
    for text in plain:
        for shift in range(3):
            coded = base64.b64encode(b"\0" * shift + text.encode())
            found.add(coded[-(-shift * 8 // 6) + (shift > 0) : -4])  # what depends on neighbours is left out
    return sorted(found)


FORMS = {name: re.compile(b"|".join(map(re.escape, variants(secret)))) for name, secret in PLANTED.items()}


def found_in(text: bytes) -> list[str]:
    """The secrets that a text has."""
    return [name for name, form in FORMS.items() if form.search(text)]


def texts_of(root: Path) -> Iterator[tuple[str, bytes]]:
    """Every file below a folder by its path, and besides what is packed in it, after `!`."""
    for path in sorted(root.rglob("*")):
        if path.is_file() and not path.is_symlink():
            name, content = path.relative_to(root).as_posix(), path.read_bytes()
            yield name, content
            for part, text in _inside(path, content):
                yield f"{name}!{part}", text


def _inside(path: Path, content: bytes) -> Iterator[tuple[str, bytes]]:
    if content.startswith(b"SQLite format 3\0"):
        yield from _of_database(path)
    elif content.startswith(b"PAR1"):
        table = pq.read_table(io.BytesIO(content))
        yield "rows", str(table.to_pylist()).encode()
        yield "metadata", str(table.schema).encode() + str(table.schema.metadata).encode()
    elif content.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            yield from ((name, archive.read(name)) for name in archive.namelist())
    elif content.startswith(b"\x1f\x8b"):
        yield "unpacked", gzip.decompress(content)


def _of_database(path: Path) -> Iterator[tuple[str, bytes]]:
    """Every value of every table, compressed ones unpacked."""
    with closing(sqlite3.connect(path)) as database:
        for (table,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall():
            for row in database.execute(f'SELECT * FROM "{table}"'):
                for value in row:
                    text = value if isinstance(value, bytes) else str(value).encode()
                    yield table, text
                    yield from ((f"{table} unpacked", unpacked) for unpacked in _unpacked(text))


def _unpacked(text: bytes) -> Iterator[bytes]:
    for candidate in (text, bytes.fromhex(text.decode()) if re.fullmatch(rb"(?:[0-9a-f]{2})+", text) else b""):
        try:
            yield zlib.decompress(candidate)
        except zlib.error:
            continue


def children(pid: int) -> set[bytes]:
    """The command lines of a process and all below it."""
    found = set()
    try:
        found.add(Path(f"/proc/{pid}/cmdline").read_bytes())
        for task in Path(f"/proc/{pid}/task").iterdir():
            for child in (task / "children").read_text().split():
                found |= children(int(child))
    except OSError:
        pass  # it has ended meanwhile
    return found


def hide(form: bytes, folder: Path) -> None:
    """Put a form of a secret into a file of every kind."""
    folder.mkdir()
    (folder / "plain.txt").write_bytes(b"before" + form + b"after")
    pq.write_table(pa.table({"a": [form.decode("latin-1")]}), folder / "table.parquet", compression="zstd")
    with zipfile.ZipFile(folder / "archive.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("part", form * 3)
    (folder / "packed.gz").write_bytes(gzip.compress(form))
    with closing(sqlite3.connect(folder / "records.db")) as database:
        database.execute("CREATE TABLE snapshots (body BLOB)")
        database.execute("INSERT INTO snapshots VALUES (?)", (zlib.compress(form),))
        database.commit()
