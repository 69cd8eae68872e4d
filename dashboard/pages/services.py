"""Services: every service with its numbers and how they went."""

import asyncio
from typing import Any

import dash
from dash import ClientsideFunction, Input, Output, State, clientside_callback, dcc, html, no_update
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from dashboard import client, ids
from dashboard.callbacks import callback
from dashboard.components import services_grid, states
from dashboard.components.redraw import fingerprint
from dashboard.errors import CollectorError
from dashboard.scope import scope
from dashboard.time_range import time_range

dash.register_page(__name__, path="/services", name="Services", title="Services · Spanscape", order=1)

_WITH_TREND = 60  # the busiest services get small charts: each is a question to the collector


def layout(**_query: str) -> Component:
    search = dcc.Input(id=ids.SERVICES_SEARCH, type="search", placeholder="Search services", className="search-field")
    return html.Div(
        [
            dcc.Store(id=ids.SERVICES_SEEN, data=""),
            html.Div([html.H1("Services"), search], className="toolbar"),
            html.Div(states.loading("services"), id=ids.SERVICES_STATE),
            html.Div(services_grid.grid(ids.SERVICES_GRID), className="grid-frame"),
        ],
        className="page services",
    )


@callback(
    Output(ids.SERVICES_GRID, "rowData"),
    Output(ids.SERVICES_STATE, "children"),
    Output(ids.SERVICES_SEEN, "data"),
    Input(ids.WINDOW, "data"),
    Input(ids.LIVE_TICK, "data"),
    Input(ids.SCOPE, "data"),
    State(ids.SERVICES_SEEN, "data"),
)
async def show_services(range_key: str | None, _tick: int, chosen: dict[str, str] | None, seen: str) -> tuple[Any, ...]:
    if range_key is None:
        raise PreventUpdate
    window, within = time_range(range_key), scope(chosen)
    try:
        found, topology = await asyncio.gather(
            client.current().services(window, within), client.current().shown_topology(window, within)
        )
        busiest = [service["name"] for service in sorted(found, key=lambda service: -service["calls"])[:_WITH_TREND]]
        series = await asyncio.gather(
            *(client.current().service_points(name, window, within.anywhere(), roughly=True) for name in busiest)
        )
    except CollectorError as error:
        return no_update, states.failed(error), ""
    rows = services_grid.rows(
        found, dict(zip(busiest, series, strict=True)), topology["edges"], window.seconds, window.key
    )
    now_seen = fingerprint([range_key, chosen, rows])
    if now_seen == seen:
        raise PreventUpdate
    return rows, None if rows else states.no_telemetry(), now_seen


clientside_callback(
    ClientsideFunction("spanscape", "fitGrid"),
    Output(ids.SERVICES_GRID, "className"),
    Input(ids.SERVICES_GRID, "rowData"),
    State(ids.SERVICES_GRID, "id"),
    prevent_initial_call=True,
)
