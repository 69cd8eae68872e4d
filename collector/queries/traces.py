"""Trace search: newest first, in keyset pages.

A trace matches when one of its spans, in the window, meets every condition. It stands at the time of its latest such
span. The window is searched in pieces from its end, each longer than the one before, so a page of something common
reads minutes and only what is rare reads everything. Where the window ends now, the first piece is a few seconds: what
just arrived lies in parts of its own, while under heavy ingest the whole minute may hold a million spans.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from time import time_ns
from typing import Any

from collector.errors import BadRequest
from collector.queries import cursors, sources
from collector.queries.filter_language import parse
from collector.queries.filter_sql import SqlCondition, to_sql
from collector.queries.statements import statement
from collector.queries.time_range import MINUTE_NS, TimeRange
from collector.store.engine import Row, Store

_FIRST_PIECE_NS = MINUTE_NS
_GROWTH = 12
_JUST_NOW_NS = 5 * 10**9
_END_OF_IDS = "~"


@dataclass(frozen=True, slots=True)
class TraceQuery:
    """What to look for. Durations are of the span that matches, in nanoseconds; empty or None means any."""

    window: TimeRange
    service: str = ""
    operation: str = ""
    status: str = ""
    q: str = ""
    min_duration_ns: int | None = None
    max_duration_ns: int | None = None
    within: tuple[str, ...] | None = None
    """The services whose spans count; None for all."""


def find_traces(store: Store, query: TraceQuery, limit: int, cursor: str = "") -> dict[str, Any]:
    """{traces, next}: summaries, newest first, and the cursor of the next page, None on the last.

    A cursor holds the window of the first page, so that relative times do not move the pages.
    """
    condition, window, before = condition_of(query), query.window, (query.window.end_ns, _END_OF_IDS)
    if cursor:
        window, before = _read_cursor(cursor, query.window)
    found: list[tuple[int, str]] = []
    for piece in _pieces(window, before[0], time_ns()):
        if cursor:
            found += _matches_after_cursor(store, condition, window, piece, before, limit + 1 - len(found))
        else:  # all traces that match later than the piece were found before it
            seen = {trace_id for _, trace_id in found}
            found += [match for match in _matches(store, condition, piece, before, limit + 1) if match[1] not in seen]
        if len(found) > limit:
            break
    page = found[:limit]
    more = len(found) > limit
    return {
        "traces": summaries(sources.stored(store), [trace_id for _, trace_id in page]),
        "next": _cursor(window, page[-1]) if more else None,
    }


def newest_ids(store: Store, query: TraceQuery, limit: int) -> tuple[list[str], bool]:
    """The ids of at most `limit` traces that match, and whether there are more."""
    found: dict[str, None] = {}
    for piece in _pieces(query.window, query.window.end_ns, time_ns()):
        matches = _matches(store, condition_of(query), piece, (query.window.end_ns, _END_OF_IDS), limit + 1)
        found.update(dict.fromkeys(trace_id for _, trace_id in matches))
        if len(found) > limit:
            break
    return list(found)[:limit], len(found) > limit


def condition_of(query: TraceQuery) -> SqlCondition:
    """All conditions of the query on a single span, values bound."""
    filtered = to_sql(parse(query.q)) if query.q.strip() else SqlCondition("1", {})
    clauses = [f"({filtered.sql})"]
    parameters: dict[str, Any] = dict(filtered.parameters)
    for clause, name, value in (
        ("ServiceName = {service:String}", "service", query.service),
        ("SpanName = {operation:String}", "operation", query.operation),
        ("StatusCode = {status:String}", "status", query.status.capitalize()),
        ("Duration >= {min_duration_ns:UInt64}", "min_duration_ns", query.min_duration_ns),
        ("Duration <= {max_duration_ns:UInt64}", "max_duration_ns", query.max_duration_ns),
    ):
        if value not in ("", None):
            clauses.append(clause)
            parameters[name] = value
    if query.within is not None:
        clauses.append("ServiceName IN {within:Array(String)}")
        parameters["within"] = list(query.within)
    return SqlCondition(" AND ".join(clauses), parameters)


def _pieces(window: TimeRange, end_ns: int, now_ns: int) -> Iterator[TimeRange]:
    """The window up to and including `end_ns`, from its end, in growing pieces, on whole minutes after the first."""
    high, length = min(window.end_ns, end_ns + 1), _FIRST_PIECE_NS
    if high > now_ns - _JUST_NOW_NS > window.start_ns:
        yield TimeRange(now_ns - _JUST_NOW_NS, high)
        high = now_ns - _JUST_NOW_NS
    while high > window.start_ns:
        low = max(window.start_ns, (high - length) // MINUTE_NS * MINUTE_NS)
        yield TimeRange(low, high)
        high, length = low, length * _GROWTH


def _matches(
    store: Store, condition: SqlCondition, piece: TimeRange, before: tuple[int, str], limit: int
) -> list[tuple[int, str]]:
    """Up to `limit` (last_ns, trace_id) of traces by their latest match in the piece, where that is before `before`."""
    parameters = {"from_ns": piece.start_ns, "to_ns": piece.end_ns, "before_ns": before[0], "before_id": before[1]}
    sql = statement("matching_traces", condition=condition.sql)
    rows = store.query(sql, {**condition.parameters, **parameters, "limit": limit})
    return [(row["last_ns"], row["TraceId"]) for row in rows]


def _matches_after_cursor(
    store: Store, condition: SqlCondition, window: TimeRange, piece: TimeRange, before: tuple[int, str], limit: int
) -> list[tuple[int, str]]:
    """The same, of traces whose latest match in the window lies in the piece."""
    found: list[tuple[int, str]] = []
    while True:
        seen = _matches(store, condition, piece, before, limit)
        found += _not_shown_before(store, condition, window, piece, seen)
        if len(seen) < limit or len(found) >= limit:
            return found[:limit]
        before = seen[-1]


def _not_shown_before(
    store: Store, condition: SqlCondition, window: TimeRange, piece: TimeRange, seen: list[tuple[int, str]]
) -> list[tuple[int, str]]:
    """Without the traces that also match later than the piece: those stand there, not here."""
    if not seen or piece.end_ns >= window.end_ns:
        return seen
    parameters = {"ids": [trace_id for _, trace_id in seen], "from_ns": piece.end_ns, "to_ns": window.end_ns}
    rows = store.query(statement("last_match", condition=condition.sql), {**condition.parameters, **parameters})
    later = {row["TraceId"] for row in rows}
    return [match for match in seen if match[1] not in later]


def summaries(source: sources.SpanSource, ids: list[str]) -> list[Row]:
    """Of the traces with these ids that are there, in the order of the ids."""
    if not ids:
        return []
    sql = statement("trace_summaries", spans=source.spans)
    by_id = {row["trace_id"]: _summary(row) for row in source.store.query(sql, {**source.parameters, "ids": ids})}
    return [by_id[trace_id] for trace_id in ids if trace_id in by_id]


def _summary(row: Row) -> Row:
    service, name = row["root"]
    errors = dict(zip(*row["errors_by_service"], strict=True))
    spans = sorted(zip(*row["spans_by_service"], strict=True), key=lambda item: (-item[1], item[0]))
    return {
        "trace_id": row["trace_id"],
        "root_service": service,
        "root_name": name,
        "start_ns": str(row["start_ns"]),
        "duration_ns": str(row["duration_ns"]),
        "span_count": row["span_count"],
        "error_count": row["error_count"],
        "services": [{"name": name, "spans": count, "errors": errors.get(name, 0)} for name, count in spans],
    }


def _cursor(window: TimeRange, last: tuple[int, str]) -> str:
    return cursors.encoded(window.start_ns, window.end_ns, *last)


def _read_cursor(cursor: str, asked: TimeRange) -> tuple[TimeRange, tuple[int, str]]:
    """The window of the first page and the last trace shown. Raises BadRequest, also when it is longer than `asked`."""
    if found := re.fullmatch(r"([0-9]{1,19}):([0-9]{1,19}):([0-9]{1,19}):([0-9a-f]{32})", cursors.decoded(cursor)):
        window, last_ns = TimeRange(int(found[1]), int(found[2])), int(found[3])
        if window.start_ns <= last_ns <= window.end_ns <= window.start_ns + asked.end_ns - asked.start_ns:
            return window, (last_ns, found[4])
    raise BadRequest("cursor: not one of this search; start again without it")
