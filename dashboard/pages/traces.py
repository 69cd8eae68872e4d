"""Traces: a filtered list, newest first."""

from typing import Any

import dash
from dash import ClientsideFunction, Input, Output, Patch, State, clientside_callback
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from dashboard import client, ids
from dashboard.callbacks import callback
from dashboard.client import TraceFilters
from dashboard.components import states, trace_filters, traces_table
from dashboard.errors import CollectorError, CollectorUnreachable
from dashboard.time_range import time_range

dash.register_page(__name__, path="/traces", name="Traces", title="Traces · Spanscape", order=1)


def layout(**query: str) -> Component:
    return trace_filters.page(trace_filters.from_query(query))


@callback(
    Output(ids.TRACES_RESULTS, "children"),
    Output(ids.TRACES_CURSOR, "data"),
    Output(ids.TRACES_RETRY, "disabled"),
    Output(ids.TRACES_Q, "error"),
    Input(ids.TRACES_QUERY, "data"),
    Input(ids.WINDOW, "data"),
    Input(ids.TRACES_RETRY, "n_intervals"),
)
async def show_traces(query: dict[str, Any], range_key: str, _retries: int) -> tuple[Any, ...]:
    filters, window = trace_filters.from_query(query), time_range(range_key)
    try:
        page = await client.current().find_traces(filters, window)
    except CollectorUnreachable as error:
        return states.failed(error), None, False, None
    except CollectorError as error:
        if filters.q and error.status == 400:
            return states.wrong_filter(error.title), None, True, error.detail
        return states.failed(error), None, True, None
    if not page["traces"]:
        return states.no_traces(window.label, filters != TraceFilters()), None, True, None
    return traces_table.traces_table(ids.TRACES_BODY, ids.TRACES_ROWS, page["traces"]), page["next"], True, None


@callback(
    Output(ids.TRACES_ROWS, "data"),
    Output(ids.TRACES_CURSOR, "data", allow_duplicate=True),
    Input(ids.TRACES_MORE, "n_clicks"),
    State(ids.TRACES_CURSOR, "data"),
    State(ids.TRACES_QUERY, "data"),
    State(ids.WINDOW, "data"),
    prevent_initial_call=True,
)
async def show_more(clicks: int, cursor: str | None, query: dict[str, Any], range_key: str) -> tuple[Any, ...]:
    if not clicks or not cursor:
        raise PreventUpdate
    filters = trace_filters.from_query(query)
    try:
        page = await client.current().find_traces(filters, time_range(range_key), cursor=cursor)
    except CollectorError as error:
        raise PreventUpdate from error  # the button stays: the viewer can press it again
    rows = Patch()
    rows.extend(traces_table.trace_rows(page["traces"]))
    return rows, page["next"]


@callback(
    Output(ids.TRACES_SERVICE, "data"),
    Input(ids.WINDOW, "data"),
    Input(ids.TRACES_QUERY, "data"),
)
async def offer_services(range_key: str, query: dict[str, Any]) -> list[str]:
    chosen = {query["service"]} if query.get("service") else set()
    try:
        names = await client.current().service_names(time_range(range_key))
    except CollectorError:
        names = []  # the results say what is wrong
    return sorted((set(names) | chosen) - {""})


clientside_callback(
    ClientsideFunction("spanscape", "applyFilters"),
    Output(ids.TRACES_QUERY, "data"),
    Input(ids.TRACES_APPLY, "n_clicks"),
    Input(ids.TRACES_Q, "n_submit"),
    Input(ids.TRACES_OPERATION, "n_submit"),
    Input(ids.TRACES_MIN_DURATION, "n_submit"),
    Input(ids.TRACES_SERVICE, "value"),
    Input(ids.TRACES_STATUS, "value"),
    State(ids.TRACES_QUERY, "data"),
    prevent_initial_call=True,
)
clientside_callback(
    ClientsideFunction("spanscape", "moreClass"),
    Output(ids.TRACES_MORE, "className"),
    Input(ids.TRACES_CURSOR, "data"),
)
clientside_callback(
    ClientsideFunction("spanscape", "drawPlain"),
    Output(ids.TRACES_BODY, "data-rows"),
    Input(ids.TRACES_ROWS, "data"),
    State(ids.TRACES_BODY, "id"),
)
