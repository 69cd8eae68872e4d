"""The line of time under the map: calls and errors of the whole system, and what happened when."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from dashboard import theme
from dashboard.components.plain import Plain
from dashboard.components.small_chart import area_chart
from dashboard.time_range import TimeRange, from_moments

# How much of the past is offered for a window of at most so many seconds.
_SPANS_S = ((5 * 60, 2 * 3600), (15 * 60, 6 * 3600), (3600, 24 * 3600), (6 * 3600, 3 * 86400))
_LONGEST_S = 7 * 86400
_MARK_WIDTH = 0.9  # percent of the line: what happened nearer to one another is one mark
_MARKS = 200
_TOLD = 8  # events of a mark that are told
_DEPLOYMENTS = 8  # that are offered to compare with the time before
_DAY_MS = 86_400_000
_SIGNS = {"breaker": "✖", "health": "♥", "fault": "⚡", "deployment": "▲"}
_NAMES = {"breaker": "Breakers", "health": "Health", "fault": "Faults", "deployment": "Deployments"}


def span(window: TimeRange, now: datetime) -> TimeRange:
    """The time to choose a window from: until now, or around a window of the past."""
    length_s = next((length for most, length in _SPANS_S if window.seconds <= most), _LONGEST_S)
    end = now
    if not window.is_live:
        end = min(now, datetime.fromisoformat(window.end) + timedelta(seconds=length_s // 4))
    minute = end.replace(second=0, microsecond=0) + timedelta(minutes=1)
    return from_moments(minute - timedelta(seconds=length_s), minute)


def history(window: TimeRange, series: Mapping[str, Any] | None, events: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """What assets/timeline.js draws: {start_ms, end_ms, known, charts, marks, deployments}. `known`: the collector keeps a
    history."""
    start, end = (datetime.fromisoformat(text) for text in (window.start, window.end))
    start_ms, end_ms = round(start.timestamp() * 1000), round(end.timestamp() * 1000)
    return {
        "start_ms": start_ms,
        "end_ms": end_ms,
        "known": series is not None,
        "charts": _charts(series, start_ms, end_ms) if series else [],
        "marks": _marks(events, start_ms, end_ms),
        "deployments": _deployments(events, end_ms - start_ms > _DAY_MS),
    }


def _charts(series: Mapping[str, Any], start_ms: int, end_ms: int) -> list[Plain]:
    step_ms = int(series["step_s"] * 1000)
    points = {int(point["start_ns"]) // 1_000_000: point for point in series["points"]}
    starts = range(start_ms // step_ms * step_ms, end_ms, step_ms)
    calls = [points[start]["calls"] if start in points else 0 for start in starts]
    errors = [points[start]["errors"] or None if start in points else None for start in starts]  # none draws no line
    most = f"at most {theme.counted(max(filter(None, errors), default=0), 'error')} in {step_ms // 60_000} min"
    return [
        area_chart(calls, "calls", "Calls over time", []),
        area_chart(errors, "errors", f"Errors over time, {most}", []),
    ]


def _marks(events: Iterable[Mapping[str, Any]], start_ms: int, end_ms: int) -> list[dict[str, Any]]:
    """One for all events of a kind at about the same time. Events come newest first, marks too."""
    marks: list[_Mark] = []
    newest: dict[str, _Mark] = {}
    for event in events:
        at_ms = datetime.fromisoformat(str(event["at"])).timestamp() * 1000
        left = 100 * (at_ms - start_ms) / max(end_ms - start_ms, 1)
        kind = str(event.get("kind"))
        mark = newest.get(kind)
        if mark is None or mark.left - left > _MARK_WIDTH:
            mark = newest[kind] = _Mark(kind if kind in _SIGNS else "other", at_ms, left, end_ms - start_ms > _DAY_MS)
            marks.append(mark)
        mark.events.append(event)
    return [mark.drawn() for mark in marks[:_MARKS]]


@dataclass
class _Mark:
    kind: str
    at_ms: float
    left: float
    """In percent of the line."""
    dated: bool
    events: list[Mapping[str, Any]] = field(default_factory=list)

    def drawn(self) -> dict[str, Any]:
        told = [_words(event, self.dated) for event in self.events[:_TOLD]]
        more = [f"and {len(self.events) - _TOLD} more"] if len(self.events) > _TOLD else []
        where = {"left": round(self.left, 2), "at_ms": round(self.at_ms)}
        what = {"sign": _SIGNS.get(self.kind, "•"), "kind": self.kind, "name": _NAMES.get(self.kind, "Events")}
        return {**where, **what, "words": "\n".join(told + more)}


def _words(event: Mapping[str, Any], dated: bool) -> str:
    """What the title says already, the service's name, is not said twice."""
    service, title = str(event.get("service") or ""), str(event.get("title") or "")
    named = "" if title.split(" ")[0] in (service, "") else service
    words = " · ".join(filter(None, (named, title, str(event.get("detail") or ""))))
    return theme.shorten(f"{_moment(event, dated)} · {words}", 200)


def _moment(event: Mapping[str, Any], dated: bool) -> str:
    """UTC, as all of the line is."""
    return str(event["at"])[5 if dated else 11 : 19].replace("T", " ")


def _deployments(events: Iterable[Mapping[str, Any]], dated: bool) -> list[dict[str, Any]]:
    """The newest: {at_ms, words}."""
    deployed = [event for event in events if event.get("kind") == "deployment"][:_DEPLOYMENTS]
    return [
        {
            "at_ms": round(datetime.fromisoformat(str(event["at"])).timestamp() * 1000),
            "words": theme.shorten(f"{_moment(event, dated)} {event['title']}", 80),
        }
        for event in deployed
    ]
