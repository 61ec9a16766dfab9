"""A catalogue that is a folder of static files.

    catalogue.json                       the index
    <name>/<name>.csv …                  stable addresses: links that go through `current`
    <name>/datapackage.json              names the immutable files of one release, with their hashes
    <name>/current                       a link to releases/<version>; replacing it is the publication
    <name>/releases/<version>/…          immutable

All stable addresses of a dataset change in the one rename of `current`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from pipelines import durable
from pipelines.catalogue.index import entries_of, index_of
from pipelines.catalogue.interface import Action, Wanted
from pipelines.errors import CatalogueError
from pipelines.findings import Finding, Place
from pipelines.release.record import STABLE
from pipelines.store.store import document_json

INDEX = "catalogue.json"
WORKSHOP = ".workshop"


class FolderCatalogue:
    """The catalogue below `root`, made when it isn't there."""

    title = "folder"

    def __init__(self, root: Path) -> None:
        self.root = root

    def differences(self, wanted: Mapping[str, Wanted]) -> list[Action]:
        """The datasets that are not shown as they should be, and the index if it isn't current."""
        found = [action for name, want in wanted.items() if (action := self._difference(name, want))]
        if self._read_index() != self._index(wanted, [action.name for action in found]):
            found.append(Action(INDEX, "index"))
        return found

    def publish(self, look: Callable[[], Mapping[str, Wanted]], names: Sequence[str]) -> list[Action]:
        """Show the named datasets as wanted, then the index. Publishers of one folder take turns."""
        done = []
        durable.make_folder(self.root)
        with durable.held(self.root), durable.workshop(self.root / WORKSHOP) as workshop:
            wanted = look()
            for name in names:
                if name in wanted and (action := self._difference(name, wanted[name])):
                    self._show(name, wanted[name], workshop)
                    done.append(action)
            done.extend(self._show_index(wanted, workshop))
        return done

    def _difference(self, name: str, want: Wanted) -> Action | None:
        current = self.root / name / "current"
        if not current.is_symlink():
            return Action(name, "absent")
        if current.readlink() != Path(f"releases/{want.ref.version}"):
            return Action(name, "outdated")
        return None if self._is_whole(name, want) else Action(name, "damaged")

    def _is_whole(self, name: str, want: Wanted) -> bool:
        """Whether every file is as it was released, and the stable addresses lead to these files and no others."""
        folder, release = self.root / name, self._release(name, want)
        shown = (folder / "current").lstat().st_ctime_ns
        if not all(_is_as_released(release / path, facts, shown) for path, facts in want.manifest.files.items()):
            return False
        return _found(folder) == _links(want)

    def _release(self, name: str, want: Wanted) -> Path:
        return self.root / name / "releases" / want.ref.version

    def _show(self, name: str, want: Wanted, workshop: Path) -> None:
        """Build the release aside, settle it, make the stable addresses, and turn `current` over."""
        folder = self.root / name
        if self._release(name, want).is_dir():
            self._mend(want, self._release(name, want), workshop)
        for missing in self._missing(name, want):
            durable.settle(
                self._built(missing, workshop / f"{name}-{missing.ref.version}"), self._release(name, missing)
            )
        for stable, target in _links(want).items():
            _link(folder / stable, target, workshop)
        _link(folder / "current", f"releases/{want.ref.version}", workshop)
        for stable in _found(folder).keys() - _links(want).keys():  # a file that this release does not have
            durable.remove(folder / stable)

    def _missing(self, name: str, want: Wanted) -> list[Wanted]:
        """The release, and those before it, that have no folder yet, the oldest first.

        A night that was killed between log and catalogue has not shown what it made, and the next one may have
        something newer. What the log names stands at its address all the same.
        """
        found: list[Wanted] = []
        release: Wanted | None = want
        while release and not self._release(name, release).is_dir():
            found.insert(0, release)
            release = release.before
        return found

    def _built(self, want: Wanted, folder: Path) -> Path:
        folder.mkdir()
        for path in want.manifest.files:
            _copy(want, path, folder / path)
        return folder

    def _mend(self, want: Wanted, release: Path, workshop: Path) -> None:
        """Put right, file by file, what is not as it was released; a reader never misses one meanwhile."""
        for path in want.manifest.files:
            if not (release / path).is_file() or durable.sha256_of(release / path) != want.manifest.file(path):
                _copy(want, path, workshop / path)
                durable.replace(workshop / path, release / path)

    def _read_index(self) -> bytes:
        path = self.root / INDEX
        return path.read_bytes() if path.is_file() else b""

    def _index(self, wanted: Mapping[str, Wanted], not_shown: Sequence[str]) -> bytes:
        """What the index should be now. Where the wanted release is not shown, an older entry stays true as it is."""
        shown = {name: want for name, want in wanted.items() if name not in not_shown}
        kept = {name: entry for name, entry in entries_of(self._read_index()).items() if name in wanted}
        return document_json(index_of(shown, kept))

    def _show_index(self, wanted: Mapping[str, Wanted], workshop: Path) -> list[Action]:
        content = self._index(wanted, [name for name, want in wanted.items() if self._difference(name, want)])
        if self._read_index() == content:
            return []
        durable.write(workshop / INDEX, content)
        durable.replace(workshop / INDEX, self.root / INDEX)
        return [Action(INDEX, "index")]


def _links(want: Wanted) -> dict[str, str]:
    """Stable address → where its link leads."""
    files = {path: f"current/{path}" for path in want.manifest.files if path not in {STABLE, "datapackage.json"}}
    return {**files, "datapackage.json": f"current/{STABLE}"}


def _found(folder: Path) -> dict[str, str]:
    """The stable addresses that a dataset's folder has → where their links lead."""
    links = {path.name: str(path.readlink()) for path in folder.iterdir() if path.is_symlink()}
    return {name: target for name, target in links.items() if target.startswith("current/")}


def _is_as_released(path: Path, facts: Mapping[str, object], shown: int) -> bool:
    """Whether a file has the released bytes; they are read only when it changed after it was shown."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return False
    if found.st_size != facts["bytes"]:
        return False
    return found.st_ctime_ns <= shown or durable.sha256_of(path) == facts["sha256"]


def _link(path: Path, target: str, workshop: Path) -> None:
    """Let a name lead to a target, in one step, unless it already does."""
    if path.is_symlink() and path.readlink() == Path(target):
        return
    aside = workshop / "link"
    aside.unlink(missing_ok=True)
    aside.symlink_to(target)
    durable.replace(aside, path)


def _copy(want: Wanted, path: str, to: Path) -> None:
    """Copy a file out of the store. Raises CatalogueError when it is not what was released."""
    found = durable.copy(want.path(path), to)
    if found != want.manifest.file(path):
        raise CatalogueError(Finding("store.object_damaged", Place(file=str(want.path(path))), found))
