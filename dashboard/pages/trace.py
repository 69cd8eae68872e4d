"""One trace as a waterfall, with everything that a selected span says."""

from typing import Any
from urllib.parse import parse_qs

import dash
from dash import ClientsideFunction, Input, Output, State, clientside_callback
from dash.development.base_component import Component

from dashboard import client, ids
from dashboard.callbacks import callback
from dashboard.components import span_panel, states, trace_view
from dashboard.components.waterfall import find_row
from dashboard.errors import CollectorError, CollectorUnreachable

dash.register_page(__name__, path_template="/trace/<trace_id>", name="Trace", title="Trace · Spanscape", order=2)


def layout(trace_id: str = "", **_query: str) -> Component:
    return trace_view.page(trace_id)


@callback(
    Output(ids.TRACE_BODY, "children"),
    Output(ids.TRACE_RETRY, "disabled"),
    Input(ids.TRACE_ID, "data"),
    Input(ids.TRACE_RETRY, "n_intervals"),
)
async def show_trace(trace_id: str, _retries: int) -> tuple[Any, bool]:
    try:
        trace = await client.current().get_trace(trace_id, fresh=True)
    except CollectorError as error:
        return trace_view.failed(error), not isinstance(error, CollectorUnreachable)
    return trace_view.body(trace), True


@callback(
    Output(ids.TRACE_PANEL, "children"),
    Input(ids.URL, "hash"),
    Input(ids.TRACE_DRAWN, "data"),
    State(ids.TRACE_ID, "data"),
)
async def show_span(fragment: str | None, _drawn: str, trace_id: str) -> list[Component]:
    key = parse_qs((fragment or "").lstrip("#")).get("span", [""])[0]
    try:
        trace = await client.current().get_trace(trace_id) if key else None
    except CollectorError as error:
        return [states.failed(error)]
    row = find_row(trace, key) if trace else None
    return span_panel.span_panel(row, int(trace["start_ns"])) if trace and row else span_panel.hint()


clientside_callback(
    ClientsideFunction("spanscape", "drawPlain"),
    Output(ids.TRACE_DRAWN, "data"),
    Input(ids.TRACE_ROWS, "data"),
    State(ids.TRACE_WATERFALL, "id"),
)
clientside_callback(
    ClientsideFunction("spanscape", "markSpan"),
    Output(ids.TRACE_WATERFALL, "data-marked"),
    Input(ids.URL, "hash"),
    Input(ids.TRACE_DRAWN, "data"),
)
