"""The connection to ClickHouse, embedded in this process (`chdb://PATH`) or a server (`clickhouse://…`).

A client serves one thread at a time, so every thread gets its own; all of them share the engine. One chdb process can
have one folder open, and a folder can be open in one process: a lock file says so before the engine is touched.
"""

import fcntl
import re
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any
from urllib.parse import unquote, urlsplit

import clickhouse_connect
import orjson
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError, OperationalError

from collector.errors import BadRequest, CollectorError, QueryTimeout, Unavailable
from collector.settings import Settings
from collector.store import priority, schema

Row = dict[str, Any]

_TIMEOUTS = {159, 160}
_TOO_MUCH = {158, 307, 396, 241}
_BAD_REGEX = {427, 428}
_INSERT = {
    "max_partitions_per_insert_block": 100,  # days; each costs 40 ms, a part in every table: 1,000 held a writer 40 s
    # An insert runs one fixed plan: optimising and compiling it anew each time took 45 of 120 ms.
    "query_plan_enable_optimizations": 0,
    "compile_expressions": 0,
    "max_threads": 1,
    "max_insert_threads": 1,
    "max_execution_time": 120,
}
_EMBEDDED_CACHES = {
    "background_merges_mutations_concurrency_ratio": 1,  # merges at a time for each of 2 threads: they need memory
    "mark_cache_size": 64 * 2**20,
    "primary_index_cache_size": 64 * 2**20,
    "index_mark_cache_size": 64 * 2**20,
}
_EMBEDDED_SETTINGS = {
    "use_skip_indexes_on_data_read": 0,  # setting it up costs a trace by id 7 of 33 ms; older servers do not know it
}
_CLUSTER_SETTINGS = {
    "distributed_foreground_insert": 1,  # what was acknowledged is on its shard, not in a queue for it
    "distributed_product_mode": "local",  # a trace's spans are on one shard, so is what a subquery asks about them
}


class Store:
    """Owns the engine; hands out clients per thread. Close it once, after its users."""

    def __init__(self, settings: Settings, words: Mapping[str, str]) -> None:
        """Opens the store and applies the schema. `words`: the conventions' SQL, see `schema.statements`.

        Raises CollectorError with a clear text when the folder is in use or the server does not answer.
        """
        self._settings = settings
        self._clients = threading.local()
        self._all_clients: list[Client] = []
        self._guard = threading.Lock()
        self._lock_file: IO[str] | None = None
        self.path = _embedded_path(settings.store_url)
        if self.path is not None:
            self._lock_file = _lock(self.path)
        try:
            if not settings.store_readonly:
                self._apply_schema(words)
            spans, logs = self._columns("otel_traces"), self._columns("otel_logs")
            if not spans:
                raise CollectorError(f"{settings.store_url.split('@')[-1]} has no table otel_traces to read from")
            self.has_rollups = self._is_up_to_date()
            self.has_call_columns = "Environment" in spans
            self.has_logs, self.has_event_names = bool(logs), "EventName" in logs
        except Exception:
            self.close()
            raise
        if self.path is not None:
            self.query(priority.FILL_POOL)
            priority.merges_give_way()

    @property
    def database(self) -> str:
        return "default" if self.path is not None else urlsplit(self._settings.store_url).path.strip("/") or "default"

    @property
    def read_only(self) -> bool:
        return self._settings.store_readonly

    @property
    def clustered(self) -> bool:
        return bool(self._settings.cluster)

    def query(self, sql: str, parameters: Mapping[str, Any] | None = None) -> list[Row]:
        """Rows as dicts, in the order of the statement. Values are bound: `{name:Type}` is `parameters[name]`.

        Raises QueryTimeout, BadRequest (result too large, bad regular expression) or Unavailable.
        """
        with _mapped_errors(self._settings.query_timeout_s):
            result = self._client().query(sql, parameters=dict(parameters or {}))
            return [dict(zip(result.column_names, row, strict=True)) for row in result.result_rows]

    def query_arrow(self, sql: str, parameters: Mapping[str, Any] | None = None) -> Any:
        """The answer as a pyarrow.Table, for results whose rows would be too many Python objects. As `query` otherwise."""
        with _mapped_errors(self._settings.query_timeout_s):
            return self._client().query_arrow(sql, parameters=dict(parameters or {}), use_strings=True)

    def command(
        self, sql: str, parameters: Mapping[str, Any] | None = None, settings: Mapping[str, Any] | None = None
    ) -> None:
        """Run a statement that returns nothing. Raises what the engine raises."""
        self._client().command(sql, parameters=dict(parameters or {}), settings=dict(settings or {}))

    def insert_request(self, inbox: str, body: bytes, database: str = "") -> None:
        """Insert a serialised export request through `inbox`; returns when it is on disk. Raises ClickHouseError."""
        settings = {**schema.insert_settings(inbox), **_INSERT}
        table = f"{database}.{inbox}_inbox" if database else f"{inbox}_inbox"
        self._client().raw_insert(table, insert_block=body, fmt="ProtobufSingle", settings=settings)

    def insert_rows(self, table: str, rows: Sequence[Row]) -> None:
        """Insert rows by column name into one of our small tables; they are on disk when it returns. Raises ClickHouseError."""
        body = b"\n".join(orjson.dumps(row) for row in rows)
        self._client().raw_insert(table, insert_block=body, fmt="JSONEachRow", settings={"max_threads": 1})

    def ping(self) -> bool:
        return bool(self._client().ping())

    def close(self) -> None:
        with self._guard:
            clients, self._all_clients = self._all_clients, []
        for client in clients:
            client.close()
        if self._lock_file is not None:
            self._lock_file.close()
            self._lock_file = None

    def _client(self) -> Client:
        client = getattr(self._clients, "client", None)
        if client is None:
            client = self._clients.client = self._connect()
            with self._guard:
                self._all_clients.append(client)
        return client

    def _connect(self) -> Client:
        limits = {"max_execution_time": self._settings.query_timeout_s, **(_CLUSTER_SETTINGS if self.clustered else {})}
        if self.path is not None:
            settings, options = {**limits, **_EMBEDDED_SETTINGS}, self._embedded_options()
            return clickhouse_connect.get_client(
                interface="chdb", path=str(self.path), settings=settings, chdb_options=options
            )
        url = urlsplit(self._settings.store_url)
        connection: dict[str, Any] = {
            "host": url.hostname,
            "port": url.port or (8443 if url.scheme == "clickhouses" else 8123),
            "username": unquote(url.username or "default"),
            "password": unquote(url.password or ""),
            "secure": url.scheme == "clickhouses",
            "settings": limits,
        }
        try:
            if self.database != "default" and not self._settings.store_readonly and not self._all_clients:
                on_cluster = f"ON CLUSTER {_quoted(self._settings.cluster)}" if self.clustered else ""
                create = f"CREATE DATABASE IF NOT EXISTS {_quoted(self.database)} {on_cluster}"
                clickhouse_connect.get_client(**connection).command(create)
            return clickhouse_connect.get_client(**connection, database=self.database)
        except (ClickHouseError, OSError) as error:
            raise Unavailable(
                f"ClickHouse at {url.hostname}:{connection['port']} does not answer: {_short(error)}"
            ) from error

    def _embedded_options(self) -> dict[str, Any]:
        options: dict[str, Any] = {**_EMBEDDED_CACHES, "format_schema_path": f"{self.path}/format_schemas/"}
        if self._settings.memory_max_bytes:
            options["max_server_memory_usage"] = self._settings.memory_max_bytes
        return options

    def _apply_schema(self, words: Mapping[str, str]) -> None:
        """Changes to what an older version made come first: views of this one need the columns."""
        if not self._is_up_to_date():
            tables = {
                row["name"] for row in self.query("SELECT name FROM system.tables WHERE database = currentDatabase()")
            }
            changes = schema.changes(words, self._settings.cluster)
            self._apply(change for change in changes if change.about in tables)
        self._apply(schema.statements(words, self._settings.cluster))

    def _apply(self, statements: Iterable[schema.Statement]) -> None:
        for statement in statements:
            try:
                self.command(statement.sql)
            except ClickHouseError as error:
                raise CollectorError(f"schema {statement.name}: {_short(error)}") from error

    def _is_up_to_date(self) -> bool:
        """It has roll-ups, of this version."""
        table, column = schema.CHANGED_LAST
        return column in self._columns(table)

    def _columns(self, table: str) -> set[str]:
        sql = "SELECT name FROM system.columns WHERE database = currentDatabase() AND table = {table:String}"
        return {row["name"] for row in self.query(sql, {"table": table})}


def error_code(error: BaseException) -> int:
    """ClickHouse's number for an error, 0 where there is none."""
    code = getattr(error, "code", None)
    if isinstance(code, int):
        return code
    if isinstance(error.__cause__, UnicodeDecodeError):  # the engine quoted what it refused, and that is not text
        found = re.search(rb"Code: (\d+)", error.__cause__.object)
        return int(found[1]) if found else 0
    return 0


def _embedded_path(url: str) -> Path | None:
    scheme, _, path = url.partition("://")
    return Path(path).expanduser().resolve() if scheme == "chdb" else None


def _lock(folder: Path) -> IO[str]:
    """Holds `folder` for this process as long as the returned file is open. The kernel frees it when a process dies."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file = (folder / "spanscape.lock").open("w")
    except OSError as error:
        raise CollectorError(f"cannot use {folder}: {error.strerror}") from error
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        raise CollectorError(
            f"{folder} is in use by another collector; stop it, or choose another folder with --store"
        ) from None
    return file


@contextmanager
def _mapped_errors(timeout_s: float) -> Iterator[None]:
    try:
        yield
    except ClickHouseError as error:
        code = error_code(error)
        if code in _TIMEOUTS:
            raise QueryTimeout(
                f"the query did not finish in {timeout_s:g} s; ask for a shorter time range or a narrower filter"
            ) from error
        if code in _TOO_MUCH:
            raise BadRequest(f"the answer is too large; ask for a shorter time range: {_short(error)}") from error
        if code in _BAD_REGEX:
            raise BadRequest(f"the regular expression is not valid: {_short(error)}") from error
        if isinstance(error, OperationalError):
            raise Unavailable(f"the store does not answer: {_short(error)}") from error
        raise


def _quoted(name: str) -> str:
    return "`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`"


def _short(error: BaseException) -> str:
    return str(error).split("\n")[0][:300]
