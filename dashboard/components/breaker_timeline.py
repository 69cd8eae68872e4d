"""A breaker over time: its states in each instance above its calls, on one axis; and the seconds around an opening."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from dashboard import theme
from dashboard.components import lanes
from dashboard.components.breaker_words import WORDS
from dashboard.components.lanes import Axis, Bar, Mark
from dashboard.components.plain import Plain

SECOND_NS = 10**9
OPEN = ("open", "forced_open")
_INSTANCES = 12
_LOOKS = {"ok": "succeeded", "failed": "failed", "rejected": "refused"}


def moment_ns(iso: str) -> int:
    """An RFC 3339 time of the API as nanoseconds, to the microsecond."""
    moment = datetime.fromisoformat(iso)
    return int(moment.timestamp()) * SECOND_NS + moment.microsecond * 1000


def clock(iso: str | None) -> str:
    """Time of day, to the second; a dash where it is not known."""
    return iso[11:19] if iso else theme.NONE


def over_time(
    breaker: Mapping[str, Any], series: Mapping[str, Any], transitions: Sequence[Mapping[str, Any]], axis: Axis
) -> list[Plain]:
    """Lanes of states, calls, refused calls and durations. `transitions`: of the range, newest first."""
    step_ns = series["step_s"] * SECOND_NS
    points = series["points"]
    calls = [Bar(int(one["start_ns"]), (("ok", one["ok"]), ("failed", one["failed"])), _counts(one)) for one in points]
    refused = [Bar(int(one["start_ns"]), (("rejected", one["rejected"]),), _counts(one)) for one in points]
    slowest = _durations(points)
    shown = breaker["instances"][:_INSTANCES]
    more = len(breaker["instances"]) - len(shown)
    return [
        *(axis.states(str(one["id"]) or "(no id)", instance_states(one, transitions, axis)) for one in shown),
        *([["p", {"class": "muted"}, f"and {theme.counted(more, 'more instance')}"]] if more else []),
        axis.bars("Calls", calls, step_ns),
        axis.bars("Refused", refused, step_ns, height=44),
        *([axis.line("p95", slowest, step_ns, "duration", _slowest(slowest))] if slowest else []),
        axis.ticks(),
        lanes.legend(_LOOKS),
    ]


def instance_states(
    instance: Mapping[str, Any], transitions: Sequence[Mapping[str, Any]], axis: Axis
) -> list[tuple[int, int, str, str]]:
    """(from, to, state, text) of an instance within the axis."""
    moves = [
        (moment_ns(one["at"]), str(one["from"]), str(one["to"]))
        for one in reversed(transitions)
        if one["instance"] == instance["id"]
    ]
    since_ns = moment_ns(instance["since"]) if instance["since"] else axis.start_ns
    if not moves:
        moves = [(since_ns, "", str(instance["state"]))] if since_ns > axis.start_ns else []
        state = "" if moves else str(instance["state"])
    else:
        state = moves[0][1]
    found, start_ns = [], axis.start_ns
    for at_ns, _, to in [*moves, (axis.end_ns, "", "")]:
        if state and at_ns > start_ns:
            found.append(
                (start_ns, at_ns, state, f"{WORDS.get(state, state)} for {theme.format_duration(at_ns - start_ns)}")
            )
        start_ns, state = max(at_ns, axis.start_ns), to
    return found


def time_open_ns(instance: Mapping[str, Any], transitions: Sequence[Mapping[str, Any]], axis: Axis) -> int:
    """For how long an instance refused calls within the axis."""
    return sum(to - start for start, to, state, _ in instance_states(instance, transitions, axis) if state in OPEN)


def around_opening(story: Mapping[str, Any]) -> list[Plain]:
    """Second by second, with the opening and what followed marked through all lanes."""
    points = story["timeline"]["points"]
    marks = tuple(
        Mark(moment_ns(one["at"]), str(one["to"]), f"{WORDS.get(one['to'], one['to'])} at {clock(one['at'])}")
        for one in story["transitions"]
    )
    ends = [int(one["start_ns"]) + SECOND_NS for one in points] + [mark.at_ns + SECOND_NS for mark in marks]
    axis = Axis(
        moment_ns(story["before"]["start"]), max(ends, default=moment_ns(story["opening"]["at"]) + SECOND_NS), marks
    )
    calls = [Bar(int(one["start_ns"]), tuple((look, one[look]) for look in _LOOKS), _counts(one)) for one in points]
    states = []
    for one, after in zip(marks, (*marks[1:], Mark(axis.end_ns, "", "")), strict=True):
        states.append((one.at_ns, after.at_ns, one.look, one.text))
    if marks:
        states.insert(0, (axis.start_ns, marks[0].at_ns, str(story["transitions"][0]["from"]), "before it opened"))
    slowest = _durations(points)
    return [
        axis.states("State", states),
        axis.bars("Calls a second", calls, SECOND_NS),
        *([axis.line("p95", slowest, SECOND_NS, "duration", _slowest(slowest))] if slowest else []),
        axis.ticks(),
        lanes.legend(_LOOKS),
    ]


def _durations(points: Sequence[Mapping[str, Any]]) -> list[tuple[int, float, str]]:
    known = [(int(one["start_ns"]), one["p95_ms"]) for one in points if one["p95_ms"] is not None]
    return [
        (start_ns, p95_ms, f"{theme.format_clock(start_ns)[:8]}: p95 {theme.format_ms(p95_ms)}")
        for start_ns, p95_ms in known
    ]


def _slowest(durations: Sequence[tuple[int, float, str]]) -> str:
    return f"up to {theme.format_ms(max(p95_ms for _, p95_ms, _ in durations))}"


def _counts(point: Mapping[str, Any]) -> str:
    told = [f"{theme.format_count(point[look])} {word}" for look, word in _LOOKS.items() if point[look]]
    return f"{theme.format_clock(int(point['start_ns']))[:8]}: {', '.join(told) or 'no calls'}"
