"""Facets of a search: the values that its matching spans have, with how many traces have each.

The count of a value is the number of traces that the search finds when the value's `term` is added to it.
"""

from typing import Any

from collector.conventions import semconv
from collector.queries.filter_text import quoted
from collector.queries.search.looking import Look, look
from collector.queries.statements import statement
from collector.queries.traces import TraceQuery
from collector.store.engine import Row, Store

_FIELDS = {
    "service": ("service",),
    "operation": ("operation",),
    "kind": ("kind",),
    "status": ("status",),
    "http_status": semconv.HTTP_STATUS,
    "version": (semconv.SERVICE_VERSION,),
}
"""By facet, the fields of the filter language that hold it."""


def find_facets(store: Store, query: TraceQuery, limit: int, max_spans: int) -> dict[str, Any]:
    """{share, spans, traces, facets}: at most `limit` values of each facet, those of most traces first."""

    def ask(looked: Look) -> list[Row]:
        sql = statement("trace_facets", spans=looked.spans, looked_at=looked.condition.sql)
        more = {"http_status": list(semconv.HTTP_STATUS), "limit": limit}
        return store.query(sql, {**looked.condition.parameters, **more})

    looked, rows = look(store, query, max_spans, ask, lambda rows: _all(rows)["spans"])
    return {
        "share": looked.share,
        "spans": looked.scaled(_all(rows)["spans"]),
        "traces": looked.scaled(_all(rows)["traces"]),
        "facets": [{"name": name, "values": _values(looked, rows, name)} for name in _FIELDS],
    }


def _all(rows: list[Row]) -> Row:
    return next((row for row in rows if row["facet"] == ""), {"spans": 0, "traces": 0})


def _values(looked: Look, rows: list[Row], facet: str) -> list[Row]:
    return [
        {
            "value": row["value"],
            "term": _term(facet, row["value"]),
            "traces": looked.scaled(row["traces"]),
            "spans": looked.scaled(row["spans"]),
        }
        for row in rows
        if row["facet"] == facet
    ]


def _term(facet: str, value: str) -> str:
    terms = [f"{field}={quoted(value)}" for field in _FIELDS[facet]]
    return terms[0] if len(terms) == 1 else f"({' OR '.join(terms)})"
