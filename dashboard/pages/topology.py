"""Topology: services, databases, brokers and others as nodes, calls in the chosen time range as edges, live.

The map itself comes over the socket (dashboard/live, assets/map*.js); here is what goes beside it.
"""

import asyncio
from collections.abc import Mapping
from typing import Any

import dash
from dash import ClientsideFunction, Input, Output, clientside_callback
from dash.development.base_component import Component

from dashboard import client, ids
from dashboard.api_types import Edge, Node
from dashboard.callbacks import callback
from dashboard.client import TraceFilters
from dashboard.components import graph_panel, graph_view, panel_details, service_details, states
from dashboard.components.plain import plain_list
from dashboard.errors import CollectorError
from dashboard.scope import Scope, scope
from dashboard.time_range import TimeRange, time_range

dash.register_page(__name__, path="/", name="Topology", title="Topology · Spanscape", order=0)

_NAMESPACE = "spanscape"  # functions in assets/map*.js
_SLOW_OF = 40  # the slowest of so many recent traces are shown


def layout(**_query: str) -> Component:
    return graph_view.frame()


@callback(
    Output(ids.TOPOLOGY_PANEL_BODY_ROWS, "data"),
    Input(ids.TOPOLOGY_SELECTION, "data"),
    Input(ids.TOPOLOGY_CHANGES, "data"),
    prevent_initial_call=True,
)
async def show_selection(chosen: dict[str, str] | None, _changes: Any) -> Any:
    if not chosen:
        return []
    try:
        topology = await client.current().shown_topology(time_range(chosen["range"]), scope(chosen), chosen["traces"])
    except CollectorError as error:
        return plain_list([states.failed(error)])
    return plain_list(graph_panel.body(graph_panel.select(topology, chosen["id"]), chosen["range"]))


@callback(
    Output(ids.TOPOLOGY_PANEL_DETAILS_ROWS, "data"),
    Input(ids.TOPOLOGY_SELECTION, "data"),
    Input(ids.TOPOLOGY_PANEL_POLL, "n_intervals"),
    prevent_initial_call=True,
)
async def show_details(chosen: dict[str, str] | None, _polls: int) -> Any:
    if not chosen:
        return []
    window = time_range(chosen["range"])
    try:
        topology = await client.current().shown_topology(window, scope(chosen), chosen["traces"])
        selection = graph_panel.select(topology, chosen["id"])
        return plain_list(await _details(selection, window, scope(chosen).anywhere()))
    except CollectorError as error:
        return plain_list([states.failed(error)])


def _where(node: Node | None, where: Scope) -> Scope:
    """The environment of the map; another one for a service that is on it for its calls across."""
    known = node["environments"] if node else []
    return Scope(known[0]) if where.environment and known and where.environment not in known else where


async def _details(selection: graph_panel.Selection, window: TimeRange, where: Scope) -> list[Any]:
    if selection.edge:
        return await _edge_details(selection.edge, selection, window, where)
    if selection.node and selection.node["kind"] == "service":
        return await _service_details(selection.node, selection, window, where)
    return (
        _charts(await client.current().edge_points(window, where, target=selection.node["id"]), window)
        if selection.node
        else []
    )


async def _edge_details(edge: Edge, selection: graph_panel.Selection, window: TimeRange, where: Scope) -> list[Any]:
    """Traces are those of the called service that pass the caller too; of a call to something else, the caller's."""
    ask = client.current()
    called = edge["target"] if edge["target"].startswith("service:") else edge["source"]
    names = selection.names
    service, caller = names.get(called, ""), names.get(edge["source"], "")
    there = _where(graph_panel.select(selection.topology, called).node, where)
    series, failed, recent = await asyncio.gather(
        ask.edge_points(window, where, source=edge["source"], target=edge["target"]),
        ask.find_traces(TraceFilters(service=service, status="error"), window, there, limit=_SLOW_OF),
        ask.find_traces(TraceFilters(service=service), window, there, limit=_SLOW_OF),
    )
    if edge["source"].startswith("service:"):
        failed, recent = panel_details.through(failed, caller), panel_details.through(recent, caller)
    return [*_charts(series, window), *panel_details.traces(failed, recent, service, window.key)]


def _charts(series: Mapping[str, Any], window: TimeRange) -> list[Any]:
    return panel_details.chart_box(panel_details.red_charts(series, window.seconds)) if series else []


async def _service_details(node: Node, selection: graph_panel.Selection, window: TimeRange, where: Scope) -> list[Any]:
    ask, name, where = client.current(), node["name"], _where(node, where)
    failing = TraceFilters(service=name, status="error")
    series, operations, failed, recent, health, versions = await asyncio.gather(
        ask.service_points(name, window, where),
        ask.operations(name, window, where),
        ask.find_traces(failing, window, where, limit=4),
        ask.find_traces(TraceFilters(service=name), window, where, limit=_SLOW_OF),
        ask.aside("/api/v1/health", window, **where.params()),
        ask.versions(name, window, where) if len(node.get("versions") or []) > 1 else _nothing(),
    )
    own = [edge for edge in selection.topology["edges"] if node["id"] in (edge["source"], edge["target"])]
    known = [each for each in health.get("services", []) if each.get("name") == name]
    return [
        *panel_details.health(known[0] if known else None),
        *graph_panel.edge_breakers(own, selection.names),
        *_charts(series, window),
        *service_details.versions(versions, name, window.key),
        *panel_details.operations(operations),
        *panel_details.traces(failed, recent, name, window.key),
    ]


async def _nothing() -> list[Any]:
    """In place of a question that need not be asked."""
    return []


def _in_browser(function: str, *dependencies: Any, **options: Any) -> None:
    clientside_callback(ClientsideFunction(_NAMESPACE, function), *dependencies, **options)


_in_browser(
    "placeScene", Output(ids.TOPOLOGY_PLACE, "title"), Input(ids.TOPOLOGY_PLACE, "id")
)  # one without output is not called at first
_in_browser(
    "fieldsFromAddress",
    Output(ids.TOPOLOGY_FIND, "value"),
    Output(ids.TOPOLOGY_HIDE, "value"),
    Output(ids.TOPOLOGY_LAYOUT, "value"),
    Output(ids.TOPOLOGY_VIEW, "value"),
    Input(ids.TOPOLOGY_PLACE, "id"),
)
_in_browser("chooseFind", Input(ids.TOPOLOGY_FIND, "value"), prevent_initial_call=True)
_in_browser("chooseHide", Input(ids.TOPOLOGY_HIDE, "value"), prevent_initial_call=True)
_in_browser(
    "choosePreset",
    Output(ids.TOPOLOGY_FIND, "value", allow_duplicate=True),
    Output(ids.TOPOLOGY_PRESETS, "value"),
    Input(ids.TOPOLOGY_PRESETS, "value"),
    prevent_initial_call=True,
)
_in_browser("chooseLayout", Input(ids.TOPOLOGY_LAYOUT, "value"), prevent_initial_call=True)
_in_browser("chooseView", Input(ids.TOPOLOGY_VIEW, "value"), prevent_initial_call=True)
_in_browser("drawPanelBody", Input(ids.TOPOLOGY_PANEL_BODY_ROWS, "data"), prevent_initial_call=True)
_in_browser("drawPanelDetails", Input(ids.TOPOLOGY_PANEL_DETAILS_ROWS, "data"), prevent_initial_call=True)
