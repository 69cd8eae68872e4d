"""What was heard of a breaker, told as the rows of the API: whole, or in short for long lists. Pure, no I/O."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from collector.conventions.breakers import SERVICE_ORDER
from collector.queries.breaker_instances import SECOND_NS, BreakerInstance
from collector.queries.moments import moment_text
from collector.queries.time_range import TimeRange
from collector.store.engine import Row

LATE_NS = 600 * SECOND_NS
FLAPPING_NS, FLAPPING_OPENINGS = 600 * SECOND_NS, 3
OPEN = ("open", "forced_open")
_WORDS = {
    ("concurrency_limit", "open"): "saturated",
    ("concurrency_limit", "closed"): "below the limit",
    ("endpoint_ejection", "open"): "endpoints cut off",
    ("endpoint_ejection", "closed"): "all endpoints in use",
}
_COUNTS = {"calls_ok": "ok", "calls_failed": "failed", "calls_slow": "slow", "rejected": "rejected"}
NO_CALLS = dict.fromkeys(_COUNTS.values(), 0)
_SAMPLES = ("state_set", "time_in_state", "state_number", "state_flag", "endpoints")
_URGENCY = ("forced_open", "open", "half_open", "unknown", "closed", "metrics_only", "disabled")

Keeps = Callable[[str, str], bool]
"""Whether an instance, by its service and id, counts."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What was heard of one breaker in a window: its instances, the calls of each, its openings, its changes of late."""

    instances: list[BreakerInstance]
    calls: list[Row]
    openings: list[Row]
    changes: list[Row]

    def only(self, keeps: Keeps) -> "Heard":
        """As if its other instances were not there."""
        service = self.instances[0].service
        kept = [number for number, one in enumerate(self.instances) if keeps(service, one.instance)]
        if len(kept) == len(self.instances):
            return self
        rows = ([row for row in rows if keeps(service, row["instance"])] for rows in (self.openings, self.changes))
        return Heard([self.instances[each] for each in kept], [self.calls[each] for each in kept], *rows)


def summary(heard: Heard, window: TimeRange, at_ns: int) -> Row:
    """The breaker without its instances, as it was at `at_ns`; calls and openings are of the window."""
    instances, openings = heard.instances, heard.openings
    fresh = [one for one in instances if not one.is_stale]
    counted = fresh or instances
    state = rolled_up(one.state for one in fresh)
    newest = max(counted, key=lambda one: one.observed_ns)
    same = [one for one in counted if one.state == state]
    first = min(same, key=lambda one: one.since_ns) if same else newest
    hours = max((window.end_ns - window.start_ns) / (3600 * SECOND_NS), 1 / 60)
    bound = next((one for one in instances if one.target_confidence == "exported"), newest)
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
        **{name: sum(round(row[key]) for row in heard.calls) for name, key in _COUNTS.items()},
        "openings": len(openings),
        "openings_per_hour": round(len(openings) / hours, 3),
        "flapping": _flaps(openings, at_ns),
        "source": newest.source,
        "observed_at": moment_text(newest.observed_ns),
        "stale": not fresh,
        "conflict": any(_conflict(one, at_ns) for one in fresh),
    }


def details(heard: Heard, at_ns: int) -> Row:
    """Its instances and the evidence for their states."""
    return {
        "instances": [_instance_row(one, calls) for one, calls in zip(heard.instances, heard.calls, strict=True)],
        "evidence": [row for one in heard.instances for row in _evidence(one, at_ns)],
    }


def rolled_up(states: Iterable[str]) -> str:
    """A service's state of those of its instances that were heard of."""
    present = set(states)
    return next((state for state in SERVICE_ORDER if state in present), "unknown")


def states_of_late(instances: list[BreakerInstance], changes: list[Row], at_ns: int) -> list[Row]:
    """What its state was in the ten minutes before `at_ns`: the first entry, without a time, then each change. The
    state is empty while nothing was known of it. `changes` are transitions of that time, newest first."""
    start_ns = at_ns - LATE_NS
    if not changes and all(one.since_ns <= start_ns and not one.is_stale for one in instances):
        return [{"at": None, "state": rolled_up(one.state for one in instances)}]
    now: dict[str, str] = {}
    moves: list[tuple[int, str, str]] = []
    for one in instances:
        mine = [change for change in reversed(changes) if change["instance"] == one.instance]
        moves += [(change["at_ns"], one.instance, change["to"]) for change in mine]
        first_state = mine[0]["from"] if mine else one.state
        if mine or one.since_ns <= start_ns:
            now[one.instance] = first_state
        else:
            moves.append((one.since_ns, one.instance, first_state))
        if one.is_stale:
            moves.append((one.observed_ns + one.stale_after_ns, one.instance, ""))
    told: list[Row] = []
    for at, instance, state in [(0, "", ""), *sorted(moves)]:
        if state or instance:
            now[instance] = state
        present = [each for each in now.values() if each]
        rolled = rolled_up(present) if present else ""
        if not told or told[-1]["state"] != rolled:
            told.append({"at": moment_text(at), "state": rolled})
    return told


def _text(newest: BreakerInstance, states: list[str], state: str) -> str:
    if not states:
        return "not heard of"
    word = _WORDS.get((newest.kind, state), state.replace("_", " "))
    if newest.raw == "assumed" and state == "closed":
        word = "closed (assumed)"
    count = Counter(states)[state]
    return word if count == len(states) else f"{count} of {len(states)} {word}"


def _instance_row(one: BreakerInstance, calls: Row) -> Row:
    return {
        "id": one.instance,
        "state": "unknown" if one.is_stale else one.state,
        "since": moment_text(one.since_ns),
        "since_precision": one.since_precision,
        "observed_at": moment_text(one.observed_ns),
        "stale": one.is_stale,
        "failure_rate": one.failure_rate,
        "slow_rate": one.slow_rate,
        **{name: round(calls[key]) for name, key in _COUNTS.items()},
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
    if len(openings) < FLAPPING_OPENINGS:
        return False
    recent = Counter(one["instance"] for one in openings if one["at_ns"] > at_ns - FLAPPING_NS)
    return any(count >= FLAPPING_OPENINGS for count in recent.values())


def _worst(rates: Iterable[float | None]) -> float | None:
    return max((rate for rate in rates if rate is not None), default=None)


def attention(row: Row) -> tuple[Any, ...]:
    """Sorts rows: what needs attention first."""
    return _URGENCY.index(row["state"]), -row["rejected"], row["service"], row["name"], row["id"]
