"""What is wrong with a delivery holds back its dataset, and that alone, until the file is mended."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from pipelines.findings import Finding
from pipelines.night import Night
from pipelines.settings import REPOSITORY
from tests import edits
from tests.edits import Edit
from tests.kit import Town, result, town
from tests.night import faults
from tests.night.faults import FAULTS, Fault, Told, told
from tests.night.towns import add_derived, copied, files, outcomes, touched, versions

BYSTANDER = "farm_households"
DERIVED = "waste_change"
NAMES = [
    faults.WASTE,
    faults.STATIONS,
    faults.PREMIUMS,
    faults.HOUSEHOLD,
    faults.HISTORY,
    "households_by_ward",  # refers to the dates of `population_history` by a foreign key
    "population_by_ward",
    BYSTANDER,
]
# A new figure for each dataset that the faults are tried on, so that the mended file has something to publish.
NEWS: dict[str, Edit] = {
    faults.WASTE: edits.cells({"B5": 997}),
    faults.STATIONS: edits.cells({"D9": 28951}),
    faults.PREMIUMS: edits.cells({"C6": 9.23}),
    faults.HOUSEHOLD: edits.text('"3,143"', '"3,144"', "cp932"),
    faults.HISTORY: edits.cells({"C21": 1373631}),
    BYSTANDER: edits.text("517", "518", "cp932"),
}


MENDED = [
    (faults.WASTE, "letter"),
    (faults.WASTE, "sheet"),
    (faults.WASTE, "cut_off"),
    (faults.STATIONS, "emptied"),
    (faults.STATIONS, "doubled_key"),
    (faults.PREMIUMS, "header"),
    (faults.HOUSEHOLD, "ragged"),
    (faults.HOUSEHOLD, "encoding"),
    (faults.HISTORY, "html_page"),
    (faults.HISTORY, "missing"),
]
# One for each dataset, for the night that runs in Dagster.
ONE_NIGHT = [
    (faults.WASTE, "letter"),
    (faults.STATIONS, "emptied"),
    (faults.PREMIUMS, "doubled_key"),
    (faults.HOUSEHOLD, "ragged"),
    (faults.HISTORY, "cut_off"),
]


def fault_of(dataset: str, name: str) -> Fault:
    return next(fault for fault in FAULTS if (fault.dataset, fault.name) == (dataset, name))


@pytest.fixture(scope="module")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """Nine datasets after a good first night; copy it, don't change it."""
    made = town(tmp_path_factory.mktemp("healthy"), NAMES)
    add_derived(made)
    assert set(outcomes(made.night()).values()) == {"published"}
    return made


@pytest.fixture
def own(healthy: Town, tmp_path: Path) -> Town:
    """A copy of the healthy town, to be changed."""
    return copied(healthy, tmp_path)


def others(paths: Sequence[str], *names: str) -> list[str]:
    """The paths below the folders of all datasets but some. The index, and what is made of it, tells about all."""
    return [path for path in paths if path.split("/")[0] in {*NAMES, DERIVED} - {*names}]


def errors(found: Sequence[Finding]) -> list[Finding]:
    return [finding for finding in found if finding.severity == "error"]


def told_by(night: Night, name: str) -> list[dict[str, object]]:
    return [finding.as_dict() for finding in result(night, name).findings]


def assert_readable(finding: Finding) -> None:
    """Both languages name the file and the remedy and have no place that was not filled in."""
    for language, remedy in (("ja", "対応："), ("en", "Remedy: ")):
        line = finding.text(language)
        assert finding.place.file in line
        assert finding.place.cell in line
        assert finding.rule.remedy.fill(language, finding.facts) == line.partition(remedy)[2].removesuffix("。")
        assert not re.search(r"\{\w*\}|\n|None", line)


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault.dataset}-{fault.name}")
def test_a_bad_delivery_holds_back_exactly_its_dataset(own: Town, fault: Fault) -> None:
    """The finding says where and what; nothing of the dataset's last release changes; everything else goes on."""
    before, file = files(own.home / "catalogue"), own.delivery(fault.dataset).name
    fault.edit(own.delivery(fault.dataset))
    NEWS[BYSTANDER](own.delivery(BYSTANDER))
    night = own.night()

    found = errors(result(night, fault.dataset).findings)
    assert [told(finding) for finding in found] == fault.told
    assert {(finding.place.dataset, finding.place.file) for finding in found} == {(fault.dataset, file)}
    for finding in found:
        assert_readable(finding)
    waiting = {DERIVED: "waiting"} if fault.dataset == faults.WASTE else {}
    expected = dict.fromkeys([*NAMES, DERIVED], "unchanged") | {fault.dataset: "held", BYSTANDER: "published"} | waiting
    assert outcomes(night) == expected
    assert night.exit_code == 1
    assert others(touched(before, files(own.home / "catalogue")), BYSTANDER) == []
    assert versions(own) == dict.fromkeys([*NAMES, DERIVED], "1.0.0") | {BYSTANDER: "1.0.1"}


@pytest.mark.parametrize(
    "fault", [fault_of(*pair) for pair in MENDED], ids=lambda fault: f"{fault.dataset}-{fault.name}"
)
def test_the_mended_file_is_published_the_next_night(own: Town, fault: Fault) -> None:
    """After a bad night the good file, with one new figure in it, is a patch release, and nothing is left over."""
    path = own.delivery(fault.dataset)
    good = path.read_bytes()
    fault.edit(path)
    assert own.night().exit_code == 1
    path.write_bytes(good)
    NEWS[fault.dataset](path)
    night = own.night()
    derived = {DERIVED: "published"} if fault.dataset == faults.WASTE else {}
    assert outcomes(night) == dict.fromkeys([*NAMES, DERIVED], "unchanged") | {fault.dataset: "published"} | derived
    assert night.exit_code == 0
    assert versions(own)[fault.dataset] == "1.0.1"


def test_a_refused_delivery_is_refused_again_without_being_read(own: Town) -> None:
    """The night after a bad one says the same about the same file and writes nothing."""
    edits.cells({"B7": "９Ｏ２"})(own.delivery(faults.WASTE))
    first = own.night()
    before = files(own.home)
    second = own.night()
    assert [item.state for item in second.plan if item.name in {faults.WASTE, DERIVED}] == ["held", "waiting"]
    assert told_by(second, faults.WASTE) == told_by(first, faults.WASTE)
    assert outcomes(second) == outcomes(first)
    assert second.exit_code == 1
    assert touched(before, files(own.home)) == []


def test_every_bad_cell_of_a_file_is_reported(own: Town) -> None:
    """Five faults of five kinds on five sheets of one workbook are five findings."""
    edits.all_of(
        edits.cells({"B10": "15281I8"}, "全市"),
        edits.cells({"C6": None}, "川崎区"),
        edits.cells({"E9": "推定"}, "中原区"),
        edits.cells({"D11": 20001}, "高津区"),
        edits.cells({"D12": "12.5"}, "麻生区"),
    )(own.delivery("population_by_ward"))
    night = own.night()
    found = errors(result(night, "population_by_ward").findings)
    assert sorted((f.place.sheet, f.place.cell, f.code, f.found) for f in found) == [
        ("中原区", "E9", "cell.choice", "推定"),
        ("全市", "B10", "cell.integer", "15281I8"),
        ("川崎区", "C6", "constraint.required", ""),
        ("高津区", "D11", "constraint.maximum", "20001"),
        ("麻生区", "D12", "cell.integer", "12.5"),
    ]
    for finding in found:
        assert_readable(finding)


def test_a_bad_delivery_holds_back_what_is_derived_and_not_what_refers_to_it(own: Town) -> None:
    """Derived datasets wait, say for which input, and keep their release; those that only refer to it are published."""
    source = own.root / "sources" / f"{DERIVED}.yaml"
    source.write_text(source.read_text("utf-8").replace(f"[{faults.WASTE}]", f"[{BYSTANDER}, {faults.WASTE}]"), "utf-8")
    edits.cells({"B7": "９Ｏ２"})(own.delivery(faults.WASTE))
    edits.cells({"C21": "137363O"})(own.delivery(faults.HISTORY))
    edits.cells({"B6": "102,256"})(own.delivery("households_by_ward"))
    before = own.published(DERIVED)
    night = own.night()
    assert {name: outcome for name, outcome in outcomes(night).items() if outcome != "unchanged"} == {
        faults.WASTE: "held",
        faults.HISTORY: "held",
        DERIVED: "waiting",
        "households_by_ward": "published",
    }
    waiting = result(night, DERIVED)
    assert [told(finding) for finding in waiting.findings] == [
        Told(
            "input.held",
            "",
            "",
            "",
            f"{faults.WASTE}, fit to go out",
            "",
            "mend the findings of that dataset; the next night goes on, and the last release stays till then",
        )
    ]
    assert waiting.ref is not None and waiting.ref.version == "1.0.0"
    assert own.published(DERIVED) == before


def test_the_release_of_what_is_held_back_is_kept_whole(own: Town) -> None:
    """A catalogue that lost files of a held dataset and of one that waits for it is mended all the same."""
    edits.cells({"B7": "９Ｏ２"})(own.delivery(faults.WASTE))
    own.night()
    whole = own.published(faults.WASTE), own.published(DERIVED)
    for name in (faults.WASTE, DERIVED):
        (own.home / "catalogue" / name / "current").unlink()
        (own.home / "catalogue" / name / "releases" / "1.0.0" / f"{name}.parquet").unlink()
    night = own.night()
    assert (own.published(faults.WASTE), own.published(DERIVED)) == whole
    assert [outcomes(night)[name] for name in (faults.WASTE, DERIVED)] == ["held", "waiting"]


def test_a_foreign_key_that_leads_nowhere_holds_back_the_dataset_that_has_it(own: Town) -> None:
    """A reference to a date that is not published is a finding of the one that refers, not of the one referred to."""
    edits.cells({"A6": "平成20年6月2日"})(own.delivery("households_by_ward"))
    night = own.night()
    assert [told(f) for f in errors(result(night, "households_by_ward").findings)] == [
        Told("key.foreign", "区別世帯数", "A6", "date", "a value of population_history", "2008-06-02", faults.CHECK)
    ]
    assert {name for name, outcome in outcomes(night).items() if outcome != "unchanged"} == {"households_by_ward"}


def test_a_warning_goes_out(own: Town) -> None:
    """What is only implausible is told and published."""
    edits.cells({"B7": 500})(own.delivery(faults.WASTE))
    night = own.night()
    done = result(night, faults.WASTE)
    assert (done.outcome, night.exit_code) == ("published", 0)
    assert [(f.severity, told(f)) for f in done.findings] == [
        (
            "warn",
            Told(
                "rule.max_change",
                "ごみ排出量",
                "B7",
                "grams_per_person_day",
                "a change of at most 15%",
                "2020, 500",
                faults.CHECK,
            ),
        )
    ]
    assert b"2020,500" in own.published(faults.WASTE)[f"{faults.WASTE}.csv"]


@pytest.mark.parametrize("name", [faults.WASTE, faults.HISTORY])
def test_a_workbook_cut_off_anywhere_is_refused(tmp_path: Path, name: str) -> None:
    """However much of a workbook is lost, its dataset is held back and the night goes on; some .xls panic in Rust."""
    made = town(tmp_path, [name])
    path = made.delivery(name)
    whole = path.read_bytes()
    for part in range(1, 24):
        path.write_bytes(whole[: len(whole) * part // 24])
        done = result(made.night(), name)
        assert (done.outcome, [f.code for f in done.findings]) == ("held", ["file.damaged"]), part


def test_the_first_delivery_of_a_dataset_may_be_bad(tmp_path: Path) -> None:
    """A dataset that was never published is held back without a release; what needs it, in any way, has to wait."""
    made = town(tmp_path, [faults.WASTE, faults.HISTORY, "households_by_ward", BYSTANDER])
    add_derived(made)
    edits.cells({"B7": "９Ｏ２"})(made.delivery(faults.WASTE))
    edits.cut_off(made.delivery(faults.HISTORY))
    night = made.night()
    assert outcomes(night) == {
        faults.WASTE: "held",
        faults.HISTORY: "held",
        DERIVED: "waiting",
        "households_by_ward": "held",
        BYSTANDER: "published",
    }
    assert [told(finding) for finding in result(night, "households_by_ward").findings] == [
        Told(
            "input.missing",
            "",
            "",
            "",
            f"{faults.HISTORY}, published",
            faults.HISTORY,
            "mend the findings of that dataset first",
        )
    ]
    assert [r.name for r in night.results if r.ref] == [BYSTANDER]
    shown = {path.name for path in (made.home / "catalogue").iterdir()}
    assert shown & {*outcomes(night)} == {BYSTANDER}
    index = json.loads((made.home / "catalogue" / "catalogue.json").read_bytes())
    assert [entry["name"] for entry in index["datasets"]] == [BYSTANDER]


def nightly(own: Town, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command, in a process of its own, through Dagster."""
    environment = {key: value for key, value in os.environ.items() if key not in {"DAGSTER_HOME", "LANG", "LC_ALL"}}
    environment |= {"OPENDATA_ROOT": str(own.root), "OPENDATA_HOME": str(own.home), "COLUMNS": "200"}
    code = "from pipelines.cli import main; main()"
    command = [sys.executable, "-c", code, "--lang", "en", "nightly", *arguments]
    return subprocess.run(command, cwd=REPOSITORY, env=environment, capture_output=True, text=True, check=False)


def test_the_command_holds_back_the_same_and_ends_with_1(own: Town) -> None:
    """`opendata nightly`, in Dagster, tells of every fault of many deliveries at once, and ends with exit code 1."""
    chosen = [fault_of(*pair) for pair in ONE_NIGHT]
    before = files(own.home / "catalogue")
    for fault in chosen:
        fault.edit(own.delivery(fault.dataset))
    NEWS[BYSTANDER](own.delivery(BYSTANDER))
    done = nightly(own, "--json")
    told_ = json.loads(done.stdout)
    found = {d["name"]: d for d in told_["datasets"]}
    held = dict.fromkeys((fault.dataset for fault in chosen), "held") | {DERIVED: "waiting", BYSTANDER: "published"}
    assert {name: d["outcome"] for name, d in found.items()} == dict.fromkeys([*NAMES, DERIVED], "unchanged") | held
    for fault in chosen:
        loud = [Finding.from_dict(f) for f in found[fault.dataset]["findings"] if f["severity"] == "error"]
        assert [told(finding) for finding in loud] == fault.told
    assert (done.returncode, told_["exit_code"]) == (1, 1)
    assert others(touched(before, files(own.home / "catalogue")), BYSTANDER) == []
