"""Why a breaker opened, whom it hurt and how it recovered: read from the spans around one opening, bounded by time."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from collector.errors import NotFound
from collector.queries import breaker_instances
from collector.queries.moments import moment_text
from collector.queries.scope import Scope, whereabouts
from collector.queries.statements import statement
from collector.queries.time_range import TimeRange
from collector.store.engine import Row, Store

SECOND_NS = 10**9
LOOK_BACK_NS = 24 * 3600 * SECOND_NS
AFTER_NS = 60 * SECOND_NS  # of refused calls that are read; how many there were in all is counted by the breaker
UP_NS = 60 * SECOND_NS
_OPEN = ("open", "forced_open")
_CALL = ("trace_id", "span_id", "start_ns", "duration_ns", "is_rejected", "is_error", "instance")
_CALLS = 2000
_SPANS_A_GROUP = 5
_TRACES = 200
_EXAMPLES = 10


@dataclass
class Felt:
    """An operation that refused calls were made for."""

    traces: dict[str, bool] = field(default_factory=dict)
    """By trace: whether it failed."""
    calls: int = 0


def tell_story(store: Store, id_: str, at_ns: int, before_ns: int, environment: str = "") -> dict[str, Any]:
    """The last opening at or before `at_ns`, of an instance in the environment, with the calls of the `before_ns` before it.
    Raises NotFound."""
    around, scope = TimeRange(at_ns - LOOK_BACK_NS, at_ns + LOOK_BACK_NS), Scope(environment)
    transitions = breaker_instances.list_transitions(store, around, ids=[id_])
    transitions = whereabouts(store, around, scope).within(scope, transitions)
    opening = next((one for one in transitions if one["to"] in _OPEN and one["at_ns"] <= at_ns), None)
    if opening is None:
        raise NotFound(f"breaker {id_} did not open in the 24 hours before {moment_text(at_ns)}")
    opened_ns = opening["at_ns"]
    mine = [one for one in reversed(transitions) if one["instance"] == opening["instance"]]
    recovery = next((one for one in mine if one["at_ns"] > opened_ns and one["to"] == "closed"), None)
    ended_ns = recovery["at_ns"] if recovery else opened_ns + LOOK_BACK_NS
    about = _about(store, id_, opening)
    window = TimeRange(opened_ns - before_ns, min(ended_ns, opened_ns + AFTER_NS) + 1)
    slow_ns = int(about["thresholds"].get("slow_call_duration_s", 0) * SECOND_NS)
    bounds = {
        "service": about["service"],
        "instance": opening["instance"],
        "slow_ns": slow_ns,
        "opened_ns": opened_ns,
        "peers": _peers(store, about, window),
        **window.parameters,
    }
    points = store.query(statement("story_calls"), bounds)
    calls = _nearest(store, points, opened_ns, window)
    before = [one for one in calls if one["start_ns"] <= opened_ns and not one["is_rejected"]]
    rejected = [one for one in calls if one["is_rejected"] and one["start_ns"] >= opened_ns - SECOND_NS]
    traces = _traces(store, [*before[:_TRACES], *rejected[:_TRACES]])
    felt, entries = _felt(rejected[:_TRACES], traces, about["service"])
    return {
        "breaker": about,
        "opening": {key: opening[key] for key in ("at", "from", "to", "reason", "trace_id", "instance", "precision")},
        "recovered_at": recovery["at"] if recovery else None,
        "transitions": [_shown(one) for one in mine if opened_ns - before_ns <= one["at_ns"] <= ended_ns],
        "before": _before(before, points, traces, about, window.start_ns, opened_ns),
        "last_drop": _span(before[0]) if before else None,
        "rejected": _rejected(rejected, points, opened_ns),
        "felt_by": [_felt_row(*one) for one in _most(felt)],
        "entries": [_entry_row(*one) for one in _most(entries)],
        "timeline": {"step_s": 1, "points": [_point(one) for one in points]},
    }


def _nearest(store: Store, points: list[Row], opened_ns: int, window: TimeRange) -> list[Row]:
    """Calls that failed, were slow or were refused, each once: those nearest to the opening, nearest first."""
    told = [dict(zip(_CALL, call, strict=True)) for point in points for call in point["calls"]]
    told.sort(key=lambda call: abs(call["start_ns"] - opened_ns))
    nearest = list({(call["trace_id"], call["span_id"]): call for call in told}.values())[:_CALLS]
    ids = {"traces": [call["trace_id"] for call in nearest], "spans": [call["span_id"] for call in nearest]}
    rows = store.query(statement("story_details"), {**ids, **window.minutes}) if nearest else []
    details = {(row["trace_id"], row["span_id"]): row for row in rows}
    return [{**call, **details[id_]} for call in nearest if (id_ := (call["trace_id"], call["span_id"])) in details]


def _about(store: Store, id_: str, opening: Row) -> Row:
    window = TimeRange(opening["at_ns"] - 300 * SECOND_NS, opening["at_ns"] + 300 * SECOND_NS)
    rows = store.query(statement("breaker_about"), {"id": id_, **window.minutes})
    known = rows[0]["about"] if rows else (opening["service"], "", opening["name"], "", opening["target"], {})
    names = ("service", "namespace", "name", "group", "target", "thresholds")
    about = dict(zip(names, known, strict=True))
    return {"id": id_, **about, "target": about["target"] or opening["target"] or None}


def _peers(store: Store, about: Row, window: TimeRange) -> list[str]:
    """The names by which its service calls the target; just its name where no answering span tells."""
    if not about["target"]:
        return []
    words = {"service": about["service"], "target": about["target"], **window.parameters}
    return sorted({about["target"], *(row["peer"] for row in store.query(statement("story_peers"), words))})


def _traces(store: Store, calls: list[Row]) -> dict[str, dict[str, Row]]:
    """By trace id and span id: what the calls were made for, as far as it began in the UP_NS before, and what answered them."""
    found: dict[str, dict[str, Row]] = defaultdict(dict)
    if not calls:
        return found
    ids = sorted({one["trace_id"] for one in calls})
    around = TimeRange(
        min(one["start_ns"] for one in calls) - UP_NS,
        max(one["start_ns"] + min(one["duration_ns"], UP_NS) for one in calls) + SECOND_NS,
    )
    for row in store.query(statement("story_traces"), {"ids": ids, **around.minutes}):
        found[row["trace_id"]][row["span_id"]] = row
    return found


def _before(
    calls: list[Row], points: list[Row], traces: dict[str, dict[str, Row]], about: Row, start_ns: int, opened_ns: int
) -> Row:
    seconds = [one for one in points if one["second"] * SECOND_NS <= opened_ns]
    groups: dict[tuple[str, str, str], list[Row]] = defaultdict(list)
    for call in calls:
        word = call["error_type"] or ("error" if call["is_error"] else "slow")
        groups[(word, call["instance"], _answering(call, traces, about["target"]))].append(call)
    return {
        "start": moment_text(start_ns),
        "end": moment_text(opened_ns),
        "calls": sum(one["ok"] + one["failed"] for one in seconds),
        "failed": sum(one["failed"] for one in seconds),
        "slow": sum(one["slow"] for one in seconds),
        "groups": [
            {
                "error_type": error_type,
                "instance": instance,
                "target_instance": target_instance,
                "count": len(members),
                "slow": sum(not one["is_error"] for one in members),
                "spans": [_span(one) for one in members[:_SPANS_A_GROUP]],
            }
            for (error_type, instance, target_instance), members in sorted(
                groups.items(), key=lambda item: (-len(item[1]), item[0])
            )
        ],
    }


def _answering(call: Row, traces: dict[str, dict[str, Row]], target: str | None) -> str:
    """The instance of the target that answered a call, '' where none is known."""
    spans = traces.get(call["trace_id"], {}).values()
    return next(
        (one["instance"] for one in spans if one["parent_id"] == call["span_id"] and one["service"] == target), ""
    )


def _rejected(calls: list[Row], points: list[Row], opened_ns: int) -> Row:
    count = sum(one["rejected"] for one in points if (one["second"] + 1) * SECOND_NS >= opened_ns)
    moments = [one["start_ns"] for one in calls]
    return {
        "count": count,
        "first_at": moment_text(min(moments, default=0)),
        "last_at": moment_text(max(moments, default=0)),
        "traces": list(dict.fromkeys(one["trace_id"] for one in calls))[:_EXAMPLES],
    }


Operation = tuple[str, str]


def _felt(
    rejected: list[Row], traces: dict[str, dict[str, Row]], service: str
) -> tuple[dict[Operation, Felt], dict[Operation, Felt]]:
    """Who waited for refused calls: callers' operations up the graph, and the first operation of each trace."""
    felt: dict[Operation, Felt] = defaultdict(Felt)
    entries: dict[Operation, Felt] = defaultdict(Felt)
    for call in rejected:
        spans = traces.get(call["trace_id"], {})
        seen: set[str] = set()
        here = spans.get(call["span_id"])
        while here is not None and here["span_id"] not in seen:
            seen.add(here["span_id"])
            above = spans.get(here["parent_id"])
            if above is None:
                _note(entries, here)
            if here["kind"] in ("Server", "Consumer") and here["service"] != service:
                _note(felt, here)
            here = above
    return felt, entries


def _note(where: dict[Operation, Felt], span: Row) -> None:
    one = where[(span["service"], span["name"])]
    one.calls += 1
    one.traces[span["trace_id"]] = one.traces.get(span["trace_id"], False) or span["is_error"]


def _most(felt: dict[Operation, Felt]) -> list[tuple[Operation, Felt]]:
    return sorted(felt.items(), key=lambda item: (-item[1].calls, item[0]))[:50]


def _felt_row(operation: Operation, felt: Felt) -> Row:
    return {
        "service": operation[0],
        "name": operation[1],
        "calls": felt.calls,
        "traces": list(felt.traces)[:_EXAMPLES],
    }


def _entry_row(operation: Operation, felt: Felt) -> Row:
    return {
        "service": operation[0],
        "name": operation[1],
        "requests": len(felt.traces),
        "failed": sum(felt.traces.values()),
        "traces": list(felt.traces)[:_EXAMPLES],
    }


def _span(call: Row) -> Row:
    return {
        "trace_id": call["trace_id"],
        "span_id": call["span_id"],
        "start_ns": str(call["start_ns"]),
        "duration_ns": str(call["duration_ns"]),
        "name": call["name"],
        "error_type": call["error_type"],
        "status_message": call["status_message"],
    }


def _shown(transition: Row) -> Row:
    return {**transition, "at_ns": str(transition["at_ns"])}


def _point(row: Row) -> Row:
    counts = {key: row[key] for key in ("ok", "failed", "slow", "rejected", "p95_ms")}
    return {"start_ns": str(row["second"] * SECOND_NS), **counts}
