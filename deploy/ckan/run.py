"""Bring the whole stack up, each part after those that it needs, and down again in the other order."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from ckanapi import RemoteCKAN

from deploy.ckan import postgres, redis, site, solr
from deploy.ckan.prepare import EDITOR, new_token, prepare
from deploy.ckan.processes import Service
from deploy.ckan.software import ckan_python, install_extension, require_packages, solr_jars
from deploy.ckan.stack import Stack
from pipelines.datasets import load_repository
from pipelines.settings import REPOSITORY

Say = Callable[[str], None]


def services(stack: Stack) -> list[Service]:
    """All processes, in the order in which they are ended."""
    return [site.worker(stack), site.web(stack), *(part.service(stack) for part in (solr, redis, postgres))]


def up(stack: Stack, say: Say = lambda _: None) -> None:
    """Start what does not run yet. Raises StackError, which names what is missing or did not answer."""
    require_packages()
    stack.folder.mkdir(parents=True, exist_ok=True)
    say(f"the stack's folder: {stack.folder}")
    with ThreadPoolExecutor() as pool:
        jars = pool.submit(solr_jars, stack)
        database = pool.submit(postgres.start, stack)
        programs = ckan_python(stack)
        jars.result()
        say("software is there")
        search = pool.submit(solr.start, stack, programs)
        redis.start(stack)
        database.result()
        search.result()
    say("PostgreSQL, Redis and Solr answer")
    if stack.extension:
        install_extension(stack, programs)
    site.start(stack, programs)
    _prepare(stack)


def down(stack: Stack, say: Say = lambda _: None) -> None:
    """End what `up` started, known by process number and start time; nothing else."""
    for service in services(stack):
        if service.stop():
            say(f"{service.name} ended")


def _prepare(stack: Stack) -> None:
    """What a city's sysadmin does once; asked for again it finds everything there."""
    if stack.editor_token.exists():
        return
    token = stack.sysadmin_token.read_text(encoding="utf-8")
    with RemoteCKAN(stack.url, apikey=token) as ckan:
        prepare(ckan, load_repository(REPOSITORY).city)
        new_token(ckan, EDITOR, stack.editor_token)
