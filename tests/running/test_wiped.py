"""What was taken down goes from Dagster's own records too: its pages had shown rows, changes and cells."""

from __future__ import annotations

from pathlib import Path

from tests.hand.test_takedown import SECRET, holding, with_secret
from tests.hand.wards import NAME, deliver, figures, made
from tests.shell.command import opendata


def test_a_takedown_reaches_the_pages_of_stewards(tmp_path: Path) -> None:
    """Before, the figure stands in Dagster's storage; after, in no file of the home, and the next night is well."""
    town = made(tmp_path, "guards: off\n")
    for delivery in (figures(), with_secret()):
        deliver(town, delivery)
        assert opendata(town, "nightly").returncode == 0
    assert any(path.startswith("history/") for path in holding(town))
    done = opendata(town, "takedown", NAME, "--version", "1.0.1", "--reason", "個人が特定できるため")
    assert done.returncode == 1, done.stderr  # the release before has rows in common
    assert SECRET not in done.stdout
    assert holding(town) == []
    deliver(town, {**figures(), (2021, "17"): 1191})
    assert opendata(town, "nightly").returncode == 0
