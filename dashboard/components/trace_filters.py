"""The traces page around its table: the filters, which live in the URL."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html
from dash.development.base_component import Component

from dashboard import ids
from dashboard.client import TraceFilters
from dashboard.components import states

_STATUSES = [{"value": "", "label": "Any"}, {"value": "ok", "label": "OK"}, {"value": "error", "label": "Error"}]


def from_query(query: Mapping[str, Any]) -> TraceFilters:
    """Filters from URL parameters; the URL can be edited, so what makes no sense does not filter."""
    duration = None
    with suppress(TypeError, ValueError):
        duration = float(query["min_duration_ms"]) if query.get("min_duration_ms") else None
    texts = {name: str(query.get(name) or "").strip() for name in ("service", "operation", "q", "status")}
    if texts["status"] not in ("ok", "error", "unset"):
        texts["status"] = ""
    return TraceFilters(**texts, min_duration_ms=duration if duration and 0 < duration < 1e12 else None)


def page(filters: TraceFilters) -> Component:
    """The page before the first answer."""
    in_force = {
        "service": filters.service,
        "operation": filters.operation,
        "q": filters.q,
        "status": filters.status,
        "min_duration_ms": f"{filters.min_duration_ms:g}" if filters.min_duration_ms else "",
    }
    return html.Div(
        [
            dcc.Store(id=ids.TRACES_QUERY, data=in_force),
            dcc.Store(id=ids.TRACES_CURSOR),
            dcc.Interval(id=ids.TRACES_RETRY, interval=3_000, disabled=True),
            html.Div(html.H1("Traces"), className="toolbar"),
            _form(filters),
            html.Div(states.loading("traces"), id=ids.TRACES_RESULTS, className="results", **{"aria-live": "polite"}),
            dmc.Button("Show more", id=ids.TRACES_MORE, variant="default", className="show-more hidden"),
        ],
        className="page",
    )


def _form(filters: TraceFilters) -> Component:
    fields = [
        dmc.Select(
            id=ids.TRACES_SERVICE,
            label="Service",
            placeholder="Any",
            data=[filters.service] if filters.service else [],
            value=filters.service or None,
            searchable=True,
            clearable=True,
            nothingFoundMessage="No such service in this time range",
        ),
        dmc.TextInput(id=ids.TRACES_OPERATION, label="Operation", placeholder="Any", value=filters.operation),
        dmc.NumberInput(
            id=ids.TRACES_MIN_DURATION,
            label="Slower than (ms)",
            placeholder="Any",
            min=0,
            value=filters.min_duration_ms or "",
            hideControls=True,
        ),
        html.Div(
            [
                html.Span("Status", id="traces-status-label", className="field-label"),
                dmc.SegmentedControl(
                    id=ids.TRACES_STATUS,
                    data=_STATUSES,
                    value=filters.status if filters.status != "unset" else "",
                    size="sm",
                    **{"aria-labelledby": "traces-status-label"},
                ),
            ]
        ),
        dmc.TextInput(
            id=ids.TRACES_Q,
            label="Filter",
            placeholder='status=error duration>200ms http.route="/cart"',
            value=filters.q,
            className="filter-q",
        ),
    ]
    buttons = html.Div(
        [
            dmc.Button("Search", id=ids.TRACES_APPLY),
            dcc.Link("Clear", href="/traces", id=ids.TRACES_CLEAR, className="clear"),
        ],
        className="filter-buttons",
    )
    return html.Div([*fields, buttons], className="filters", role="search")
