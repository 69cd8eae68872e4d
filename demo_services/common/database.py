"""A service's own SQLite database, through SQLAlchemy."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import sqlalchemy
from opentelemetry.instrumentation.sqlalchemy import SQLAlchemyInstrumentor
from opentelemetry.instrumentation.utils import suppress_instrumentation


def open_database(
    data_dir: Path,
    name: str,
    schema: sqlalchemy.MetaData,
    fill: Callable[[sqlalchemy.Connection], None] = lambda _connection: None,
) -> sqlalchemy.Engine:
    """Opens `<data_dir>/<name>.sqlite`, makes folder and tables where they are missing, and lets `fill` add first rows.
    Its statements are traced, as the service's one database: call it once, with telemetry set up.

    The engine's URL says `name` instead of the file's path, so spans report a stable `db.namespace`.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    file = data_dir / f"{name}.sqlite"
    engine = sqlalchemy.create_engine(f"sqlite:///{name}", creator=lambda: _connect(file))
    # 0.66b1 declares SQLAlchemy < 2.1 and would do nothing on 2.1, where it works: the tests see its spans.
    SQLAlchemyInstrumentor().instrument(engine=engine, skip_dep_check=True)
    with suppress_instrumentation():  # no traces of start-up
        schema.create_all(engine)
        with engine.begin() as connection:
            fill(connection)
    return engine


def _connect(file: Path) -> sqlite3.Connection:
    """Write-ahead log without a sync per commit: a demo's data may lose its last moments in a power cut."""
    connection = sqlite3.connect(file, timeout=5.0, isolation_level="IMMEDIATE", check_same_thread=False)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    return connection
