"""Services, their operations and their RED series (rate, errors, duration), from the per-minute roll-ups."""

from dataclasses import dataclass

from collector.queries import sources
from collector.queries.scope import EVERYTHING, Scope, names_within
from collector.queries.statements import statement
from collector.queries.time_range import TimeRange
from collector.store.engine import Row, Store


@dataclass(frozen=True, slots=True)
class Instances:
    """What a service's resources said of it."""

    namespace: str
    environments: list[str]
    versions: list[str]
    instances: list[str]


def with_percentiles(row: Row) -> Row:
    """`quantiles_ms` as p50_ms, p95_ms and p99_ms; None where nothing was measured."""
    p50, p95, p99 = row.pop("quantiles_ms") or (None, None, None)
    return {**row, "p50_ms": p50, "p95_ms": p95, "p99_ms": p99}


def list_services(store: Store, rolled: sources.RolledUp, scope: Scope = EVERYTHING) -> list[Row]:
    """By name. Calls are entries: server and consumer spans, and roots."""
    within = names_within(store, rolled.window, scope)
    entries = {row["name"]: row for row in _entries(store, rolled)}
    present = list_instances(store, rolled.window)
    empty = {"calls": 0, "errors": 0, "rejected": 0, "p50_ms": None, "p95_ms": None, "p99_ms": None}
    rows = []
    for name in sorted(entries.keys() | present.keys()):
        if within is not None and name not in within:
            continue
        about = present.get(name, Instances("", [], [], []))
        red = entries.get(name, empty)
        rows.append(
            {
                "name": name,
                "namespace": about.namespace,
                "environments": about.environments,
                "versions": about.versions,
                "instances": about.instances,
                **{key: red[key] for key in empty},
                "health": "unknown",
            }
        )
    return rows


def list_operations(store: Store, service: str, window: TimeRange) -> list[Row]:
    """A service's operations by kind, most calls first."""
    sql = statement("service_operations", operations=sources.operations(store))
    return [with_percentiles(row) for row in store.query(sql, {"service": service, **window.minutes})]


def list_points(store: Store, service: str, window: TimeRange, step_s: int) -> list[Row]:
    """RED of a service's entries in steps of `step_s` seconds (whole minutes), with start_ns."""
    sql = statement("service_points", services=sources.services(store))
    rows = store.query(sql, {"service": service, "step_s": step_s, **window.minutes})
    return [with_percentiles({"start_ns": str(row.pop("start_s") * 10**9), **row}) for row in rows]


def list_system_points(store: Store, window: TimeRange, step_s: int) -> list[Row]:
    """RED of all services' entries together, as `list_points`."""
    sql = statement("system_points", services=sources.services(store))
    rows = store.query(sql, {"step_s": step_s, **window.minutes})
    return [with_percentiles({"start_ns": str(row.pop("start_s") * 10**9), **row}) for row in rows]


def list_instances(store: Store, window: TimeRange) -> dict[str, Instances]:
    """By service name: namespace (of the newest), environments, versions and instances seen in the window."""
    rows = store.query(statement("service_instances", instances=sources.instances(store)), window.minutes)
    lists = ("environments", "versions", "instances")
    return {row["name"]: Instances(row["namespace"], *(sorted(row[key]) for key in lists)) for row in rows}


def list_entries_of(store: Store, window: TimeRange, traces: list[str]) -> dict[str, Row]:
    """By service, its entries in these traces alone: calls, errors, rejected and percentiles."""
    sql = statement("service_entries", services=sources.services_of_traces(store))
    rows = store.query(sql, {**window.minutes, "ids": traces})
    return {row["name"]: with_percentiles(row) for row in rows}


def _entries(store: Store, rolled: sources.RolledUp) -> list[Row]:
    sql = statement("service_entries", services=sources.services_of(store, rolled))
    return [with_percentiles(row) for row in store.query(sql, rolled.parameters)]
