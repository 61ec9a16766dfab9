"""Bytes of workbooks and text files, altered at random but by a fixed seed, read as the night reads.

`python -m tests.hostile.fuzz SECONDS SEED FOLDER` ends with 0 and prints what came of it, with 1 and the case that let
anything out but a refusal. The number of the case stands in FOLDER/case before it is read: a reader that takes the
process with it leaves it there.
"""

from __future__ import annotations

import collections
import io
import random
import resource
import sys
import time
import traceback
import warnings
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb

from tests.hostile.child import read_with
from tests.hostile.files import old_workbook
from tests.hostile.zips import book, parts, shared
from tests.kit import SHARED

MEMORY = 3 << 30
NUMBERS = [0, 1, 0x7F, 0x80, 0xFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF]
TEXTS = [
    b"1048576",
    b"XFD",
    b"-1",
    b"99999999999999999999",
    b"1e999",
    b"inf",
    b"&#0;",
    b"<",
    b">",
    b'"',
    b"\x00",
    b"\xff\xfe",
]
REAL = [
    "takamatsu-city__opendata/data/water_supply_facility/data@1525f6b.xlsx",
    "takamatsu-city__opendata/data/number_of_national_health_insurers/0096@3f3d409.xlsx",
    "openkawasaki__papamama/doc/dataSpecification.xls",
    "hkwi__kobe-opendata/import/www.city.kobe.lg.jp/life/recycle/environmental/img/nendobetu.xls",
    "Koki-Arai__waste_analysis/堺市ごみ.csv",
    "kuwayamamasayuki__konzatsu/CSV/0302空港線東行朝.csv",
]


def seeds(folder: Path) -> list[tuple[str, bytes]]:
    """Kind and bytes of the files to begin with: made ones, and real ones where they are."""
    cells = (
        '<row r="2"><c r="A2" t="s"><v>0</v></c><c r="B2"><f>A2</f><v>1.5</v></c><c r="C2" t="e"><v>#N/A</v></c></row>'
    )
    made = book(folder / "seed.xlsx", parts(cells, sharedStrings=shared("<sst><si><t>文</t></si></sst>"))).read_bytes()
    old = old_workbook(folder / "seed.xls", 40)
    text = '値,名\r\n1,"a\nb"\n\r\n2,川崎\r'.encode()
    real = [
        (path.rpartition(".")[2], (SHARED / "realdata" / path).read_bytes())
        for path in REAL
        if (SHARED / "realdata" / path).exists()
    ]
    found = [("xlsx", made), ("xls", old), ("csv", text), ("csv", text * 40_000), *real]
    return [("csv" if kind == "csv" else "workbook", content) for kind, content in found]


def mutated(content: bytes, chance: random.Random) -> bytes:
    """One to eight alterations; of a zip either of its bytes or of what is packed in one of its parts."""
    if content[:4] == b"PK\x03\x04" and chance.random() < 0.6:
        return _repacked(content, chance)
    return _altered(bytearray(content), chance)


def _altered(content: bytearray, chance: random.Random) -> bytes:
    for _ in range(chance.randint(1, 8)):
        chance.choice(ALTERATIONS)(content, chance)
    return bytes(content)


def _put_number(content: bytearray, chance: random.Random) -> None:
    at, size = _at(content, chance), chance.choice([1, 2, 4])
    content[at : at + size] = (chance.choice(NUMBERS) % (1 << 8 * size)).to_bytes(size, "little")


def _put_text(content: bytearray, chance: random.Random) -> None:
    at = _at(content, chance)
    content[at : at + chance.randint(0, 8)] = chance.choice(TEXTS)


def _flip(content: bytearray, chance: random.Random) -> None:
    if content:
        content[_at(content, chance) % len(content)] ^= 1 << chance.randrange(8)


def _cut(content: bytearray, chance: random.Random) -> None:
    at = _at(content, chance)
    del content[at : at + chance.choice([1, 16, 512, len(content)])]


def _repeat(content: bytearray, chance: random.Random) -> None:
    at, size = _at(content, chance), chance.choice([4, 64, 512])
    content[at:at] = content[at : at + size] * chance.choice([1, 2, 100])


def _at(content: bytearray, chance: random.Random) -> int:
    """Anywhere, and often in the first kilobytes, where headers and directories are."""
    return chance.randrange(len(content) + 1 if chance.random() < 0.5 else min(len(content), 4096) + 1)


ALTERATIONS: list[Callable[[bytearray, random.Random], None]] = [_put_number, _put_text, _flip, _cut, _repeat]


def _repacked(content: bytes, chance: random.Random) -> bytes:
    """The same zip with one part altered, left out, or there twice."""
    with zipfile.ZipFile(io.BytesIO(content)) as old:
        found = [(name, old.read(name)) for name in old.namelist()]
    at = chance.randrange(len(found))
    name, part = found[at]
    found[at : at + 1] = chance.choice([[], [(name, part)] * 2, *([[(name, _altered(bytearray(part), chance))]] * 8)])
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name, part in found:
            warnings.simplefilter("ignore")  # of parts that are there twice
            new.writestr(name, part)
    return made.getvalue()


def cases(folder: Path, seed: int) -> Iterator[tuple[int, str, bytes]]:
    """Number, kind and bytes of case after case, without end."""
    begun = seeds(folder)
    number = 0
    while True:
        kind, content = begun[number % len(begun)]
        yield number, kind, mutated(content, random.Random(seed * 1_000_003 + number))
        number += 1


def main(seconds: float, seed: int, folder: Path) -> int:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    outcomes: collections.Counter[str] = collections.Counter()
    until = time.monotonic() + seconds
    connection = duckdb.connect(config={"memory_limit": "1GB"})
    (folder / "workshop").mkdir(exist_ok=True)
    for number, kind, content in cases(folder, seed):
        path = folder / "case.bin"
        path.write_bytes(content)
        (folder / "case").write_text(f"{seed} {number}")
        try:
            outcomes[read_with(connection, kind, path, folder / "workshop")] += 1
        except Exception:  # noqa: BLE001  that is what is looked for
            print(f"seed {seed}, case {number} ({kind})", traceback.format_exc(), sep="\n", file=sys.stderr)
            return 1
        if time.monotonic() > until:
            break
    print(sum(outcomes.values()), dict(outcomes.most_common()))
    return 0


if __name__ == "__main__":
    sys.exit(main(float(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])))
