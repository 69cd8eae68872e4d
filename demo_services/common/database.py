"""A service's own database, through SQLAlchemy: an SQLite file, or what SHOP_DATABASE_URL names."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import sqlalchemy
from opentelemetry.instrumentation.sqlalchemy import SQLAlchemyInstrumentor
from opentelemetry.instrumentation.utils import suppress_instrumentation

from demo_services.common.settings import ServiceSettings

_SQLITE_WAIT_S = 1.5  # for another process's transaction


def open_database(
    settings: ServiceSettings,
    name: str,
    schema: sqlalchemy.MetaData,
    fill: Callable[[sqlalchemy.Connection], None] = lambda _connection: None,
) -> sqlalchemy.Engine:
    """Opens the database of service `name`, makes tables where they are missing, and lets `fill` add first rows.
    Its statements are traced, as the service's one database: call it once, with telemetry set up.
    """
    engine = sqlalchemy.create_engine(settings.database_url) if settings.database_url else _sqlite(settings, name)
    # 0.66b1 declares SQLAlchemy < 2.1 and would do nothing on 2.1, where it works: the tests see its spans.
    SQLAlchemyInstrumentor().instrument(engine=engine, skip_dep_check=True)
    with suppress_instrumentation(), engine.begin() as connection:  # no traces of start-up
        _one_at_a_time(connection)
        schema.create_all(connection)
        fill(connection)
    return engine


def _sqlite(settings: ServiceSettings, name: str) -> sqlalchemy.Engine:
    """The engine's URL says `name` instead of the file's path, so spans report a stable `db.namespace`."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    file = settings.data_dir / f"{name}.sqlite"
    return sqlalchemy.create_engine(f"sqlite:///{name}", creator=lambda: _connect(file))


def _connect(file: Path) -> sqlite3.Connection:
    """Write-ahead log without a sync per commit: a demo's data may lose its last moments in a power cut."""
    connection = sqlite3.connect(file, timeout=_SQLITE_WAIT_S, isolation_level="IMMEDIATE", check_same_thread=False)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    return connection


def _one_at_a_time(connection: sqlalchemy.Connection) -> None:
    """The instances of a service start together and would make the same tables: the first holds the others up."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(5350414)")
