"""The place where backups are kept: objects by sha256 and one numbered record for each whole backup."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path

from pipelines import durable
from pipelines.backup.history import require_continued
from pipelines.errors import ConfigurationError, StoreError
from pipelines.findings import Finding, Place
from pipelines.store import Store
from pipelines.store.store import document_json, parsed

FORMAT = "1"


@dataclass(frozen=True, slots=True)
class Contents:
    """What one backup holds. `log`: hashes of entries 1, 2, …; `objects`: those in the store; `files`: path → hash."""

    log: Sequence[str]
    objects: Sequence[str]
    files: dict[str, str] = field(default_factory=dict)

    def hashes(self) -> set[str]:
        """The hash of everything that it holds."""
        return {*self.log, *self.objects, *self.files.values()}


class Vault:
    """The backups below one folder. Whoever writes holds the folder, so that two backups take turns."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.store = Store(root)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Hold the folder, which is made where it isn't there; nobody but its owner may look into it."""
        if not self.root.is_dir():
            durable.make_folder(self.root.parent)
            self.root.mkdir(mode=0o700, exist_ok=True)
        with durable.held(self.root):
            yield

    def numbers(self) -> list[int]:
        """The numbers of the whole backups, the oldest first."""
        return sorted(int(path.stem) for path in (self.root / "backups").glob("[0-9]*.json"))

    def time(self, number: int) -> str:
        """When a backup was made, in ISO format."""
        return str(self._record(number)["time"])

    def contents(self, number: int) -> Contents:
        """What a backup holds. Raises StoreError when its record can't be trusted."""
        record = self._record(number)
        try:
            return _checked(Contents(**self.store.read_json(str(record["contents"]))))  # type: ignore[arg-type]
        except (KeyError, TypeError, ValueError, StoreError) as error:
            raise StoreError(Finding("backup.damaged", Place(file=str(self._path(number))), str(error))) from error

    def chosen(self, number: int | None) -> int:
        """A backup's number, the newest when None is asked for. Raises ConfigurationError when it is not there."""
        numbers = self.numbers()
        wanted = number if number is not None else max(numbers, default=0)
        if wanted not in numbers:
            raise ConfigurationError(Finding("backup.none", Place(file=str(self.root)), str(number or "—")))
        return wanted

    def require_continued(self, log: Sequence[str]) -> None:
        """Raise ConfigurationError unless a log goes on from what the newest backup holds."""
        if numbers := self.numbers():
            require_continued(self.contents(numbers[-1]).log, log, self.root)

    def keep(self, source: Path, sha256: str) -> int:
        """Keep a file under its hash unless it is here; the bytes that were copied. Raises StoreError if it differs."""
        if self.store.has(sha256):
            return 0
        with self.store.workshop() as workshop:
            if (found := durable.copy(source, workshop / "copy")) != sha256:
                raise StoreError(Finding("store.object_damaged", Place(file=str(source)), found))
            durable.put(workshop / "copy", self.store.address(sha256))
        return self.store.address(sha256).stat().st_size

    def finish(self, contents: Contents, time: str) -> int:
        """Give a backup, all of which is here, its number."""
        record = {"format": FORMAT, "time": time, "contents": self.store.put_json(asdict(contents))}
        number = max(self.numbers(), default=0) + 1
        with self.store.workshop() as workshop:
            durable.write(workshop / "record", document_json(record))
            durable.put(workshop / "record", self._path(number))
        return number

    def forget_all_but(self, count: int) -> None:
        """Forget the oldest backups, then every object that none of the others holds."""
        for number in self.numbers()[:-count]:
            durable.remove(self._path(number))
        held = {sha256 for number in self.numbers() for sha256 in self._all_of(number)}
        for path in objects_of(self.store):
            if path.name not in held:
                durable.remove(path)

    def _all_of(self, number: int) -> set[str]:
        return {str(self._record(number)["contents"]), *self.contents(number).hashes()}

    def _record(self, number: int) -> dict[str, object]:
        return parsed(self._path(number).read_bytes(), self._path(number))

    def _path(self, number: int) -> Path:
        return self.root / "backups" / f"{number:08d}.json"


def objects_of(store: Store) -> list[Path]:
    """The path of every object of a store."""
    return sorted(path for path in (store.root / "objects").glob("??/*") if path.is_file())


def _checked(contents: Contents) -> Contents:
    """What a record says, once no name in it leads anywhere else. Raises ValueError."""
    if not all(re.fullmatch("[0-9a-f]{64}", sha256) for sha256 in contents.hashes()):
        raise ValueError("hash")
    if not all(_is_inside(path) for path in contents.files):
        raise ValueError("path")
    return contents


def _is_inside(path: str) -> bool:
    parts = Path(path).parts
    return bool(parts) and not Path(path).is_absolute() and ".." not in parts
