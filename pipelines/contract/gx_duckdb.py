"""Great Expectations on DuckDB: the one place that touches its private API, and the two expectations of our own.

Importing Great Expectations takes seconds, so it is imported only inside functions, when a check runs.
"""

from __future__ import annotations

import gc
import importlib.util
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import TYPE_CHECKING, Any, ClassVar, cast

from pipelines.sqltext import parquet

if TYPE_CHECKING:
    from great_expectations.datasource.fluent.interfaces import Batch
    from great_expectations.execution_engine.sqlalchemy_execution_engine import SqlAlchemyExecutionEngine
    from sqlalchemy.engine import ExceptionContext

VIEW = "checked"
_DIALECTS = "_PERSISTED_CONNECTION_DIALECTS"
OFFLINE: Mapping[str, object] = {"autoinstall_known_extensions": False, "autoload_known_extensions": False}


@cache
def great_expectations() -> ModuleType:
    """The library, quiet, mended and with our expectations registered."""
    os.environ["GX_ANALYTICS_ENABLED"] = "False"
    os.environ.setdefault("TQDM_DISABLE", "1")
    with _without_collecting():
        _put_off("scipy.stats")
        import great_expectations as gx

        mend()
        _register()
    return cast("ModuleType", gx)


@contextmanager
def _without_collecting() -> Iterator[None]:
    """Looking again and again for garbage among what an import makes costs a fifth of it, and finds none."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _put_off(name: str) -> None:
    """Let a module that expectations of others import be loaded when it is first used, which ours never do.

    For scipy.stats: a quarter of the import of Great Expectations, and 55 MiB.
    """
    above, _, last = name.rpartition(".")
    spec = importlib.util.find_spec(name)
    if name in sys.modules or spec is None or spec.loader is None:
        return
    spec.loader = importlib.util.LazyLoader(spec.loader)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    setattr(sys.modules[above], last, module)


def mend() -> None:
    """Keep one connection for DuckDB; without it a result is fetched from a closed connection (GX #11579).

    Private API. `tests/contract/test_suite.py` fails the day this is no longer needed or no longer works.
    """
    from great_expectations.execution_engine import sqlalchemy_execution_engine as engine

    if "duckdb" not in engine._PERSISTED_CONNECTION_DIALECTS:
        # setattr: the constant is typed as a tuple of four members of an enumeration that can't be extended
        setattr(engine, _DIALECTS, (*engine._PERSISTED_CONNECTION_DIALECTS, _Dialect("duckdb")))


class _Dialect(str):
    """A dialect's name that has a `value`, as the members of Great Expectations' enumeration do."""

    @property
    def value(self) -> str:
        return str(self)


@contextmanager
def checked(table: Path, settings: Mapping[str, object]) -> Iterator[Batch]:
    """A batch in a DuckDB in memory whose only view reads the Parquet file; nothing is copied."""
    from sqlalchemy import event

    context = great_expectations().get_context(mode="ephemeral")
    context.variables.progress_bars = {"globally": False}
    arguments = {"connect_args": {"config": {**OFFLINE, **settings}}}
    source = context.data_sources.add_sql(VIEW, connection_string="duckdb:///:memory:", kwargs=arguments)
    # Not a table asset: adding one asks for the table on a connection of its own, whose memory has no such view.
    asset = source.add_query_asset(VIEW, f"SELECT * FROM {VIEW}")
    batch: Batch = asset.add_batch_definition_whole_table(VIEW).get_batch()
    engine = cast("SqlAlchemyExecutionEngine", batch.data.execution_engine)
    try:
        with engine.get_connection() as connection:
            connection.exec_driver_sql(f"CREATE VIEW {VIEW} AS SELECT * FROM {parquet(table)}")
            connection.commit()  # the pool hands the same connection out again, and rolls back what is open
        event.listen(engine.engine, "handle_error", _roll_back)
        yield batch
    finally:
        _close(engine)


def _roll_back(failure: ExceptionContext) -> None:
    """Else the retries of Great Expectations, and all later queries, say only that the transaction is aborted."""
    if failure.connection is not None:
        failure.connection.rollback()


def _close(engine: SqlAlchemyExecutionEngine) -> None:
    """Give the memory of DuckDB back."""
    with engine.get_connection() as connection:
        connection.close()
    engine.engine.dispose()


@cache
def _register() -> SimpleNamespace:
    """Define the expectations and their metrics; Great Expectations registers each as it is defined.

    The core `UnexpectedRowsExpectation` runs its query twice (to count, and to fetch 200 rows), reads `:name` in a
    literal as a parameter, and needs SQL without a table alias. These only count, and count exactly what a rule says.
    """
    from great_expectations.expectations.expectation import BatchExpectation

    class ExpectNoWrongRow(BatchExpectation):  # type: ignore[misc]  # an untyped library
        """No row meets the SQL condition `wrong`."""

        wrong: str
        metric_dependencies: ClassVar[tuple[str, ...]] = ("wrong_rows.count",)
        success_keys: ClassVar[tuple[str, ...]] = ("wrong",)

        def _validate(self, metrics: dict[str, Any], *_: Any, **__: Any) -> dict[str, Any]:
            return _verdict(int(metrics["wrong_rows.count"]))

    class ExpectNoFailingRows(BatchExpectation):  # type: ignore[misc]  # an untyped library
        """No row is selected by `failing`, an SQL template over `{table}`."""

        failing: str
        metric_dependencies: ClassVar[tuple[str, ...]] = ("failing_rows.count",)
        success_keys: ClassVar[tuple[str, ...]] = ("failing",)

        def _validate(self, metrics: dict[str, Any], *_: Any, **__: Any) -> dict[str, Any]:
            return _verdict(int(metrics["failing_rows.count"]))

    return SimpleNamespace(row=ExpectNoWrongRow, rows=ExpectNoFailingRows, metrics=_register_metrics())


def _register_metrics() -> tuple[type, type]:
    from great_expectations.core.metric_domain_types import MetricDomainTypes
    from great_expectations.core.metric_function_types import MetricPartialFunctionTypes
    from great_expectations.execution_engine.sqlalchemy_execution_engine import SqlAlchemyExecutionEngine
    from great_expectations.expectations.metrics.metric_provider import metric_partial, metric_value
    from great_expectations.expectations.metrics.table_metric_provider import TableMetricProvider
    from sqlalchemy import literal_column

    aggregate = MetricPartialFunctionTypes.AGGREGATE_FN
    table = MetricDomainTypes.TABLE

    class WrongRowsCount(TableMetricProvider):  # type: ignore[misc]  # an untyped library
        metric_name = "wrong_rows.count"
        value_keys = ("wrong",)

        # An aggregate is not computed here but given back: Great Expectations puts all of a suite into one query.
        @metric_partial(engine=SqlAlchemyExecutionEngine, partial_fn_type=aggregate, domain_type=table)  # type: ignore[untyped-decorator]
        def _sqlalchemy(cls, metric_domain_kwargs: Any, metric_value_kwargs: dict[str, Any], **_: Any) -> Any:
            wrong = str(metric_value_kwargs["wrong"]).format()  # un-doubles the braces of a rule's template
            return literal_column(f"count(*) FILTER (WHERE {wrong})"), metric_domain_kwargs, {}

    class FailingRowsCount(TableMetricProvider):  # type: ignore[misc]  # an untyped library
        metric_name = "failing_rows.count"
        value_keys = ("failing",)

        @metric_value(engine=SqlAlchemyExecutionEngine)  # type: ignore[untyped-decorator]
        def _sqlalchemy(cls, execution_engine: Any, metric_value_kwargs: dict[str, Any], **_: Any) -> int:
            return _count_rows(execution_engine, str(metric_value_kwargs["failing"]))

    return WrongRowsCount, FailingRowsCount


def _verdict(count: int) -> dict[str, object]:
    return {"success": count == 0, "result": {"unexpected_count": count}}


def _count_rows(engine: SqlAlchemyExecutionEngine, failing: str) -> int:
    """How many rows of the view a template selects. Driver SQL, because SQLAlchemy's text reads `:name` as a place."""
    with engine.get_connection() as connection:
        rows = connection.exec_driver_sql(f"SELECT count(*) FROM ({failing.format(table=VIEW)}\n)")
        return int(rows.scalar_one())
