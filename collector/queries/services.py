"""Services, their operations and their RED series (rate, errors, duration), from the per-minute roll-ups."""

from dataclasses import asdict, dataclass, fields

from collector.queries import sources
from collector.queries.moments import moment_text
from collector.queries.scope import EVERYTHING, Scope, named_of_namespace
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
    last_seen: str | None
    """When it last sent a span in the window, RFC 3339."""


def with_percentiles(row: Row) -> Row:
    """`quantiles_ms` as p50_ms, p95_ms and p99_ms; None where nothing was measured."""
    p50, p95, p99 = row.pop("quantiles_ms") or (None, None, None)
    return {**row, "p50_ms": p50, "p95_ms": p95, "p99_ms": p99}


def list_services(store: Store, rolled: sources.RolledUp, scope: Scope = EVERYTHING) -> list[Row]:
    """By name. Calls are entries: server and consumer spans, and roots."""
    entries = {row["name"]: row for row in _entries(store, rolled, scope.environment)}
    present = list_instances(store, rolled.window, scope)
    names = present.keys() if scope.namespace else entries.keys() | present.keys()
    return [_service(name, present.get(name, _UNKNOWN), entries.get(name, _NO_CALLS)) for name in sorted(names)]


def list_silent(store: Store, window: TimeRange, silent_ns: int, scope: Scope = EVERYTHING) -> list[Row]:
    """Services that sent spans in the `silent_ns` before the window; those among them that sent some in it are not silent."""
    if silent_ns <= 0:
        return []
    before = TimeRange(max(0, window.start_ns - silent_ns), window.start_ns)
    known = list_instances(store, before, scope)
    return [{**_service(name, known[name], _NO_CALLS), "silent": True} for name in sorted(known)]


def list_idle(store: Store, window: TimeRange) -> list[Row]:
    """All services that sent spans in the window, as if nobody had asked them."""
    return [_service(name, one, _NO_CALLS) for name, one in list_instances(store, window).items()]


def with_silent(known: list[Row], silent: list[Row]) -> list[Row]:
    """Those that are known, and the silent ones that are not."""
    names = {row["name"] for row in known}
    return [*known, *(row for row in silent if row["name"] not in names)]


def list_versions(store: Store, service: str, window: TimeRange, environment: str = "") -> list[Row]:
    """RED of a service's entries by version, the newest first. A span that was sent twice counts twice."""
    wanted = {"service": service, "environment": environment}
    rows = store.query(statement("service_versions", spans=sources.spans(store)), {**wanted, **window.parameters})
    for row in rows:
        row["first_seen"], row["last_seen"] = moment_text(row.pop("first_ns")), moment_text(row.pop("last_ns"))
    return [with_percentiles(row) for row in rows]


def list_operations(store: Store, service: str, window: TimeRange, environment: str = "") -> list[Row]:
    """A service's operations by kind, most calls first."""
    sql = statement("service_operations", operations=sources.operations(store))
    wanted = {"service": service, "environment": environment, **window.minutes}
    return [with_percentiles(row) for row in store.query(sql, wanted)]


def list_points(store: Store, service: str, window: TimeRange, step_s: int, environment: str = "") -> list[Row]:
    """RED of a service's entries in steps of `step_s` seconds (whole minutes), with start_ns."""
    sql = statement("service_points", services=sources.services(store))
    wanted = {"service": service, "environment": environment, "step_s": step_s}
    return points_of(store.query(sql, {**wanted, **window.minutes}))


def list_system_points(store: Store, window: TimeRange, step_s: int, scope: Scope = EVERYTHING) -> list[Row]:
    """RED of all services' entries together, as `list_points`."""
    sql = statement("system_points", services=sources.services(store))
    wanted = {"environment": scope.environment, **named_of_namespace(store, window, scope)}
    return points_of(store.query(sql, {**wanted, "step_s": step_s, **window.minutes}))


def points_of(rows: list[Row]) -> list[Row]:
    """Rows by `start_s` as points of the API."""
    return [with_percentiles({"start_ns": str(row.pop("start_s") * 10**9), **row}) for row in rows]


def list_instances(store: Store, window: TimeRange, scope: Scope = EVERYTHING) -> dict[str, Instances]:
    """By service name: namespace (of the newest), environments, versions and instances seen in the window and scope."""
    sql = statement("service_instances", instances=sources.instances(store))
    return {row.pop("name"): _instances(row) for row in store.query(sql, {**window.minutes, **asdict(scope)})}


def _instances(row: Row) -> Instances:
    seen = moment_text(row["seen_ns"])
    return Instances(
        row["namespace"], sorted(row["environments"]), sorted(row["versions"]), sorted(row["instances"]), seen
    )


_SAID = tuple(one.name for one in fields(Instances))
_UNKNOWN = Instances("", [], [], [], None)
_NO_CALLS: Row = {"calls": 0, "errors": 0, "rejected": 0, "p50_ms": None, "p95_ms": None, "p99_ms": None}


def _service(name: str, about: Instances, red: Row) -> Row:
    said = {each: getattr(about, each) for each in _SAID}  # asdict copies every list
    return {"name": name, **said, **{key: red[key] for key in _NO_CALLS}, "silent": False, "health": "unknown"}


def list_entries_of(store: Store, window: TimeRange, traces: list[str], environment: str = "") -> dict[str, Row]:
    """By service, its entries in these traces alone: calls, errors, rejected and percentiles."""
    sql = statement("service_entries", services=sources.services_of_traces(store))
    rows = store.query(sql, {**window.minutes, "ids": traces, "environment": environment})
    return {row["name"]: with_percentiles(row) for row in rows}


def _entries(store: Store, rolled: sources.RolledUp, environment: str) -> list[Row]:
    sql = statement("service_entries", services=sources.services_of(store, rolled))
    rows = store.query(sql, {**rolled.parameters, "environment": environment})
    return [with_percentiles(row) for row in rows]
