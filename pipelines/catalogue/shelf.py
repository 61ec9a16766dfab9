"""Public files that are made of releases, shown so that all addresses of a folder change in one step.

    <folder>/current                          a link to one view; replacing it is the publication
    <folder>/index.html …                     stable addresses: links that go through `current`
    <folder>/.views/<label>-<key>-<digest>/   a view: files, links to released files, and `view.json` with their hashes

The name of a view says what it was made of (`key`) and what it holds (`digest`, of `view.json`). So whoever looks can
tell from the name whether a view is current, and from its record whether it is whole, without making it again. A view
never changes. The one that was shown before stays, for readers who are just following a link; older ones go.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pipelines import durable
from pipelines.catalogue.producer import Item, Link
from pipelines.store.store import document_json

VIEWS = ".views"
RECORD = "view.json"
_SHORT = 16

Fault = Literal["absent", "outdated", "damaged"]


@dataclass(frozen=True, slots=True)
class Plan:
    """A view that should be shown: what it is called, what it is made of, and stable addresses with other targets.

    `keeps` whether the view before it stays for a while; it may have what was taken down since.
    """

    label: str
    key: str
    aliases: Mapping[str, str]
    keeps: bool = True

    @property
    def stem(self) -> str:
        """How the name of the view begins."""
        return f"{self.label}-{self.key[:_SHORT]}-"


@dataclass(frozen=True, slots=True)
class _Record:
    """What a view holds: hashed files, links, and the stable addresses that lead into it."""

    files: Mapping[str, Mapping[str, object]]
    links: Mapping[str, str]
    addresses: Mapping[str, str]


class Shelf:
    """A folder of stable addresses, and the views behind them."""

    def __init__(self, root: Path, name: str = "", link: str = "current") -> None:
        self.folder = root / name
        self._link = link
        self._up = "../" * (2 + bool(name))

    def fault(self, plan: Plan) -> Fault | None:
        """Why the view that is shown is not the planned one, whole; None when it is."""
        if (shown := self._shown()) is None:
            return "absent"
        if not shown.name.startswith(plan.stem):
            return "outdated"
        return None if self._is_whole(shown, plan) else "damaged"

    def turn(self, plan: Plan, items: Mapping[str, Item], workshop: Path) -> None:
        """Build the view aside, settle it, make the stable addresses, and turn `current` over to it."""
        before = self._shown()
        built = workshop / f"view-{self.folder.name}"
        record = self._build(built, items, plan.aliases)
        view = self.folder / VIEWS / (plan.stem + _digest((built / RECORD).read_bytes()))
        if view.is_dir():
            self._mend(built, view, record)
        else:
            durable.settle(built, view)
        self._lead_to(view, record, workshop)
        kept = {view.name, self._before(view, before)} if plan.keeps else {view.name}
        for stale in sorted(_views(self.folder) - kept):
            durable.remove(self.folder / VIEWS / stale)

    def _before(self, view: Path, shown: Path | None) -> str:
        """The name of the view to keep beside a new one: the one that was shown, else the newest other."""
        if shown and shown != view:
            return shown.name
        others = _views(self.folder) - {view.name}
        return max(others, key=lambda name: (self.folder / VIEWS / name).lstat().st_ctime_ns, default="")

    def _shown(self) -> Path | None:
        """The view that `current` leads to."""
        current = self.folder / self._link
        target = current.readlink() if current.is_symlink() else None
        return self.folder / target if target and target.parent == Path(VIEWS) else None

    def _is_whole(self, view: Path, plan: Plan) -> bool:
        """Whether a view has all that its record says, the addresses lead into it, and at most one other is left."""
        record = _read(view)
        if record is None or len(_views(self.folder)) > 1 + plan.keeps:
            return False
        shown = (self.folder / self._link).lstat().st_ctime_ns
        files = all(is_as_recorded(view / path, facts, shown) for path, facts in record.files.items())
        links = all(_leads(view / path, target) for path, target in record.links.items())
        return files and links and found_addresses(self.folder, self._link) == record.addresses

    def _build(self, folder: Path, items: Mapping[str, Item], aliases: Mapping[str, str]) -> _Record:
        """Write a view and its record into a workshop."""
        links = {path: self._relative(path, item.target) for path, item in items.items() if isinstance(item, Link)}
        contents = {path: item for path, item in items.items() if not isinstance(item, Link)}
        durable.fill(folder, contents, links)
        files = {path: _facts(folder / path) for path in sorted(contents)}
        record = _Record(files, links, self._addresses(items, aliases))
        document = {"files": files, "links": dict(sorted(links.items())), "addresses": record.addresses}
        durable.write(folder / RECORD, document_json(document))
        return record

    def _relative(self, path: str, target: str) -> str:
        """A link's text: up to the root of the catalogue, and down again."""
        return "../" * path.count("/") + self._up + target

    def _addresses(self, items: Mapping[str, Item], aliases: Mapping[str, str]) -> dict[str, str]:
        tops = sorted({path.partition("/")[0] for path in items} - set(aliases.values()))
        return {top: f"{self._link}/{aliases.get(top, top)}" for top in tops}

    def _mend(self, built: Path, view: Path, record: _Record) -> None:
        """Put right what differs in a view that was made before; a reader never misses a file meanwhile."""
        for path in [*record.files, *record.links, RECORD]:
            if not _is_same(built / path, view / path):
                durable.make_folder((view / path).parent)
                durable.replace(built / path, view / path)

    def _lead_to(self, view: Path, record: _Record, workshop: Path) -> None:
        for address, target in record.addresses.items():
            lead(self.folder / address, target, workshop)
        lead(self.folder / self._link, f"{VIEWS}/{view.name}", workshop)
        for address in found_addresses(self.folder, self._link).keys() - record.addresses.keys():
            durable.remove(self.folder / address)


def lead(path: Path, target: str, workshop: Path) -> None:
    """Let a name lead to a target, in one step, unless it already does."""
    if _leads(path, target):
        return
    aside = workshop / "link"
    aside.unlink(missing_ok=True)
    aside.symlink_to(target)
    durable.replace(aside, path)


def found_addresses(folder: Path, link: str = "current") -> dict[str, str]:
    """The stable addresses that a folder has → where their links lead."""
    links = {path.name: str(path.readlink()) for path in folder.iterdir() if path.is_symlink()}
    return {name: target for name, target in links.items() if target.startswith(f"{link}/")}


def is_as_recorded(path: Path, facts: Mapping[str, object], shown: int) -> bool:
    """Whether a file has the recorded bytes; they are read only when it changed after it was shown."""
    try:
        found = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    if found.st_size != facts["bytes"]:
        return False
    return found.st_ctime_ns <= shown or durable.sha256_of(path) == facts["sha256"]


def _leads(path: Path, target: str) -> bool:
    return path.is_symlink() and str(path.readlink()) == target


def _is_same(built: Path, shown: Path) -> bool:
    """Whether two files, or two links, are the same."""
    if built.is_symlink():
        return _leads(shown, str(built.readlink()))
    return shown.is_file() and not shown.is_symlink() and durable.sha256_of(built) == durable.sha256_of(shown)


def _facts(path: Path) -> dict[str, object]:
    return {"bytes": path.stat().st_size, "sha256": durable.sha256_of(path)}


def _views(folder: Path) -> set[str]:
    """The names of the views that a folder has."""
    try:
        return {view.name for view in (folder / VIEWS).iterdir()}
    except FileNotFoundError:
        return set()


def _digest(record: bytes) -> str:
    return hashlib.sha256(record).hexdigest()[:_SHORT]


def _read(view: Path) -> _Record | None:
    """The record of a view; None when it is not the one that the view is named after."""
    try:
        content = (view / RECORD).read_bytes()
    except OSError:
        return None
    if not view.name.endswith(f"-{_digest(content)}"):
        return None
    return _Record(**json.loads(content))
