"""PostgreSQL with the two databases that CKAN wants: its own and the DataStore's."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

from deploy.ckan.processes import Command, Service, clean_environment, require_free, run, start_time
from deploy.ckan.software import postgres_programs
from deploy.ckan.stack import Stack, StackError, write_private

SUPERUSER = "postgres"
SETTINGS = """
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
shared_buffers = 256MB
max_wal_size = 2GB
"""


def service(stack: Stack) -> Service:
    """The server's process; SIGINT is its fast shutdown."""
    return Service(stack, "postgres", signal.SIGINT)


def start(stack: Stack) -> None:
    """Make the cluster once, start the server, make roles and databases once."""
    _make_cluster(stack)
    server = service(stack)
    if server.pid is None:
        require_free(stack.postgres_port, "CKAN_POSTGRES_PORT")
        _forget_a_dead_postmaster(_cluster(stack))
        command: Command = [_program("postgres"), "-D", _cluster(stack), "-p", str(stack.postgres_port)]
        server.launch(command, user=_account())
        server.wait_until(lambda: _is_ready(stack), 60)
    _make_databases(stack)


def query(stack: Stack, sql: str, database: str = "postgres") -> str:
    """Run SQL as the superuser; returns rows as lines of values between |."""
    connection = ["--host=127.0.0.1", f"--port={stack.postgres_port}", f"--username={SUPERUSER}", database]
    how = ["--no-psqlrc", "--quiet", "--no-align", "--tuples-only", "--set=ON_ERROR_STOP=1"]
    environment = clean_environment() | {"PGPASSWORD": stack.secrets["postgres"]}
    return run(stack, "psql", [_program("psql"), *how, *connection], env=environment, input=sql)


def address(stack: Stack, role: str, password: str, database: str) -> str:
    """The address of a database as SQLAlchemy wants it."""
    return f"postgresql://{role}:{stack.secrets[password]}@127.0.0.1:{stack.postgres_port}/{database}"


def _cluster(stack: Stack) -> Path:
    return stack.data / "postgres"


def _program(name: str) -> Path:
    programs = postgres_programs()
    assert programs is not None, "require_packages() has looked"
    return programs / name


def _account() -> str | None:
    """Root can't run PostgreSQL: it lends the account that Debian's package made. Others run it as themselves."""
    return "postgres" if os.geteuid() == 0 else None


def _make_cluster(stack: Stack) -> None:
    cluster = _cluster(stack)
    if (cluster / "made").exists():
        return
    account = _account()
    _require_reachable(stack, account)
    run(stack, "initdb", ["install", "-d", "-m", "700", *(["-o", account] if account else []), cluster])
    password = stack.folder / "initdb.password"
    write_private(password, stack.secrets["postgres"])
    if account:
        run(stack, "initdb", ["chown", account, password])
    access = ["--auth=scram-sha-256", f"--pwfile={password}", f"--username={SUPERUSER}"]
    command: Command = [
        _program("initdb"),
        f"--pgdata={cluster}",
        "--encoding=UTF8",
        "--locale=C.UTF-8",
        "--no-sync",
        *access,
    ]
    run(stack, "initdb", command, **({"user": account, "cwd": "/"} if account else {}))
    password.unlink()
    with (cluster / "postgresql.conf").open("a", encoding="utf-8") as file:
        file.write(SETTINGS)
    (cluster / "made").touch()


def _require_reachable(stack: Stack, account: str | None) -> None:
    """The account must be able to enter every folder above its data: a home folder of root is closed to it."""
    stack.data.mkdir(parents=True, exist_ok=True)
    look = ["test", "-x", str(stack.data)]
    if account and subprocess.run(look, user=account, group=account, extra_groups=[], check=False).returncode:
        raise StackError(f"the account {account} can't enter {stack.data}: set CKAN_STACK to a folder open to it")


def _forget_a_dead_postmaster(cluster: Path) -> None:
    """A killed server that its parent has not asked for is a zombie; PostgreSQL takes its number for a living one."""
    lock = cluster / "postmaster.pid"
    if lock.exists() and start_time(int(lock.read_text(encoding="utf-8").split()[0])) is None:
        lock.unlink()


def _is_ready(stack: Stack) -> bool:
    look: Command = [_program("pg_isready"), "--quiet", "--host=127.0.0.1", f"--port={stack.postgres_port}"]
    return subprocess.run(look, check=False).returncode == 0


def _make_databases(stack: Stack) -> None:
    if "datastore" in query(stack, "SELECT datname FROM pg_database"):
        return
    roles = {"ckan": "ckan_database", "datastore_reader": "datastore_reader"}
    for role, password in roles.items():
        query(stack, f"DROP ROLE IF EXISTS {role}; CREATE ROLE {role} LOGIN PASSWORD '{stack.secrets[password]}'")
    query(stack, "CREATE DATABASE ckan OWNER ckan")
    query(stack, "CREATE DATABASE datastore OWNER ckan")
