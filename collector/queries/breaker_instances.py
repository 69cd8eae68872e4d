"""Breakers in each instance as they are, or were at a moment; and their transitions."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import orjson

from collector.queries.moments import moment_text
from collector.queries.statements import statement
from collector.queries.time_range import TimeRange
from collector.store.engine import Row, Store

SECOND_NS = 10**9
STALE_INTERVALS = 3
MOVES_NS = 120 * SECOND_NS  # a row is written within seconds of a transition, unless the job is held up
UNKNOWN_INTERVAL_NS = 60 * SECOND_NS  # the default interval of OpenTelemetry's exporters


class BreakerInstance(NamedTuple):
    """A breaker in one instance, at the moment that was asked for. Thousands are made for an answer."""

    id: str
    instance: str
    service: str
    namespace: str
    name: str
    group: str
    kind: str
    source: str
    target: str
    target_confidence: str
    state: str
    raw: str
    since_ns: int
    since_precision: str
    observed_ns: int
    interval_ns: int
    failure_rate: float | None
    slow_rate: float | None
    settings: dict[str, float]
    evidence: list[Row]
    stale_after_ns: int
    is_stale: bool


def find_instances(
    store: Store, window: TimeRange, at_ns: int, stale_min_s: float, ids: Sequence[str] = ()
) -> list[BreakerInstance]:
    """By breaker id and instance, of all breakers or those with these ids, as they were last written: see `brought_up_to`."""
    bounds = {**replace_end(window, at_ns).minutes, "at_ns": at_ns, "ids": list(ids)}
    written = store.query(statement("breaker_states"), bounds)
    if not written:
        return []
    seen: dict[tuple[str, str], int] = {}
    for row in store.query(statement("instances_seen"), bounds):
        key = (row["service"], row["instance"])
        seen[key] = max(seen.get(key, 0), row["seen_ns"])
    return [_instance(row, seen, at_ns, stale_min_s) for row in written]


def brought_up_to(found: list[BreakerInstance], moves: Sequence[Row], at_ns: int) -> list[BreakerInstance]:
    """With the transitions after a row was written and before `at_ns`. `moves`: at least those of the last MOVES_NS, newest
    first."""
    newer: dict[tuple[str, str], Row] = {}
    for row in moves:
        if at_ns - MOVES_NS <= row["at_ns"] <= at_ns:
            newer.setdefault((row["id"], row["instance"]), row)
    return [_moved(one, newer.get((one.id, one.instance))) for one in found] if newer else found


def list_transitions(
    store: Store, window: TimeRange, service: str = "", name: str = "", ids: Sequence[str] = (), limit: int = 10_000
) -> list[Row]:
    """As in the API, newest first."""
    if not store.has_rollups:
        return []
    words = {"service": service, "name": name, "ids": list(ids), "limit": limit}
    return [_transition(row) for row in store.query(statement("breaker_transitions"), {**window.parameters, **words})]


def replace_end(window: TimeRange, end_ns: int) -> TimeRange:
    return replace(window, end_ns=max(end_ns + 1, window.start_ns + 1))


def _instance(row: Row, seen: dict[tuple[str, str], int], at_ns: int, stale_min_s: float) -> BreakerInstance:
    observed_ns, interval_ns = row["observed_ns"], row["interval_ns"]
    heard_ns = observed_ns if interval_ns else max(observed_ns, seen.get((row["service"], row["instance"]), 0))
    stale_after_ns = max(STALE_INTERVALS * (interval_ns or UNKNOWN_INTERVAL_NS), int(stale_min_s * SECOND_NS))
    told = {**row, "evidence": orjson.loads(row["evidence"])}
    return BreakerInstance(**told, stale_after_ns=stale_after_ns, is_stale=at_ns - heard_ns > stale_after_ns)


def _moved(one: BreakerInstance, transition: Row | None) -> BreakerInstance:
    if transition is None or transition["at_ns"] <= one.observed_ns:
        return one
    return one._replace(state=transition["to"], since_ns=transition["at_ns"], since_precision=transition["precision"])


def _transition(row: Row) -> Row:
    names = ("id", "service", "name", "target", "instance", "reason", "trace_id", "precision", "source")
    kept = {key: row[key] for key in names}
    moment = {"at": moment_text(row["at_ns"]), "at_ns": row["at_ns"]}
    return {**moment, **kept, "from": row["from_state"], "to": row["to_state"]}
