"""One service: rate, errors and durations, operations, neighbours, breakers, health, traces, logs."""

import asyncio
from typing import Any
from urllib.parse import unquote

import dash
from dash import ClientsideFunction, Input, Output, State, clientside_callback, dcc, html
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from dashboard import client, ids
from dashboard.callbacks import callback
from dashboard.client import TraceFilters
from dashboard.components import service_view, states
from dashboard.components.panel_details import filled
from dashboard.components.plain import plain_list
from dashboard.components.red_figures import red_figures
from dashboard.components.redraw import drawn_part, fingerprint
from dashboard.components.service_details import SEVERITIES
from dashboard.errors import CollectorError
from dashboard.time_range import time_range

dash.register_page(__name__, path_template="/service/<name>", name="Service", title="Service · Spanscape", order=2)


def layout(name: str = "", logs: str = "", **_query: str) -> Component:
    """`name` is percent-encoded: Dash hands over the address as it is. `logs` is the least severity of log records."""
    return html.Div(
        [
            dcc.Store(id=ids.SERVICE_NAME, data=unquote(name)),
            dcc.Store(id=ids.SERVICE_SEVERITY, data=logs if logs in dict(SEVERITIES) else ""),
            dcc.Store(id=ids.SERVICE_HEAD_ROWS),
            html.Div(id=ids.SERVICE_HEAD, className="trace-heading"),
            html.Div(id=ids.SERVICE_CHARTS, className="service-charts"),
            *drawn_part(ids.SERVICE_BODY, ids.SERVICE_ROWS, ids.SERVICE_SEEN, "the service"),
        ],
        className="page service",
    )


@callback(
    Output(ids.SERVICE_HEAD_ROWS, "data"),
    Output(ids.SERVICE_ROWS, "data"),
    Output(ids.SERVICE_SEEN, "data"),
    Input(ids.WINDOW, "data"),
    Input(ids.LIVE_TICK, "data"),
    Input(ids.SERVICE_NAME, "data"),
    Input(ids.SERVICE_SEVERITY, "data"),
    State(ids.SERVICE_SEEN, "data"),
)
async def show_service(range_key: str | None, _tick: int, name: str, severity: str, seen: str) -> tuple[Any, ...]:
    if range_key is None:
        raise PreventUpdate
    try:
        head, body = await _rows(name, range_key, severity)
    except CollectorError as error:
        return None, plain_list([states.failed(error)]), ""
    now_seen = fingerprint([head, body])
    if now_seen == seen:
        raise PreventUpdate
    return head, body, now_seen


async def _rows(name: str, range_key: str, severity: str) -> tuple[Any, Any]:
    ask, window = client.current(), time_range(range_key)
    (services, topology, operations), traces, (health, breakers), (versions, logs) = await asyncio.gather(
        asyncio.gather(ask.services(window), ask.topology(window), ask.operations(name, window)),
        asyncio.gather(
            ask.find_traces(TraceFilters(service=name, status="error"), window, limit=4),
            ask.find_traces(TraceFilters(service=name), window, limit=40),
        ),
        asyncio.gather(ask.aside("/api/v1/health", window), ask.aside("/api/v1/breakers", window)),
        asyncio.gather(ask.versions(name, window), ask.service_logs(name, window, severity)),
    )
    service = next((each for each in services if each["name"] == name), None)
    more = {"health": health, "breakers": breakers, "versions": versions, "logs": logs, "severity": severity}
    body = service_view.body(name, service, topology, operations, (traces[0], traces[1]), more, window.key)
    return plain_list(service_view.heading(service, name, window.key)), plain_list(body)


@callback(
    Output(ids.SERVICE_CHARTS, "children"),
    Input(ids.WINDOW, "data"),
    Input(ids.LIVE_TICK, "data"),
    Input(ids.COLOR_SCHEME, "data"),
    State(ids.SERVICE_NAME, "data"),
)
async def show_charts(range_key: str | None, _tick: int, scheme: str, name: str) -> Any:
    if range_key is None:
        raise PreventUpdate
    try:
        series = await client.current().service_points(name, time_range(range_key), roughly=True)
    except CollectorError:
        return []  # the body says what is wrong
    points = filled(series, time_range(range_key).seconds)
    if not points:
        return []
    return [
        html.Figure(
            [
                html.Figcaption(title),
                dcc.Graph(figure=figure, config={"displayModeBar": False}, responsive=True, style={"height": "190px"}),
            ]
        )
        for title, figure in red_figures(points, series["step_s"], scheme or "light")
    ]


clientside_callback(
    ClientsideFunction("spanscape", "drawPanel"),
    Output(ids.SERVICE_HEAD, "title"),
    Input(ids.SERVICE_HEAD_ROWS, "data"),
    State(ids.SERVICE_HEAD, "id"),
    prevent_initial_call=True,
)
clientside_callback(
    ClientsideFunction("spanscape", "drawPanel"),
    Output(ids.SERVICE_BODY, "title"),
    Input(ids.SERVICE_ROWS, "data"),
    State(ids.SERVICE_BODY, "id"),
    prevent_initial_call=True,
)
