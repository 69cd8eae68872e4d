"""Breakers as they are, or were at a moment: per instance and rolled up to the service; and their transitions."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Any

import orjson

from collector.conventions.breakers import SERVICE_ORDER
from collector.queries.moments import moment_text
from collector.queries.statements import statement
from collector.queries.time_range import TimeRange
from collector.store.engine import Row, Store

SECOND_NS = 10**9
STALE_INTERVALS = 3
UNKNOWN_INTERVAL_NS = 60 * SECOND_NS  # the default interval of OpenTelemetry's exporters
FLAPPING_NS, FLAPPING_OPENINGS = 600 * SECOND_NS, 3
_OPEN = ("open", "forced_open")
_WORDS = {
    ("concurrency_limit", "open"): "saturated",
    ("concurrency_limit", "closed"): "below the limit",
    ("endpoint_ejection", "open"): "endpoints cut off",
    ("endpoint_ejection", "closed"): "all endpoints in use",
}
_SAMPLES = ("state_set", "time_in_state", "state_number", "state_flag", "endpoints")


@dataclass(frozen=True, slots=True)
class BreakerInstance:
    """A breaker in one instance, at the moment that was asked for."""

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


def list_breakers(store: Store, window: TimeRange, at_ns: int, stale_min_s: float, limit: int) -> list[Row]:
    """Breakers heard of in the window up to `at_ns`, as in the API; those that need attention first."""
    if not store.has_rollups:
        return []
    instances = find_instances(store, window, at_ns, stale_min_s)
    calls = {(row["id"], row["instance"]): row for row in store.query(statement("breaker_calls"), window.minutes)}
    openings: dict[str, list[Row]] = {}
    for one in list_transitions(store, window, limit=limit):
        if one["to"] in _OPEN:
            openings.setdefault(one["id"], []).append(one)
    rows = [
        _breaker(list(group), calls, openings.get(id_, []), window, at_ns)
        for id_, group in groupby(instances, key=lambda one: one.id)
    ]
    return sorted(rows, key=_attention)[:limit]


def find_instances(store: Store, window: TimeRange, at_ns: int, stale_min_s: float) -> list[BreakerInstance]:
    """By breaker id and instance. A transition after a row was written and before `at_ns` counts."""
    bounds = {**replace_end(window, at_ns).minutes, "at_ns": at_ns}
    seen = {
        (row["service"], row["instance"]): row["seen_ns"] for row in store.query(statement("instances_seen"), bounds)
    }
    found = [_instance(row, seen, at_ns, stale_min_s) for row in store.query(statement("breaker_states"), bounds)]
    return _brought_up_to(store, found, at_ns)


def list_transitions(
    store: Store, window: TimeRange, service: str = "", name: str = "", id: str = "", limit: int = 10_000
) -> list[Row]:
    """As in the API, newest first."""
    if not store.has_rollups:
        return []
    words = {"service": service, "name": name, "id": id, "limit": limit}
    return [_transition(row) for row in store.query(statement("breaker_transitions"), {**window.parameters, **words})]


def replace_end(window: TimeRange, end_ns: int) -> TimeRange:
    return replace(window, end_ns=max(end_ns + 1, window.start_ns + 1))


def _instance(row: Row, seen: dict[tuple[str, str], int], at_ns: int, stale_min_s: float) -> BreakerInstance:
    service, namespace, name, group, kind, source, target, confidence = row["about"]
    state, raw, since_ns, precision, observed_ns, interval_ns = row["state"]
    failure_rate, slow_rate, settings, evidence = row["more"]
    heard_ns = observed_ns if interval_ns else max(observed_ns, seen.get((service, row["instance"]), 0))
    stale_after_ns = max(STALE_INTERVALS * (interval_ns or UNKNOWN_INTERVAL_NS), int(stale_min_s * SECOND_NS))
    about = (service, namespace, name, group, kind, source, target, confidence)
    now = (state, raw, since_ns, precision, observed_ns, interval_ns, failure_rate, slow_rate, settings)
    stale = at_ns - heard_ns > stale_after_ns
    return BreakerInstance(row["id"], row["instance"], *about, *now, orjson.loads(evidence), stale_after_ns, stale)


def _brought_up_to(store: Store, found: list[BreakerInstance], at_ns: int) -> list[BreakerInstance]:
    if not found:
        return []
    start_ns = max(min(one.observed_ns for one in found), at_ns - 120 * SECOND_NS)
    newer: dict[tuple[str, str], Row] = {}
    for row in list_transitions(store, TimeRange(min(start_ns, at_ns), at_ns + 1)):
        newer.setdefault((row["id"], row["instance"]), row)
    return [_moved(one, newer.get((one.id, one.instance))) for one in found]


def _moved(one: BreakerInstance, transition: Row | None) -> BreakerInstance:
    if transition is None or transition["at_ns"] <= one.observed_ns:
        return one
    moved = {"state": transition["to"], "since_ns": transition["at_ns"], "since_precision": transition["precision"]}
    return replace(one, **moved)


def _breaker(
    instances: list[BreakerInstance],
    calls: dict[tuple[str, str], Row],
    openings: list[Row],
    window: TimeRange,
    at_ns: int,
) -> Row:
    fresh = [one for one in instances if not one.is_stale]
    counted = fresh or instances
    state = rolled_up(one.state for one in fresh)
    newest = max(counted, key=lambda one: one.observed_ns)
    same = [one for one in counted if one.state == state]
    first = min(same, key=lambda one: one.since_ns) if same else newest
    hours = max((window.end_ns - window.start_ns) / (3600 * SECOND_NS), 1 / 60)
    bound = next((one for one in instances if one.target_confidence == "exported"), newest)
    rows = [_instance_row(one, calls.get((one.id, one.instance))) for one in instances]
    evidence = [row for one in instances for row in _evidence(one, at_ns)]
    return {
        **{key: getattr(newest, key) for key in ("id", "service", "namespace", "name", "group")},
        "target": bound.target or None,
        "target_confidence": bound.target_confidence,
        "kind": newest.kind,
        "state": state,
        "state_text": _text(newest, [one.state for one in fresh], state),
        "since": moment_text(first.since_ns),
        "since_precision": first.since_precision,
        "failure_rate": _worst(one.failure_rate for one in counted),
        "slow_rate": _worst(one.slow_rate for one in counted),
        "thresholds": newest.settings,
        **{key: sum(row[key] for row in rows) for key in ("calls_ok", "calls_failed", "calls_slow", "rejected")},
        "openings": len(openings),
        "openings_per_hour": round(len(openings) / hours, 3),
        "flapping": _flaps(openings, at_ns),
        "instances": rows,
        "source": newest.source,
        "observed_at": moment_text(newest.observed_ns),
        "stale": not fresh,
        "conflict": any(_conflict(one, at_ns) for one in fresh),
        "evidence": evidence,
    }


def rolled_up(states: Iterable[str]) -> str:
    """A service's state of those of its instances that were heard of."""
    present = set(states)
    return next((state for state in SERVICE_ORDER if state in present), "unknown")


def _text(newest: BreakerInstance, states: list[str], state: str) -> str:
    if not states:
        return "not heard of"
    word = _WORDS.get((newest.kind, state), state.replace("_", " "))
    if newest.raw == "assumed" and state == "closed":
        word = "closed (assumed)"
    count = Counter(states)[state]
    return word if count == len(states) else f"{count} of {len(states)} {word}"


def _instance_row(one: BreakerInstance, calls: Row | None) -> Row:
    counts = calls or {"ok": 0, "failed": 0, "slow": 0, "rejected": 0}
    return {
        "id": one.instance,
        "state": "unknown" if one.is_stale else one.state,
        "since": moment_text(one.since_ns),
        "since_precision": one.since_precision,
        "observed_at": moment_text(one.observed_ns),
        "stale": one.is_stale,
        "failure_rate": one.failure_rate,
        "slow_rate": one.slow_rate,
        "calls_ok": round(counts["ok"]),
        "calls_failed": round(counts["failed"]),
        "calls_slow": round(counts["slow"]),
        "rejected": round(counts["rejected"]),
    }


def _evidence(one: BreakerInstance, at_ns: int) -> list[Row]:
    return [
        {
            "kind": row["kind"],
            "name": row["name"],
            "instance": one.instance,
            "state": row["state"],
            "raw": row["raw"],
            "at": moment_text(row["at_ns"]),
            "stale": at_ns - row["at_ns"] > one.stale_after_ns,
        }
        for row in one.evidence
    ]


def _conflict(one: BreakerInstance, at_ns: int) -> bool:
    """Two kinds of samples say different things, or calls are refused by a breaker that has long been closed."""
    fresh = [row for row in one.evidence if at_ns - row["at_ns"] <= one.stale_after_ns]
    states = {row["state"] for row in fresh if row["kind"] in _SAMPLES} - {"unknown"}
    refused = any(
        row["kind"] == "refusal" and one.state == "closed" and row["at_ns"] > one.since_ns + 60 * SECOND_NS
        for row in fresh
    )
    return len(states) > 1 or refused


def _flaps(openings: list[Row], at_ns: int) -> bool:
    recent = Counter(one["instance"] for one in openings if one["at_ns"] > at_ns - FLAPPING_NS)
    return any(count >= FLAPPING_OPENINGS for count in recent.values())


def _worst(rates: Iterable[float | None]) -> float | None:
    return max((rate for rate in rates if rate is not None), default=None)


_URGENCY = ("forced_open", "open", "half_open", "unknown", "closed", "metrics_only", "disabled")


def _attention(row: Row) -> tuple[Any, ...]:
    return _URGENCY.index(row["state"]), -row["rejected"], row["service"], row["name"], row["id"]


def _transition(row: Row) -> Row:
    names = ("id", "service", "name", "target", "instance", "reason", "trace_id", "precision", "source")
    kept = {key: row[key] for key in names}
    moment = {"at": moment_text(row["at_ns"]), "at_ns": row["at_ns"]}
    return {**moment, **kept, "from": row["from_state"], "to": row["to_state"]}
