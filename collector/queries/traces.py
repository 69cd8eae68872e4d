"""Trace search: newest first, in keyset pages.

A trace matches when one of its spans, in the window, meets every condition. It stands at the time of its first such
span: that is about when it started, as the answer shows it, and spans that arrive late can only move it towards later
pages, so that none is passed over. The window is searched in pieces from its end, each longer than the one before, so a
page of something common reads minutes and only what is rare reads everything. Where the window ends now, the first piece
is a few seconds: what just arrived lies in parts of its own, while under heavy ingest the whole minute may hold a million
spans.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from time import time_ns
from typing import Any, NamedTuple

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
    environment: str = ""
    within: tuple[str, ...] | None = None
    """The services whose spans count; None for all."""


def find_traces(store: Store, query: TraceQuery, limit: int, cursor: str = "") -> dict[str, Any]:
    """{traces, next}: summaries, newest first, and the cursor of the next page, None on the last.

    A cursor holds the window of the first page, so that relative times do not move the pages.
    """
    condition, window, before = condition_of(store, query), query.window, (query.window.end_ns, _END_OF_IDS)
    if cursor:
        window, before = _read_cursor(cursor, query.window)
    found: list[tuple[int, Row]] = []
    waiting: list[_Match] = []
    for matches in _matches(store, condition, window, before, limit + 1):
        waiting += matches
        if len(found) + len(waiting) > limit:
            found += _summed_up(store, condition, window, waiting)
            waiting = []
        if len(found) > limit:
            break
    found += _summed_up(store, condition, window, waiting)
    page = found[:limit]
    last = (page[-1][0], page[-1][1]["trace_id"]) if len(found) > limit else None
    return {"traces": [summary for _, summary in page], "next": _cursor(window, last) if last else None}


def newest_ids(store: Store, query: TraceQuery, limit: int) -> tuple[list[str], bool]:
    """The ids of at most `limit` traces that match, and whether there are more."""
    found: dict[str, None] = {}
    before = (query.window.end_ns, _END_OF_IDS)
    for matches in _matches(store, condition_of(store, query), query.window, before, limit + 1):
        found.update(dict.fromkeys(match.trace_id for match in matches))
        if len(found) > limit:
            break
    return list(found)[:limit], len(found) > limit


def condition_of(store: Store, query: TraceQuery) -> SqlCondition:
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
        (f"{sources.environment(store)} = {{environment:String}}", "environment", query.environment),
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


class _Match(NamedTuple):
    piece_ns: int
    """Where the piece begins in which it was found: what is earlier was not looked at."""
    first_ns: int
    trace_id: str


def _matches(
    store: Store, condition: SqlCondition, window: TimeRange, before: tuple[int, str], limit: int
) -> Iterator[list[_Match]]:
    """Traces by their first match in each piece, where that is before `before`; at most `limit` at a time."""
    sql = statement("matching_traces", condition=condition.sql)
    for piece in _pieces(window, before[0], time_ns()):
        parameters = {**condition.parameters, "from_ns": piece.start_ns, "to_ns": piece.end_ns, "limit": limit}
        matches: list[_Match] = []
        while not matches or len(matches) == limit:
            rows = store.query(sql, {**parameters, "before_ns": before[0], "before_id": before[1]})
            matches = [_Match(piece.start_ns, row["first_ns"], row["TraceId"]) for row in rows]
            if not matches:
                break
            yield matches
            before = matches[-1][1:]


def _summed_up(
    store: Store, condition: SqlCondition, window: TimeRange, matches: list[_Match]
) -> list[tuple[int, Row]]:
    """The time and summary of each, without those that match earlier too: they stand there, not here.

    Only a trace that began before its piece can, and few do; where it began, its summary tells.
    """
    ids = list(dict.fromkeys(match.trace_id for match in matches))
    told = {summary["trace_id"]: summary for summary in summaries(sources.stored(store), ids)}
    known = [match for match in matches if match.trace_id in told]
    doubtful = {
        match.trace_id: int(told[match.trace_id]["start_ns"])
        for match in known
        if int(told[match.trace_id]["start_ns"]) < match.piece_ns and window.start_ns < match.piece_ns
    }
    first: dict[str, int] = {}
    if doubtful:
        parameters: dict[str, Any] = {"ids": list(doubtful), "digits": sorted({id_[-2:] for id_ in doubtful})}
        begin_ns = max(window.start_ns, min(doubtful.values()))
        parameters |= {"from_ns": begin_ns, "to_ns": max(match.piece_ns for match in known)}
        rows = store.query(statement("first_matches", condition=condition.sql), {**condition.parameters, **parameters})
        first = {row["TraceId"]: row["first_ns"] for row in rows}
    return [
        (match.first_ns, told[match.trace_id])
        for match in known
        if first.get(match.trace_id, match.first_ns) >= match.first_ns
    ]


def summaries(source: sources.SpanSource, ids: list[str]) -> list[Row]:
    """Of the traces with these ids that are there, in the order of the ids."""
    if not ids:
        return []
    sql = statement("trace_summaries", spans=source.spans)
    by_id = {row["trace_id"]: _summary(row) for row in source.query(sql, {"ids": ids})}
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
