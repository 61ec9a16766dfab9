"""`make lighthouse`: what Lighthouse says of the built site, page by page. Prints a table; asserts nothing.

It builds the whole city's catalogue in a temporary folder, with its own address as the public one, and serves it.
Needs node with npx, which fetches Lighthouse, and chromium. Performance depends on the machine and what else it does.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from functools import partial
from http.server import ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from pipelines.night import run_night
from pipelines.pipeline import Pipeline
from pipelines.settings import REPOSITORY, Settings
from tests.kit import deliveries
from tests.site.conftest import Quiet

LIGHTHOUSE = "lighthouse@12.8.2"  # the last that runs on Debian's node
PAGES = ("", "en/", "progress-board/", "nambu_line_station_passengers/", "en/waste_per_capita/", "kpi_progress/")
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")


def scores(address: str, report: Path) -> dict[str, int]:
    """The scores of one page, by category, of 100."""
    browser = shutil.which("chromium") or "chromium"
    command = ["npx", "--yes", LIGHTHOUSE, address, "--quiet", "--output=json", f"--output-path={report}"]
    chrome = ["--chrome-flags=--headless --no-sandbox", f"--only-categories={','.join(CATEGORIES)}"]
    subprocess.run([*command, *chrome], env=os.environ | {"CHROME_PATH": browser}, check=True)
    found = json.loads(report.read_bytes())["categories"]
    return {name: round(100 * found[name]["score"]) for name in CATEGORIES}


def built(home: Path, base: str) -> None:
    """The whole city's catalogue below a home, with a public address."""
    with deliveries():
        run_night(Pipeline.open(Settings(root=REPOSITORY, home=home, base_url=base)), "lighthouse")


def main(home: Path) -> None:
    """Build, serve, measure, print."""
    (home / "catalogue").mkdir(parents=True, exist_ok=True)
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(home / "catalogue"))) as server:
        base = f"http://127.0.0.1:{server.server_address[1]}/"
        built(home, base)
        Thread(target=server.serve_forever, daemon=True).start()
        print(f"{'page':<36}" + "".join(f"{name:>16}" for name in CATEGORIES))
        for page in PAGES:
            found = scores(base + page, home / "report.json")
            print(f"/{page:<35}" + "".join(f"{found[name]:>16}" for name in CATEGORIES), flush=True)
        server.shutdown()


if __name__ == "__main__":
    if len(sys.argv) > 1:
        main(Path(sys.argv[1]))
    else:
        with tempfile.TemporaryDirectory() as folder:
            main(Path(folder))
