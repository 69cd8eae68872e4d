"""Services, their operations and their RED series (rate, errors, duration), from the per-minute roll-ups."""

from dataclasses import dataclass
from typing import Any

from collector.queries import sources
from collector.queries.time_range import TimeRange
from collector.store.engine import Row, Store

_RED = """sum(Calls) AS calls, sum(Errors) AS errors, sum(Rejected) AS rejected,
        arrayMap(ns -> if(isNaN(ns), NULL, round(ns / 1e6, 3)), quantilesDDMerge(0.01, 0.5, 0.95, 0.99)(DurationSketch)) AS quantiles_ms"""


@dataclass(frozen=True, slots=True)
class Instances:
    """What a service's resources said of it."""

    namespace: str
    versions: list[str]
    instances: list[str]


def with_percentiles(row: Row) -> Row:
    """`quantiles_ms` as p50_ms, p95_ms and p99_ms; None where nothing was measured."""
    p50, p95, p99 = row.pop("quantiles_ms") or (None, None, None)
    return {**row, "p50_ms": p50, "p95_ms": p95, "p99_ms": p99}


def list_services(store: Store, window: TimeRange) -> list[Row]:
    """By name. Calls are entries: server and consumer spans, and roots; a service without any is counted by who calls it."""
    entries = {row["name"]: row for row in _entries(store, window)}
    present = list_instances(store, window)
    empty = {"calls": 0, "errors": 0, "rejected": 0, "p50_ms": None, "p95_ms": None, "p99_ms": None}
    rows = []
    for name in sorted(entries.keys() | present.keys()):
        about = present.get(name, Instances("", [], []))
        red = entries.get(name, empty)
        rows.append(
            {
                "name": name,
                "namespace": about.namespace,
                "versions": about.versions,
                "instances": about.instances,
                **{key: red[key] for key in empty},
                "health": "unknown",
            }
        )
    return rows


def list_operations(store: Store, service: str, window: TimeRange) -> list[Row]:
    """A service's operations by kind, most calls first."""
    sql = f"""SELECT SpanName AS name, lower(SpanKind) AS kind, {_RED}
        FROM {sources.operations(store)} AS operations
        WHERE ServiceName = {{service:String}}
        GROUP BY name, kind ORDER BY calls DESC, name, kind LIMIT 1000"""
    return [with_percentiles(row) for row in store.query(sql, {"service": service, **window.minutes})]


def list_points(store: Store, service: str, window: TimeRange, step_s: int) -> list[Row]:
    """RED of a service's entries in steps of `step_s` (whole minutes): start_ns, calls, errors, rejected, percentiles."""
    sql = f"""SELECT toUnixTimestamp(toStartOfInterval(Minute, toIntervalSecond({{step_s:UInt32}}))) AS start_s, {_RED}
        FROM {sources.operations(store)} AS operations
        WHERE ServiceName = {{service:String}} AND IsEntry
        GROUP BY start_s ORDER BY start_s"""
    rows = store.query(sql, {"service": service, "step_s": step_s, **window.minutes})
    return [with_percentiles({"start_ns": str(row.pop("start_s") * 10**9), **row}) for row in rows]


def list_instances(store: Store, window: TimeRange) -> dict[str, Instances]:
    """By service name: namespace (of the newest), versions and instances seen in the window."""
    rows = store.query(_instances_sql(store), {**window.minutes, **window.parameters})
    return {row["name"]: Instances(row["namespace"], sorted(row["versions"]), sorted(row["instances"])) for row in rows}


def _entries(store: Store, window: TimeRange) -> list[dict[str, Any]]:
    sql = f"""SELECT ServiceName AS name, {_RED} FROM {sources.operations(store)} AS operations WHERE IsEntry GROUP BY name"""
    return [with_percentiles(row) for row in store.query(sql, window.minutes)]


def _instances_sql(store: Store) -> str:
    if store.has_rollups:
        return """SELECT ServiceName AS name, argMax(ServiceNamespace, LastSeen) AS namespace,
                groupUniqArrayIf(100)(ServiceVersion, ServiceVersion != '') AS versions,
                groupUniqArrayIf(1000)(ServiceInstanceId, ServiceInstanceId != '') AS instances
            FROM service_instances_1m
            WHERE Minute >= {from_minute:DateTime} AND Minute <= {to_minute:DateTime} GROUP BY name"""
    return """SELECT ServiceName AS name, argMax(ResourceAttributes['service.namespace'], Timestamp) AS namespace,
            groupUniqArrayIf(100)(ResourceAttributes['service.version'], ResourceAttributes['service.version'] != '') AS versions,
            groupUniqArrayIf(1000)(ResourceAttributes['service.instance.id'], ResourceAttributes['service.instance.id'] != '') AS instances
        FROM otel_traces
        WHERE Timestamp >= fromUnixTimestamp64Nano({start_ns:Int64}) AND Timestamp < fromUnixTimestamp64Nano({end_ns:Int64}) GROUP BY name"""
