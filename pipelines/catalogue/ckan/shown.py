"""What CKAN shows of a dataset, what it should show, and the least update between the two. Pure.

Fields, extras, tags, groups and resources that are not ours are in no comparison and in every update as they are.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from pipelines.catalogue.ckan import resources as res
from pipelines.catalogue.ckan.mapping import ID, RELEASE, Package, package_of, release_mark, tombstone_of
from pipelines.catalogue.interface import Wanted
from pipelines.release.descriptor import Json
from pipelines.store.store import document_json, parsed

KEPT = 2  # immutable files of a role that stay after they were superseded
CHECKED, CLAIM = "opendata_checked", "opendata_claim"
VIEWS = "opendata_views"  # on the table once it was given its views; who removes one by hand keeps it removed
OWN_TAGS, OWN_GROUPS = "opendata_tags", "opendata_groups"
Shown = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Target:
    """What CKAN should show of a release at a package's place; `gone`: ids of fixed editions to take down."""

    package: Package
    table: Json
    stable: Sequence[Json]
    immutable: Sequence[Json]
    files: Sequence[res.File]
    document: bytes
    gone: Collection[str] = ()


def target_of(want: Wanted, shown: Shown) -> Target:
    """What should be shown of a release where `shown` is now: the data package names addresses of that place."""
    place = f"{site_of(shown, want)}/dataset/{shown['id']}/resource"
    files = res.data_files(want)
    addresses = {file.role: f"{place}/{file.id}/download/{file.filename}" for file in files}
    path = want.path("datapackage.json")
    document = document_json(res.descriptor(parsed(path.read_bytes(), path), want, addresses))
    about = res.descriptor_file(want, document)
    addresses["datapackage"] = f"{place}/{about.id}/download/{about.filename}"
    files.append(about)
    stable = [res.stable(want, file, addresses[file.role]) for file in files]
    immutable = [{**res.immutable(want, file), "url": addresses[file.role]} for file in files]
    editions = [one for one in shown.get("resources", []) if one.get("opendata_role")]
    gone = {one["id"] for one in editions if want.store.is_buried(str(one.get("hash", "")))}
    return Target(package_of(want), res.table(want), stable, immutable, files, document, gone)


def site_of(shown: Shown, want: Wanted) -> str:
    """The address under which this CKAN knows itself, which is not always the one that we use."""
    table = resource(shown, res.resource_id(want, "table"))
    return str(table.get("url", "")).partition("/datastore/dump/")[0]


def resource(shown: Shown, id_: str) -> Mapping[str, Any]:
    """A resource by id; empty when it isn't there."""
    return next((found for found in shown.get("resources", []) if found["id"] == id_), {})


def extras(shown: Shown) -> dict[str, str]:
    """The extras; a field of a scheming schema stands in the dataset itself and counts as well."""
    return {item["key"]: item["value"] for item in shown.get("extras", [])}


def extra(shown: Shown, key: str) -> str:
    """One extra, wherever a catalogue's schema puts it."""
    return _text(extras(shown).get(key, shown.get(key)))


def is_ours(shown: Shown, want: Wanted) -> bool:
    """Whether a dataset is the one that we publish, by its id of ours or by a resource of ours."""
    if extra(shown, ID) == str(want.manifest.build.description["id"]):
        return True
    return any(resource(shown, id_) for id_ in res.stable_ids(want))


def reason_of(shown: Shown | None, want: Wanted) -> Literal["absent", "outdated", "damaged"] | None:
    """What is to be done, by the code of an action; None when everything of ours is as it should be."""
    if want.withdrawn and shown is None:
        return None  # it never was there
    if shown is None or not (extra(shown, RELEASE) or resource(shown, res.resource_id(want, "csv"))):
        return "absent"  # or begun and never completed
    if extra(shown, RELEASE) not in {"", release_mark(want)}:
        return "outdated"
    return "damaged" if any(differing(shown, want)) else None


def is_older(shown: Shown, want: Wanted) -> bool:
    """Whether a dataset shows nothing that the wanted release does not come after."""
    mark = extra(shown, RELEASE)
    release: Wanted | None = want
    while mark and release:
        if mark in {release.ref.identity, release_mark(want)}:
            return True
        release = release.before
    return not mark or bool(extra(shown, "opendata_withdrawn"))


def differing(shown: Shown, want: Wanted) -> Iterator[tuple[str, object, object]]:
    """Every field of ours that is not as it should be: its name, what is shown, what is wanted."""
    if want.withdrawn:
        yield from _differing_package(shown, tombstone_of(want, want.withdrawn))
        yield from ((f"resources.{one['id']}", one["name"], None) for one in ours(shown))
        return
    if not resource(shown, res.resource_id(want, "table")):
        yield "resources.table", None, "a resource"
        return
    target = target_of(want, shown)
    yield from _differing_package(shown, target.package)
    yield from _differing_table(shown, target)
    for wanted in (*target.stable, *target.immutable):
        found = resource(shown, str(wanted["id"]))
        for key, value in wanted.items():
            if _text(found.get(key)) != _text(value):
                yield f"resources.{wanted['name']}.{key}", found.get(key), value
    for gone in expired(shown, target):
        yield f"resources.{gone['id']}", gone["name"], None


def _differing_package(shown: Shown, package: Package) -> Iterator[tuple[str, object, object]]:
    organisation = (shown.get("organization") or {}).get("name")
    for key, value in {**package.core, "name": package.name}.items():
        if _text(shown.get(key)) != _text(value):
            yield key, shown.get(key), value
    if organisation != package.organisation:
        yield "owner_org", organisation, package.organisation
    for key, text in package.extras.items():
        if extra(shown, key) != text:
            yield f"extras.{key}", extra(shown, key), text
    if missing := set(package.tags) - {tag["name"] for tag in shown.get("tags", [])}:
        yield "tags", None, ", ".join(sorted(missing))


def _differing_table(shown: Shown, target: Target) -> Iterator[tuple[str, object, object]]:
    found = resource(shown, str(target.table["id"]))
    for key, value in target.table.items():
        if _text(found.get(key)) != _text(value):
            yield f"resources.table.{key}", found.get(key), value
    if not found.get("datastore_active"):
        yield "resources.table.datastore_active", False, True
    elif was_touched(found):
        yield "resources.table.last_modified", found.get("last_modified"), f"≤ {found.get(CHECKED)}"
    lost = set(_listed(found, OWN_GROUPS)) - {group["name"] for group in shown.get("groups", [])}
    if lost:
        yield "groups", None, ", ".join(sorted(lost))


def was_touched(table: Mapping[str, Any]) -> bool:
    """Whether somebody wrote into the table after we last compared its rows: CKAN notes when, some 15 s later.

    Also where no comparison holds any more, see `doubted`.
    """
    checked, written = str(table.get(CHECKED) or ""), str(table.get("last_modified") or "")
    if not checked or not written:
        return not checked
    return datetime.fromisoformat(written) > datetime.fromisoformat(checked)


def doubted(shown: Shown, id_: str) -> Json:
    """The update that takes the mark of a comparison away, so that the next look compares rows and files."""
    return {"resources": [{**one, CHECKED: ""} if one["id"] == id_ else one for one in shown["resources"]]}


def needs_rows(shown: Shown, want: Wanted) -> bool:
    """Whether the rows or columns of the table have to be looked at, and perhaps changed."""
    wanted = res.table(want)
    found = resource(shown, str(wanted["id"]))
    same = all(found.get(key) == wanted[key] for key in ("opendata_rows", "opendata_columns"))
    return not same or not found.get("datastore_active") or was_touched(found)


def update_of(shown: Shown, target: Target, groups: Sequence[str], checked: str) -> Json:
    """The least `update` of a `package_revise` that leads to the target. `groups`: those that the token may use."""
    old = resource(shown, str(target.table["id"]))
    package = target.package
    usable = [name for name in package.groups if name in groups]
    table = {
        **target.table,
        CLAIM: "",
        # A clock that is behind CKAN's would call its own writes somebody else's, night after night.
        CHECKED: max(checked, str(old.get("last_modified") or "")) if checked else str(old.get(CHECKED) or ""),
        VIEWS: "made",
        OWN_TAGS: json.dumps(list(package.tags), ensure_ascii=False),
        OWN_GROUPS: json.dumps(usable),
    }
    update = _core(shown, package) | _lists(shown, package, usable, old)
    update["resources"] = _resources(shown, target, table)
    return update


def _core(shown: Shown, package: Package) -> Json:
    update: Json = {key: v for key, v in package.core.items() if _text(shown.get(key)) != _text(v)}
    if shown["name"] != package.name:
        update["name"] = package.name
    if (shown.get("organization") or {}).get("name") != package.organisation:
        update["owner_org"] = package.organisation
    return update


def _lists(shown: Shown, package: Package, usable: Sequence[str], table: Mapping[str, Any]) -> Json:
    """Extras, tags and groups, where they change: what is not ours stays."""
    update: Json = {}
    now = extras(shown)
    schema_fields = {key for key in package.extras if key not in now and key in shown}
    update |= {key: package.extras[key] for key in schema_fields if _text(shown[key]) != package.extras[key]}
    wanted = {**now, **{key: text for key, text in package.extras.items() if key not in schema_fields}}
    for key in OPTIONAL - package.extras.keys():
        wanted.pop(key, None)
    if wanted != now:
        update["extras"] = [{"key": key, "value": value} for key, value in wanted.items()]
    for key, ours, before in (
        ("tags", package.tags, _listed(table, OWN_TAGS)),
        ("groups", usable, _listed(table, OWN_GROUPS)),
    ):
        found = {item["name"] for item in shown.get(key, [])}
        if (names := (found - set(before)) | set(ours)) != found:
            update[key] = [{"name": name} for name in sorted(names)]
    return update


# Not every release has them, and a tombstone has few.
OPTIONAL = frozenset(
    {
        "temporal_start",
        "temporal_end",
        "provenance",
        "spatial_text",
        "notes_en",
        "language",
        "frequency",
        "version_notes",
        "opendata_withdrawn",
        "opendata_replacement",
    }
)


def ours(shown: Shown) -> list[Mapping[str, Any]]:
    """Every resource of ours: all of them bear a field of ours."""
    return [one for one in shown.get("resources", []) if any(key in one for key in _MARKS)]


_MARKS = ("opendata_rows", "opendata_file", "opendata_role")


def tombstone_update(shown: Shown, package: Package) -> Json:
    """The update that leaves a tombstone: no stable address leads to a file; table and fixed editions go after it."""
    table = next((one for one in ours(shown) if "opendata_rows" in one), {})
    update = _core(shown, package) | _lists(shown, package, _listed(table, OWN_GROUPS), table)
    mine = {one["id"] for one in ours(shown) if "opendata_file" in one}
    update["resources"] = [one for one in shown["resources"] if one["id"] not in mine]
    return update


def has_bytes(shown: Shown) -> bool:
    """Whether CKAN still keeps the bytes of a fixed edition of ours."""
    return any(one.get("opendata_role") and one.get("url") for one in ours(shown))


def without_bytes(shown: Shown) -> list[Json]:
    """All resources, the fixed editions of ours without their bytes."""
    cleared = {"clear_upload": "true", "url": ""}
    return [{**one, **(cleared if one.get("opendata_role") else {})} for one in shown["resources"]]


def _resources(shown: Shown, target: Target, table: Json) -> list[Json]:
    """All resources in their order: the stable ones, the immutable ones with the newest first, then other people's."""
    ours = [table, *target.stable, *target.immutable]
    ids = {str(one["id"]) for one in ours}
    others = [found for found in shown.get("resources", []) if found["id"] not in ids]
    gone = {found["id"] for found in expired(shown, target)}
    kept = [{**found, **({"clear_upload": "true", "url": ""} if found["id"] in gone else {})} for found in others]
    return [{**resource(shown, str(one["id"])), **one} for one in ours] + kept


def expired(shown: Shown, target: Target) -> list[Mapping[str, Any]]:
    """Immutable files of ours to go: of each role all but the newest `KEPT` superseded ones, and those taken down."""
    current = {str(one["id"]) for one in target.immutable}
    old = [one for one in shown.get("resources", []) if one.get("opendata_role") and one["id"] not in current]
    by_role: dict[str, list[Mapping[str, Any]]] = {}
    for one in old:
        by_role.setdefault(one["opendata_role"], []).append(one)
    return [one for found in by_role.values() for n, one in enumerate(found) if n >= KEPT or one["id"] in target.gone]


def _listed(table: Mapping[str, Any], key: str) -> list[str]:
    try:
        return [str(name) for name in json.loads(table.get(key) or "[]")]
    except ValueError:
        return []


def _text(value: object) -> str:
    return "" if value is None else str(value)
