"""Trace search in other orders than by time: the greatest first, in keyset pages.

The measure of a trace is taken over its spans within a minute of the range, so that nearly every trace is measured whole;
a span that was stored twice counts twice. Equal measures are in the order of ids.
"""

import re
from typing import Any, Literal

from collector.errors import BadRequest
from collector.queries import cursors, sources
from collector.queries.statements import part, statement
from collector.queries.time_range import TimeRange
from collector.queries.traces import TraceQuery, condition_of, summaries
from collector.store.engine import Row, Store

Order = Literal["duration", "errors", "spans"]

_MEASURES: dict[Order, str] = {
    "duration": "max(toUnixTimestamp64Nano(Timestamp) + Duration) - min(toUnixTimestamp64Nano(Timestamp))",
    "errors": "countIf(is_error)",
    "spans": "count()",
}
_FIRST = (2**63 - 1, "~")


def find_ordered(store: Store, query: TraceQuery, order: Order, limit: int, cursor: str = "") -> dict[str, Any]:
    """{traces, next} as `traces.find_traces` answers them, by `order`. Raises BadRequest for a cursor of another search."""
    window, before = _read_cursor(cursor, query.window, order) if cursor else (query.window, _FIRST)
    rows = _ordered(store, query, order, window, before, limit + 1)
    page = rows[:limit]
    return {
        "traces": summaries(sources.stored(store), [row["TraceId"] for row in page]),
        "next": _cursor(window, order, page[-1]) if len(rows) > limit else None,
    }


def _ordered(
    store: Store, query: TraceQuery, order: Order, window: TimeRange, before: tuple[int, str], limit: int
) -> list[Row]:
    condition = condition_of(store, query)
    in_range = part("in_range")
    # Without a condition, to look whether each trace has a span in the range costs half of looking its id up.
    of_matching = (
        part("of_matching_traces", in_range=in_range, condition=condition.sql) if condition.parameters else "true"
    )
    words = {"measure": _MEASURES[order], "in_range": in_range, "of_matching": of_matching}
    words["spans"] = sources.spans(store)
    place = {"before": before[0], "before_id": before[1], "limit": limit}
    return store.query(statement("ordered_traces", **words), {**condition.parameters, **window.parameters, **place})


def _cursor(window: TimeRange, order: Order, last: Row) -> str:
    return cursors.encoded(order, window.start_ns, window.end_ns, last["measure"], last["TraceId"])


def _read_cursor(cursor: str, asked: TimeRange, order: Order) -> tuple[TimeRange, tuple[int, str]]:
    """The window of the first page and the last trace shown."""
    pattern = f"{order}:" + "([0-9]{1,19}):" * 3 + "([0-9a-f]{32})"
    if found := re.fullmatch(pattern, cursors.decoded(cursor)):
        window = TimeRange(int(found[1]), int(found[2]))
        if window.start_ns < window.end_ns <= window.start_ns + asked.end_ns - asked.start_ns:
            return window, (int(found[3]), found[4])
    raise BadRequest("cursor: not one of this search; start again without it")
