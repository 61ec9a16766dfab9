"""The plan of a night: what it would do with each dataset and why. Looking changes nothing.

`unchanged`    the delivery, the contract and the code are those of the current release
`release`      something it depends on changed: run it (it may still come out the same)
`heal`         the release is right, but a catalogue does not show it as it should be
`held`         this very delivery was refused before, nothing new to try; or it waits for a steward's approval
`waiting`      it is derived from a dataset that is held back, and keeps its last good release until that is mended
`unavailable`  the source can't be reached just now: the run tries again

A dataset that left `schemas/` and `sources/` is never made anew, and never deleted either: where a catalogue does not
show what the log says of it (its last release, or its tombstone), the plan has it among the `departed`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import Literal

from pipelines import held, intake
from pipelines.catalogue import Action, Wanted
from pipelines.code import code_version
from pipelines.datasets import Dataset
from pipelines.errors import CatalogueError, SourceUnavailable
from pipelines.findings import Finding
from pipelines.intake import Observation
from pipelines.pipeline import Pipeline, manifest
from pipelines.release.build import Build
from pipelines.store import Entry, ReleaseRef, Store
from pipelines.store.store import digest_of

State = Literal["unchanged", "release", "heal", "held", "waiting", "unavailable"]
Why = Literal[
    "",
    "first",
    "changed",
    "fetch_to_see",
    "inputs_change",
    "unfinished",
    "catalogue",
    "refused_before",
    "input_held",
    "unreachable",
    "withdrawn",
    "awaits_approval",
    "rolled_back",
    "approved",
    "taken_down",
    "departed",
]


@dataclass(frozen=True, slots=True)
class Planned:
    """What is planned for one dataset. `key` names everything that its table depends on; empty when not yet known.

    `candidate` is the hash by which a steward approves what waits for that, or of the delivery that was taken down.
    """

    name: str
    state: State
    why: Why = ""
    key: str = ""
    candidate: str = ""

    @property
    def is_to_run(self) -> bool:
        """Whether the night has to do something for it."""
        return self.state in {"release", "heal", "unavailable"}

    @property
    def waits_for_steward(self) -> bool:
        """Whether it is well, as far as the department goes, and a steward has to say whether it goes out."""
        return self.why in {"awaits_approval", "rolled_back"} or (self.state == "heal" and bool(self.candidate))


@dataclass(frozen=True, slots=True)
class Plan:
    """A frozen plan: what was seen, and what follows for each dataset.

    `findings`: catalogues that did not answer. `departed`: datasets without descriptors that a catalogue shows wrongly.
    """

    head: int
    items: Mapping[str, Planned]
    index_is_stale: bool = False
    findings: Sequence[Finding] = ()
    departed: Sequence[Planned] = ()

    def __iter__(self) -> Iterator[Planned]:
        return iter(self.items.values())

    @property
    def to_run(self) -> list[str]:
        """The names of the datasets to run, each after what it needs."""
        return [item.name for item in self if item.is_to_run]

    @property
    def needs_index(self) -> bool:
        """Whether there is anything to do for the night's index step."""
        return bool(self.index_is_stale or self.to_run or self.departed)

    @property
    def digest(self) -> str:
        """The hash that names this plan."""
        items = [[item.name, item.state, item.why, item.key] for item in [*self, *self.departed]]
        return digest_of({"head": self.head, "items": items})

    def as_json(self) -> str:
        """The whole plan, for a run that executes it in another process."""
        return json.dumps(
            {
                "head": self.head,
                "items": [asdict(item) for item in self],
                "index_is_stale": self.index_is_stale,
                "findings": [finding.as_dict() for finding in self.findings],
                "departed": [asdict(item) for item in self.departed],
            }
        )

    @classmethod
    def from_json(cls, text: str) -> Plan:
        """The plan that `as_json` wrote."""
        found = json.loads(text)
        items = {item["name"]: Planned(**item) for item in found["items"]}
        findings = [Finding.from_dict(finding) for finding in found["findings"]]
        departed = [Planned(**item) for item in found["departed"]]
        return cls(found["head"], items, found["index_is_stale"], findings, departed)


def input_key(pipeline: Pipeline, dataset: Dataset, delivery: str, head: Entry) -> str:
    """The hash of everything that a dataset's table depends on: two runs with one key make one table."""
    inputs = {name: head.current[name].identity for name in dataset.upstream if name in head.current}
    return digest_of(
        {
            "schema": dataset.schema.model_dump(mode="json"),
            "source": dataset.source.model_dump(mode="json"),
            "city": pipeline.repository.city.facts,
            "code": code_version(),
            "delivery": delivery,
            "inputs": inputs,
        }
    )


def make_plan(pipeline: Pipeline) -> Plan:
    """Look at sources, store and catalogues; write nothing."""
    head = pipeline.store.log.head()
    wanted = pipeline.wanted(head)
    actions, findings = _look_at_catalogues(pipeline, wanted)
    seen = _look_at_all(pipeline)
    items: dict[str, Planned] = {}
    for dataset in pipeline.repository:
        item = _planned(pipeline, dataset, seen.get(dataset.name), head, items)
        if item.state in {"unchanged", "held", "waiting"} and dataset.name in {
            a.name for a in actions if a.reason != "index"
        }:
            candidate = item.candidate if item.waits_for_steward else ""
            item = Planned(dataset.name, "heal", "catalogue", item.key, candidate)
        items[dataset.name] = item
    departed = [Planned(name, "heal", "departed") for name in _departed(pipeline, actions)]
    return Plan(head.number, items, any(action.reason == "index" for action in actions), findings, departed)


def look_at_departed(pipeline: Pipeline) -> list[str]:
    """The datasets without descriptors that a catalogue does not show as the log says; one that is silent has none."""
    without = {name: want for name, want in pipeline.wanted().items() if name not in pipeline.repository.datasets}
    return _departed(pipeline, _look_at_catalogues(pipeline, without)[0]) if without else []


def _departed(pipeline: Pipeline, actions: Sequence[Action]) -> list[str]:
    return sorted({a.name for a in actions if a.reason != "index"} - pipeline.repository.datasets.keys())


def _look_at_catalogues(pipeline: Pipeline, wanted: Mapping[str, Wanted]) -> tuple[list[Action], list[Finding]]:
    """What catalogues lack. One that can't be seen keeps neither the store nor the others from their night."""
    actions: list[Action] = []
    findings: list[Finding] = []
    for catalogue in pipeline.catalogues:
        try:
            actions += catalogue.differences(wanted)
        except CatalogueError as error:
            findings.append(error.finding)
    return actions, findings


def _look_at_all(pipeline: Pipeline) -> dict[str, Observation]:
    """Look at every source; those at an address side by side, so that one slow host costs its own time only."""
    sources = [d for d in pipeline.repository if d.source.kind != "derived"]
    remote = [d for d in sources if d.source.url]
    seen = {d.name: s for d in sources if not d.source.url if (s := _look(pipeline, d))}
    if not remote:
        return seen
    with ThreadPoolExecutor(8) as pool:
        found = zip(remote, pool.map(lambda d: _look(pipeline, d), remote), strict=True)
        return seen | {d.name: s for d, s in found if s}


def _look(pipeline: Pipeline, dataset: Dataset) -> Observation | None:
    try:
        return intake.look(dataset, pipeline.repository.deliveries, pipeline.store)
    except SourceUnavailable:
        return None


def _planned(
    pipeline: Pipeline, dataset: Dataset, seen: Observation | None, head: Entry, items: Mapping[str, Planned]
) -> Planned:
    if dataset.name in head.withdrawn:
        return Planned(dataset.name, "unchanged", "withdrawn")
    if dataset.source.kind != "derived" and seen is None:
        return Planned(dataset.name, "unavailable", "unreachable")
    if any(items[name].state in {"release", "unavailable"} for name in dataset.upstream if name in items):
        return Planned(dataset.name, "release", "inputs_change")
    delivery = seen.sha256 if seen else ""
    if delivery is None:
        return Planned(dataset.name, "release", "fetch_to_see")
    return _by_inputs(pipeline, dataset, delivery, head, items)


def _by_inputs(
    pipeline: Pipeline, dataset: Dataset, delivery: str, head: Entry, items: Mapping[str, Planned]
) -> Planned:
    """What is planned given the delivery that the source holds, and what is planned for the datasets that it needs."""
    item = _by_memory(pipeline.store, dataset.name, input_key(pipeline, dataset, delivery, head), head)
    if _is_taken(pipeline, dataset.name, item, delivery, head):
        return Planned(dataset.name, "held", "taken_down", item.key, delivery)
    stopped = [items[name] for name in dataset.inputs if items[name].state in {"held", "waiting"}]
    if item.state == "release" and all(one.waits_for_steward for one in stopped):
        return item  # the releases that inputs have now are good, and may be others than before, as after a rollback
    return Planned(dataset.name, "waiting", "input_held", item.key) if stopped else item


def _is_taken(pipeline: Pipeline, name: str, item: Planned, delivery: str, head: Entry) -> bool:
    """Whether a dataset has nothing but what was taken down: its delivery, or what is still its current release."""
    if item.state == "unchanged":
        return name in head.current and manifest(pipeline.store, head.current[name]).is_taken
    return bool(delivery) and pipeline.store.is_buried(delivery)


def _by_memory(store: Store, name: str, key: str, head: Entry) -> Planned:
    """What is known of a run on exactly these inputs."""
    memo, current = store.memo(key), head.current.get(name)
    if memo is None:
        return Planned(name, "release", "changed" if current else "first", key)
    if memo["outcome"] == "held":
        return Planned(name, "held", "refused_before", key)
    if current and is_current(store, str(memo["identity"]), current.identity):
        return Planned(name, "unchanged", "", key)
    return _not_released(store, name, key, head, current, memo)


def _not_released(
    store: Store, name: str, key: str, head: Entry, current: ReleaseRef | None, memo: Mapping[str, object]
) -> Planned:
    """A table that was made and is not the one that is published: a run did not finish, or a steward is waited for."""
    if store.is_buried(str(memo["build"])):
        return Planned(name, "held", "taken_down", key, str(memo["build"]))
    candidate = held.candidate_of(key, current)
    if held.approval_of(head, name, candidate):
        return Planned(name, "release", "approved", key)
    found = held.known(store, head, name, build_of(store, memo), candidate)
    if not found:
        return Planned(name, "release", "unfinished", key)
    is_back = any(finding.code == "guard.rolled_back" for finding in found)
    return Planned(name, "held", "rolled_back" if is_back else "awaits_approval", key, candidate)


def build_of(store: Store, memo: Mapping[str, object]) -> Build:
    """The build that a memo remembers."""
    return Build(**store.read_json(str(memo["build"])))  # type: ignore[arg-type]


def is_current(store: Store, identity: str, current: str) -> bool:
    """Whether a table is the one that is published: the same, or known to differ in encoding only."""
    return identity == current or store.memo(same_key(identity, current)) is not None


def same_key(identity: str, current: str) -> str:
    """Under which the store remembers that two identities have the same rows and words."""
    return digest_of(["same", identity, current])
