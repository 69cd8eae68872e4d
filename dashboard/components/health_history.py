"""A status over time, from the changes that were kept."""

from collections.abc import Mapping, Sequence
from typing import Any

from dashboard import theme
from dashboard.components.breaker_timeline import moment_ns
from dashboard.components.health_words import WORDS, changed_to
from dashboard.components.lanes import Axis
from dashboard.components.plain import Plain

SHORTEST = "6h"
"""The key of the range that is shown at least."""
_HEIGHTS = {"unhealthy": 1.0, "degraded": 0.62, "unknown": 0.2, "healthy": 0.3, "maintenance": 0.3}


def by_instance(changes: Sequence[Mapping[str, Any]]) -> dict[tuple[str, str], list[Mapping[str, Any]]]:
    """Changes, earliest first, by service and instance; the instance is empty for the service as such."""
    found: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for change in reversed(changes):
        found.setdefault((str(change["service"]), str(change["instance"])), []).append(change)
    return found


def lane(label: str, now: str, changes: Sequence[Mapping[str, Any]], axis: Axis) -> Plain:
    """A bar for each status, higher where it is worse. `now`: the status as shown; `changes`: of the axis, earliest first."""
    return axis.levels(label, parts(now, changes, axis), _HEIGHTS)


def strip(label: str, now: str, changes: Sequence[Mapping[str, Any]], axis: Axis) -> Plain:
    """The same, small, for tables."""
    return axis.small(label, parts(now, changes, axis), _HEIGHTS)


def parts(now: str, changes: Sequence[Mapping[str, Any]], axis: Axis) -> list[tuple[int, int, str, str]]:
    """(from, to, status, text)."""
    moves = [(moment_ns(change["at"]), changed_to(change)) for change in changes]
    status = str(changes[0]["from"]) if changes else now
    found, start_ns = [], axis.start_ns
    for at_ns, to in [*moves, (axis.end_ns, "")]:
        if at_ns > start_ns:
            lasted = theme.format_duration(at_ns - start_ns)
            found.append((start_ns, at_ns, status, f"{WORDS.get(status, status)} for {lasted}"))
        start_ns, status = max(at_ns, axis.start_ns), to
    return found
