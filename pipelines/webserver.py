"""The Dagster UI for stewards: it shows everything and changes nothing.

Dagster's own read-only mode refuses what starts, ends or deletes, but still runs the code of a schedule when asked to
try it, and keeps some marks (`setNuxSeen`). Here no mutation of GraphQL is executed at all, whatever it is called, and
there are no addresses at which events could be reported.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Collection

import uvicorn
from dagster import DagsterInstance
from dagster._core.workspace.context import (
    BaseWorkspaceRequestContext,
    WorkspaceProcessContext,
)
from dagster._core.workspace.load_target import ModuleTarget
from dagster_webserver.version import __version__
from dagster_webserver.webserver import DagsterWebserver
from graphql import ASTValidationRule, GraphQLError, OperationDefinitionNode, OperationType
from starlette.routing import BaseRoute, Route

REFUSAL = "read-only: no mutation is executed here / 閲覧専用のため変更できません"


class NoMutation(ASTValidationRule):
    """A document with a mutation is not valid here."""

    def enter_operation_definition(self, node: OperationDefinitionNode, *_: object) -> None:
        """Refuse one operation."""
        if node.operation is OperationType.MUTATION:
            self.report_error(GraphQLError(REFUSAL, node))


class ReadOnlyWebserver(DagsterWebserver[WorkspaceProcessContext, BaseWorkspaceRequestContext]):
    """Dagster's web server without anything that changes."""

    def build_graphql_validation_rules(self) -> Collection[type[ASTValidationRule]]:
        """Dagster's rules, and ours."""
        return [*super().build_graphql_validation_rules(), NoMutation]

    def build_routes(self) -> list[BaseRoute]:
        """Dagster's addresses, without those at which events are reported."""
        return [route for route in super().build_routes() if not _reports(route)]  # type: ignore[no-untyped-call]


def _reports(route: BaseRoute) -> bool:
    return isinstance(route, Route) and route.path.startswith("/report_")


def serve(port: int, say: Callable[[str], None]) -> None:
    """Serve until interrupted, on loopback; the address is told. Port 0 is any that is free."""
    listener = socket.create_server(("127.0.0.1", port))
    target = ModuleTarget("pipelines.definitions", None, None, "opendata")
    with DagsterInstance.get() as instance:
        instance.optimize_for_webserver(statement_timeout=15000, pool_recycle=3600, max_overflow=20)
        with WorkspaceProcessContext(
            instance, target, version=__version__, read_only=True, code_server_log_level="WARNING"
        ) as context:
            say(f"http://127.0.0.1:{listener.getsockname()[1]}/")
            config = uvicorn.Config(ReadOnlyWebserver(context).create_asgi_app(), log_level="warning")
            uvicorn.Server(config).run(sockets=[listener])
