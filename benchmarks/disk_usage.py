"""`python -m benchmarks.disk_usage FOLDER`: merges all tables of a store that no collector has open, prints sizes."""

import json
import os
import sys
import time
from dataclasses import asdict, dataclass
from typing import Any

_TABLES = "SELECT name FROM system.tables WHERE database = currentDatabase() AND engine LIKE '%MergeTree'"
_SIZES = """
    SELECT table, sum(bytes_on_disk) AS bytes FROM system.parts
    WHERE active AND database = currentDatabase() GROUP BY table ORDER BY bytes DESC"""
_COLUMNS = """
    SELECT column AS name, sum(column_bytes_on_disk) AS bytes FROM system.parts_columns
    WHERE active AND database = currentDatabase() AND table = {table:String} GROUP BY column"""
_INDICES = """
    SELECT name, sum(data_compressed_bytes) + sum(marks_bytes) AS bytes FROM system.data_skipping_indices
    WHERE database = currentDatabase() AND table = {table:String} GROUP BY name"""
_SPANS = "otel_traces"


@dataclass(frozen=True)
class DiskUsage:
    spans: int
    found_bytes: int
    """Of all tables, before merging."""
    merged_bytes: int
    merge_s: float
    tables: list[tuple[str, int]]
    """Merged, largest first."""
    columns: list[tuple[str, int]]
    """Columns and indices of otel_traces, merged, largest first."""


def measure(folder: str) -> DiskUsage:
    import clickhouse_connect  # the engine reads the time zone when it is loaded

    client: Any = clickhouse_connect.get_client(interface="chdb", path=folder)
    tables = [name for (name,) in client.query(_TABLES).result_rows]
    found = sum(size for _, size in client.query(_SIZES).result_rows)
    started = time.perf_counter()
    for table in tables:
        client.command(f"OPTIMIZE TABLE {table} FINAL")
    merge_s = time.perf_counter() - started
    sizes = [(name, int(size)) for name, size in client.query(_SIZES).result_rows]
    columns = [
        (name, int(size))
        for sql in (_COLUMNS, _INDICES)
        for name, size in client.query(sql, {"table": _SPANS}).result_rows
    ]
    columns.sort(key=lambda column: -column[1])
    spans = int(client.query("SELECT count() FROM otel_traces").result_rows[0][0])
    client.close()
    return DiskUsage(spans, int(found), sum(size for _, size in sizes), merge_s, sizes, columns)


if __name__ == "__main__":
    os.environ["TZ"] = "UTC"
    time.tzset()
    print(json.dumps(asdict(measure(sys.argv[1]))))
