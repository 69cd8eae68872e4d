"""Calls through breakers minute by minute: of all of them lately, and of one over a range."""

from collections.abc import Sequence
from typing import Any

from collector.queries.moments import moment_text
from collector.queries.statements import statement
from collector.queries.time_range import MINUTE_NS, TimeRange
from collector.store.engine import Row, Store

MINUTES = 10
_COUNTS = ("ok", "failed", "rejected")


def calls_of_late(store: Store, at_ns: int, ids: Sequence[str] = ()) -> dict[str, Row]:
    """By breaker: calls in each of the MINUTES minutes that end with that of `at_ns`, over all instances, in columns. Only
    breakers that had calls."""
    if not store.has_rollups:
        return {}
    window = _late(at_ns)
    rows = store.query(statement("breaker_minutes"), {**window.minutes, "ids": list(ids)})
    found: dict[str, Row] = {}
    for row in rows:
        traffic = found.setdefault(row["id"], no_calls(at_ns))
        place = (row["minute_s"] * 10**9 - window.start_ns) // MINUTE_NS
        for count in _COUNTS:
            traffic[count][place] = round(row[count])
    return found


def no_calls(at_ns: int) -> dict[str, Any]:
    """The traffic of a breaker that had no calls."""
    return {"start": moment_text(_late(at_ns).start_ns), **{count: [0] * MINUTES for count in _COUNTS}}


def _late(at_ns: int) -> TimeRange:
    last_ns = at_ns // MINUTE_NS * MINUTE_NS
    return TimeRange(last_ns - (MINUTES - 1) * MINUTE_NS, last_ns + MINUTE_NS)
