"""A search's matching spans over time and duration, as cells with counts, and some of them as points."""

from typing import Any

from collector.queries.search.looking import Look, look
from collector.queries.statements import statement
from collector.queries.traces import TraceQuery
from collector.store.engine import Row, Store

ROWS_PER_DECADE = 8
MOST_POINTS = 500


def find_heatmap(store: Store, query: TraceQuery, columns: int, max_spans: int) -> dict[str, Any]:
    """{start_ns, step_ns, columns, rows_per_decade, share, spans, cells, points}.

    A cell [column, row, spans, errors] holds the spans that start in [start + column * step, start + (column + 1) * step)
    and last [10^(row / rows_per_decade), 10^((row + 1) / rows_per_decade)) nanoseconds. Points are all spans where
    there are at most MOST_POINTS, else one of each of the emptiest cells.
    """
    window = query.window
    step_ns = -(-(window.end_ns - window.start_ns) // columns)

    def ask(looked: Look) -> list[Row]:
        sql = statement("trace_heatmap", spans=looked.spans, looked_at=looked.condition.sql)
        grid = {"step_ns": step_ns, "rows_per_decade": ROWS_PER_DECADE}
        return store.query(sql, {**looked.condition.parameters, **grid})

    looked, rows = look(store, query, max_spans, ask, _spans)
    return {
        "start_ns": str(window.start_ns),
        "end_ns": str(window.end_ns),
        "step_ns": str(step_ns),
        "columns": columns,
        "rows_per_decade": ROWS_PER_DECADE,
        "share": looked.share,
        "spans": looked.scaled(_spans(rows)),
        "cells": [
            [row["column"], row["row"], looked.scaled(row["spans"]), looked.scaled(row["errors"])] for row in rows
        ],
        "points": _all_points(store, looked) if _spans(rows) <= MOST_POINTS else _examples(rows),
    }


def _spans(rows: list[Row]) -> int:
    return sum(row["spans"] for row in rows)


def _all_points(store: Store, looked: Look) -> list[Row]:
    sql = statement("trace_points", spans=looked.spans, looked_at=looked.condition.sql)
    rows = store.query(sql, {**looked.condition.parameters, "limit": MOST_POINTS})
    return [_point(*row.values()) for row in rows]


def _examples(rows: list[Row]) -> list[Row]:
    emptiest = sorted(rows, key=lambda row: (row["spans"], -row["errors"]))[:MOST_POINTS]
    return [_point(*row["example"]) for row in emptiest]


def _point(trace_id: str, span_id: str, start_ns: int, duration_ns: int, is_error: int) -> Row:
    return {
        "trace_id": trace_id,
        "span_id": span_id,
        "start_ns": str(start_ns),
        "duration_ns": str(duration_ns),
        "error": bool(is_error),
    }
