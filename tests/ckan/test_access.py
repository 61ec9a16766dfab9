"""To CKAN a dead token is nobody's, and what is public can be read with it: a look has to ask what it may do."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from pydantic import SecretStr

from pipelines import opendata
from pipelines.errors import CatalogueError, ExitCode
from pipelines.operations.health import health
from tests.ckan.test_protocol import SMALL, Scene, rows_of, scene
from tests.kit import Town

__all__ = ["scene"]

DEAD = "a-token-that-ckan-does-not-know"


@pytest.mark.parametrize("token", ["", DEAD])
def test_a_dead_token_is_told_by_health_and_by_drift(scene: Scene, token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """CKAN shows all that it should: `catalogue.forbidden` with a dead token, exit code 4, and well with a good one."""
    scene.publish(scene.release(rows_of(SMALL)))
    town = Town(scene.folder / "made" / "town", scene.folder / "made" / "home")
    used = token or scene.ckan.editor_token
    ckan = {"ckan_url": scene.ckan.url, "ckan_api_token": SecretStr(used)}
    found = health(town.settings.model_copy(update=ckan), datetime.now(UTC))
    told = [finding.code for finding in found.findings if finding.code.startswith("catalogue.")]
    assert told == (["catalogue.forbidden"] if token else [])
    assert (found.exit_code == ExitCode.BROKEN) == bool(token)
    environment = {"OPENDATA_ROOT": str(town.root), "OPENDATA_HOME": str(town.home)}
    for name, value in {**environment, "CKAN_URL": scene.ckan.url, "CKAN_API_TOKEN": used}.items():
        monkeypatch.setenv(name, value)
    if not token:
        assert [one for title, one in opendata.drift() if title == "ckan"] == []
        return
    with pytest.raises(CatalogueError) as raised:
        opendata.drift()
    assert (raised.value.code, raised.value.finding.found) == ("catalogue.forbidden", "environment")
    assert DEAD not in raised.value.finding.text("en")
