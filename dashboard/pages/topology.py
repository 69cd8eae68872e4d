"""Topology: services, databases, brokers and others as nodes, calls in the chosen time range as edges, live."""

from dataclasses import fields
from typing import Any

import dash
from dash import ClientsideFunction, Input, Output, State, clientside_callback, ctx
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from dashboard import client, ids
from dashboard.callbacks import callback
from dashboard.components import graph_panel, graph_view, states
from dashboard.errors import CollectorError
from dashboard.time_range import time_range

dash.register_page(__name__, path="/", name="Topology", title="Topology · Spanscape", order=0)

_NAMESPACE = "spanscape"  # functions in assets/topology.js
_RECENT_TRACES = 8


def layout(**_query: str) -> Component:
    return graph_view.frame()


@callback(
    Output(ids.TOPOLOGY_DATA, "data"),
    Output(ids.TOPOLOGY_GRAPH, "elements"),
    Output(ids.TOPOLOGY_GRAPH, "layout"),
    Output(ids.TOPOLOGY_POSITIONS, "data"),
    Output(ids.TOPOLOGY_TABLE_ROWS, "data"),
    Output(ids.TOPOLOGY_SHOWN, "data"),
    Output(ids.TOPOLOGY_STATE, "children"),
    Output(ids.TOPOLOGY_BANNER, "children"),
    Output(ids.TOPOLOGY_SUMMARY, "children"),
    Input(ids.TOPOLOGY_POLL, "n_intervals"),
    Input(ids.TIME_RANGE, "value"),
    Input(ids.TOPOLOGY_ARRANGE, "n_clicks"),
    State(ids.TOPOLOGY_SHOWN, "data"),
    State(ids.TOPOLOGY_POSITIONS, "data"),
)
async def refresh(_polls: int, range_key: str, _clicks: int, shown: Any, positions: Any) -> tuple[Any, ...]:
    window = time_range(range_key)
    try:
        topology = await client.current().topology(window)
        if ctx.triggered_id == ids.TOPOLOGY_ARRANGE:
            shown, positions = {}, {}
        change = graph_view.answered(topology, window, shown, positions)
    except CollectorError as error:
        change = graph_view.failed(error, shown)
    if change is None:
        raise PreventUpdate
    return tuple(getattr(change, field.name) for field in fields(change))


@callback(
    Output(ids.TOPOLOGY_PANEL_BODY, "children"),
    Input(ids.TOPOLOGY_SELECTION, "data"),
    prevent_initial_call=True,
)
async def show_selection(selection: graph_panel.Selection | None) -> list[Component]:
    return graph_panel.body(selection) if selection else []


@callback(
    Output(ids.TOPOLOGY_PANEL_TRACES, "children"),
    Input(ids.TOPOLOGY_GRAPH, "selectedNodeData"),
    Input(ids.TOPOLOGY_PANEL_POLL, "n_intervals"),
    Input(ids.TIME_RANGE, "value"),
    prevent_initial_call=True,
)
async def show_recent_traces(selected: Any, _polls: int, range_key: str) -> list[Component]:
    if not selected or selected[0]["kind"] != "service":
        return []
    service = selected[0]["name"]
    filters = client.TraceFilters(service=service)
    try:
        page = await client.current().find_traces(filters, time_range(range_key), limit=_RECENT_TRACES)
    except CollectorError as error:
        return [states.failed(error)]
    return graph_panel.recent_traces(page["traces"], service, range_key)


clientside_callback(
    ClientsideFunction(_NAMESPACE, "graphStyle"),
    Output(ids.TOPOLOGY_GRAPH, "stylesheet"),
    Input(ids.COLOR_SCHEME, "data"),
    Input(ids.TOPOLOGY_POSITIONS, "data"),
    State(ids.TOPOLOGY_STYLES, "data"),
)
clientside_callback(
    ClientsideFunction(_NAMESPACE, "selection"),
    Output(ids.TOPOLOGY_SELECTION, "data"),
    Output(ids.TOPOLOGY_PANEL, "className"),
    Input(ids.TOPOLOGY_DATA, "data"),
    Input(ids.TOPOLOGY_GRAPH, "selectedNodeData"),
    Input(ids.TOPOLOGY_GRAPH, "selectedEdgeData"),
    State(ids.TOPOLOGY_SELECTION, "data"),
)
clientside_callback(
    ClientsideFunction(_NAMESPACE, "closePanel"),
    Output(ids.TOPOLOGY_PANEL_CLOSE, "title"),
    Input(ids.TOPOLOGY_PANEL_CLOSE, "n_clicks"),
    prevent_initial_call=True,
)
clientside_callback(
    ClientsideFunction(_NAMESPACE, "stageClass"),
    Output(ids.TOPOLOGY_STAGE, "className"),
    Input(ids.TOPOLOGY_VIEW, "value"),
)
clientside_callback(
    ClientsideFunction(_NAMESPACE, "drawPlain"),
    Output(ids.TOPOLOGY_TABLE, "data-rows"),
    Input(ids.TOPOLOGY_TABLE_ROWS, "data"),
    State(ids.TOPOLOGY_TABLE, "id"),
)
