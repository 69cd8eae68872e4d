"""Calls through breakers minute by minute: of all of them lately, and of one over a range."""

from collections.abc import Container, Mapping, Sequence
from typing import Any

from collector.queries import sources
from collector.queries.moments import moment_text
from collector.queries.services import with_percentiles
from collector.queries.statements import statement
from collector.queries.time_range import MINUTE_NS, TimeRange
from collector.store.engine import Row, Store

MINUTES = 10
COUNTS = ("ok", "failed", "slow", "rejected")
_NO_COUNTS = dict.fromkeys(COUNTS, 0)
_NO_DURATIONS = {"p50_ms": None, "p95_ms": None, "p99_ms": None}
_OF_LATE = ("ok", "failed", "rejected")


def calls_of_late(
    store: Store, at_ns: int, ids: Sequence[str] = (), kept: Container[tuple[str, str]] | None = None
) -> dict[str, Row]:
    """By breaker: calls in each of the MINUTES minutes that end with that of `at_ns`, in columns, over all instances or those
    `kept`, by breaker and instance. Only breakers that had calls."""
    if not store.has_rollups:
        return {}
    window = _late(at_ns)
    sql = statement("breaker_minutes", instance="''" if kept is None else "Instance")
    found: dict[str, Row] = {}
    for row in store.query(sql, {**window.minutes, "ids": list(ids)}):
        if kept is not None and (row["id"], row["instance"]) not in kept:
            continue
        traffic = found.get(row["id"])
        if traffic is None:
            traffic = found[row["id"]] = no_calls(at_ns)
        place = (row["minute_s"] * 10**9 - window.start_ns) // MINUTE_NS
        for count in _OF_LATE:
            traffic[count][place] += round(row[count])
    return found


def no_calls(at_ns: int) -> dict[str, Any]:
    """The traffic of a breaker that had no calls."""
    return {"start": moment_text(_late(at_ns).start_ns), **{count: [0] * MINUTES for count in _OF_LATE}}


def list_points(store: Store, breaker: Row, window: TimeRange, step_s: int, environment: str = "") -> Row:
    """Calls through a breaker in steps of `step_s` seconds (whole minutes): over the instances that it has, with the durations of
    the calls to its target, and of each instance. As in the API."""
    bounds = {"step_s": step_s, "environment": environment, **window.minutes}
    ids = {one["id"] for one in breaker["instances"]}
    instances: dict[str, list[Row]] = {}
    for row in store.query(statement("breaker_points"), {**bounds, "id": breaker["id"]}) if store.has_rollups else []:
        if not environment or row["instance"] in ids:
            point = _point(row["start_s"], {each: round(row[each]) for each in COUNTS})
            instances.setdefault(row["instance"], []).append(point)
    told = _sums([point for points in instances.values() for point in points])
    edge = _edge(store, breaker, bounds)
    counted_by = "breaker" if told else "calls"
    points = []
    for start_ns in sorted(told.keys() | edge.keys(), key=int):
        counts, durations = edge.get(start_ns, (_NO_COUNTS, _NO_DURATIONS))
        points.append({"start_ns": start_ns, **(told.get(start_ns, _NO_COUNTS) if told else counts), **durations})
    rows = [{"id": instance, "points": found} for instance, found in sorted(instances.items())]
    return {"step_s": step_s, "counted_by": counted_by, "points": points, "instances": rows}


def _point(start_s: int, counts: Mapping[str, int]) -> Row:
    return {"start_ns": str(start_s * 10**9), **counts}


def _sums(points: list[Row]) -> dict[str, dict[str, int]]:
    """By start."""
    found: dict[str, dict[str, int]] = {}
    for point in points:
        counts = found.setdefault(point["start_ns"], dict(_NO_COUNTS))
        for each in COUNTS:
            counts[each] += point[each]
    return found


def _edge(store: Store, breaker: Row, bounds: Mapping[str, Any]) -> dict[str, tuple[Mapping[str, int], Row]]:
    """By start: counts and durations of the calls to the target, as spans tell."""
    if not breaker["target"] or not store.has_rollups:
        return {}
    ends = {"source": breaker["service"], "source_kind": "service", "target": breaker["target"], "target_kind": ""}
    found: dict[str, tuple[Mapping[str, int], Row]] = {}
    for row in map(with_percentiles, store.query(statement("edge_points", edges=sources.edges()), {**bounds, **ends})):
        failed, rejected = row["errors"], row["rejected"]
        counts = {"ok": max(row["calls"] - failed - rejected, 0), "failed": failed, "slow": 0, "rejected": rejected}
        found[str(row["start_s"] * 10**9)] = (counts, {each: row[each] for each in _NO_DURATIONS})
    return found


def _late(at_ns: int) -> TimeRange:
    last_ns = at_ns // MINUTE_NS * MINUTE_NS
    return TimeRange(last_ns - (MINUTES - 1) * MINUTE_NS, last_ns + MINUTE_NS)
