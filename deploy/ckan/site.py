"""CKAN itself: its configuration, its tables, its first user, the web server and the worker of background jobs."""

from __future__ import annotations

from pathlib import Path
from string import Template

import httpx

from deploy.ckan import postgres, solr
from deploy.ckan.processes import Command, Service, clean_environment, require_free, run
from deploy.ckan.stack import FILES, INSIDE, Stack, write_private

PLUGINS = "datastore datatables_view text_view image_view dcat structured_data"
SYSADMIN = "admin"


def web(stack: Stack) -> Service:
    """The web server: a master and its workers."""
    return Service(stack, "web")


def worker(stack: Stack) -> Service:
    """The process that does background jobs, xloader's among them."""
    return Service(stack, "worker")


def start(stack: Stack, programs: Path) -> None:
    """Make what has to be there once, then start web and worker; again when the configuration has changed."""
    changed = _write_ini(stack)
    _make_tables(stack, programs)
    if _make_sysadmin(stack, programs):
        changed = _write_ini(stack)
    if changed:
        web(stack).stop()
        worker(stack).stop()
    start_web(stack, programs)
    start_worker(stack, programs)


def start_web(stack: Stack, programs: Path) -> None:
    """Start the web server and wait until it has searched Solr and PostgreSQL."""
    server = web(stack)
    if server.pid is None:
        require_free(stack.port, "CKAN_PORT")
        # no --preload: workers that are forked after loading share one connection to PostgreSQL
        size = [
            "--workers",
            str(stack.workers),
            "--threads",
            str(stack.threads),
            "--timeout",
            "600",
            "--graceful-timeout",
            "5",
        ]
        command: Command = [programs / "gunicorn", "--bind", f"127.0.0.1:{stack.port}", *size, "wsgi:application"]
        server.launch(command, {"CKAN_INI": str(stack.ini), "PYTHONPATH": str(INSIDE)})
    server.wait_until(lambda: answers(stack), 180)


def start_worker(stack: Stack, programs: Path) -> None:
    """Start the worker."""
    jobs = worker(stack)
    if jobs.pid is None:
        jobs.launch([programs / "ckan", "--config", stack.ini, "jobs", "worker"])


def answers(stack: Stack) -> bool:
    """Whether a search works; status_show would answer without databases and index."""
    try:
        answer = httpx.get(f"{stack.url}/api/3/action/package_search", params={"rows": 0}, timeout=30)
    except httpx.HTTPError:
        return False
    return answer.is_success


def plugins(stack: Stack) -> str:
    """The plugins switched on; xloader and our extension may be left out."""
    return " ".join([*(["xloader"] if stack.xloader else []), PLUGINS, *(["opendata_swap"] if stack.extension else [])])


def _write_ini(stack: Stack) -> bool:
    """Write CKAN's configuration; whether it is another one than before."""
    token = stack.sysadmin_token
    storage = stack.data / "files"
    storage.mkdir(parents=True, exist_ok=True)
    text = Template((FILES / "ckan.ini.template").read_text(encoding="utf-8")).substitute(
        url=stack.url,
        ckan_database=postgres.address(stack, "ckan", "ckan_database", "ckan"),
        datastore_write=postgres.address(stack, "ckan", "ckan_database", "datastore"),
        datastore_read=postgres.address(stack, "datastore_reader", "datastore_reader", "datastore"),
        redis_port=stack.redis_port,
        solr=solr.address(stack),
        storage=storage,
        session=stack.secrets["session"],
        api_tokens=stack.secrets["api_tokens"],
        plugins=plugins(stack),
        profiles="euro_dcat_ap_3 opendata_dcat_ap" if stack.extension else "euro_dcat_ap_3",
        sysadmin_token=token.read_text(encoding="utf-8") if token.exists() else "none-yet",
    )
    if stack.ini.exists() and stack.ini.read_text(encoding="utf-8") == text:
        return False
    write_private(stack.ini, text)
    return True


def _make_tables(stack: Stack, programs: Path) -> None:
    """CKAN's tables, those of its plugins, and what the DataStore's reader may see."""
    made = stack.data / "tables-made"
    if made.exists():
        return
    ckan: Command = [programs / "ckan", "--config", stack.ini]
    run(stack, "tables", [*ckan, "db", "upgrade"])
    run(stack, "tables", [*ckan, "db", "pending-migrations", "--apply"])
    permissions = run(stack, "tables", [*ckan, "datastore", "set-permissions"])
    postgres.query(stack, permissions)
    made.touch()


def _make_sysadmin(stack: Stack, programs: Path) -> bool:
    """The first user and the file with its token; whether they had to be made."""
    if stack.sysadmin_token.exists():
        return False
    environment = clean_environment() | {"CKAN_INI": str(stack.ini)}
    command: Command = [programs / "python", INSIDE / "sysadmin.py", SYSADMIN]
    token = run(stack, "sysadmin", command, env=environment, input=stack.secrets["sysadmin"])
    write_private(stack.sysadmin_token, token.strip().splitlines()[-1])
    return True
