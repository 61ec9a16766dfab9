"""Where Dagster keeps runs, events and schedules: in PostgreSQL when the environment names one, else in SQLite.

`dagster.yaml` names this class and nothing else, so that the address with its password stands in no file.
"""

from __future__ import annotations

import os
from collections.abc import Mapping

from dagster._core.storage.base_storage import DagsterStorage
from dagster._core.storage.sqlite_storage import DagsterSqliteStorage
from dagster._serdes import ConfigurableClassData

from pipelines.errors import StoreError
from pipelines.findings import Finding, Place

POSTGRES = "OPENDATA_DAGSTER_POSTGRES"


def _postgres(address: str, inst_data: ConfigurableClassData) -> DagsterStorage:
    """The database, its tables made when they are not there. Raises StoreError when it can't be used."""
    from dagster_postgres import DagsterPostgresStorage
    from dagster_postgres.utils import DagsterPostgresException
    from sqlalchemy.exc import SQLAlchemyError

    try:
        return DagsterPostgresStorage(address, inst_data=inst_data)
    except (DagsterPostgresException, SQLAlchemyError) as error:  # their texts may quote the address
        raise StoreError(Finding("records.unreachable", Place(), type(error).__name__)) from None


class RecordsStorage(DagsterSqliteStorage):
    """SQLite where Dagster itself would place it; PostgreSQL when `OPENDATA_DAGSTER_POSTGRES` has an address."""

    @classmethod
    def config_type(cls) -> Mapping[str, object]:
        """Nothing is configured in the file."""
        return {}

    @classmethod
    def from_config_value(  # type: ignore[override]
        cls, inst_data: ConfigurableClassData, config_value: Mapping[str, object]
    ) -> DagsterStorage:
        """The storage that the environment asks for."""
        del config_value
        if address := os.environ.get(POSTGRES, "").strip():
            return _postgres(address, inst_data)
        return DagsterSqliteStorage.from_local(os.environ["DAGSTER_HOME"], inst_data=inst_data)
