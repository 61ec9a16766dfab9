"""Redis: the queue of CKAN's background jobs."""

from __future__ import annotations

import socket

from deploy.ckan.processes import Service, require_free
from deploy.ckan.stack import Stack


def service(stack: Stack) -> Service:
    """The server's process."""
    return Service(stack, "redis")


def start(stack: Stack) -> None:
    """Start it on loopback; it keeps the queue on disk."""
    server = service(stack)
    if server.pid is not None:
        return
    require_free(stack.redis_port, "CKAN_REDIS_PORT")
    folder = stack.data / "redis"
    folder.mkdir(parents=True, exist_ok=True)
    where = ["--bind", "127.0.0.1", "--port", str(stack.redis_port), "--dir", str(folder)]
    server.launch(["redis-server", *where, "--save", "60 1", "--daemonize", "no"])
    server.wait_until(lambda: _answers(stack), 20)


def _answers(stack: Stack) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", stack.redis_port), timeout=2) as connection:
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
    except OSError:
        return False
