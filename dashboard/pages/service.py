"""One service: rate, errors and durations, operations, neighbours, breakers, health, traces, logs."""

import asyncio
from urllib.parse import unquote

import dash
from dash import Input, Output, State, dcc, html
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from dashboard import client, ids
from dashboard.api_types import Service
from dashboard.callbacks import callback
from dashboard.client import TraceFilters
from dashboard.components import service_view
from dashboard.components.red_figures import red_figures
from dashboard.components.redraw import fingerprint
from dashboard.components.service_details import SEVERITIES
from dashboard.drawn import DrawnPart
from dashboard.errors import CollectorError
from dashboard.scope import scope
from dashboard.time_range import time_range

dash.register_page(__name__, path_template="/service/<name>", name="Service", title="Service · Spanscape", order=2)


_HEAD = DrawnPart(ids.SERVICE_HEAD, ids.SERVICE_HEAD_ROWS, ids.SERVICE_HEAD_SEEN)
_BODY = DrawnPart(ids.SERVICE_BODY, ids.SERVICE_ROWS, ids.SERVICE_SEEN, "the service")


def layout(name: str = "", logs: str = "", **query: str) -> Component:
    """`name` is percent-encoded: Dash hands over the address as it is. `logs` is the least severity of log records."""
    named = unquote(name)
    return html.Div(
        [
            dcc.Store(id=ids.SERVICE_NAME, data=named),
            dcc.Store(id=ids.SERVICE_CHARTS_DUE, data=False),
            dcc.Store(id=ids.SERVICE_CHARTS_SEEN, data=""),
            dcc.Store(id=ids.SERVICE_SEVERITY, data=logs if logs in dict(SEVERITIES) else ""),
            *_HEAD.place("trace-heading", service_view.waiting(named, time_range(query.get("range")).key)),
            html.Div(service_view.charts(None), id=ids.SERVICE_CHARTS, className="service-charts"),
            *_BODY.place(),
        ],
        className="page service",
    )


@_HEAD.drawn_by(Input(ids.SERVICE_NAME, "data"), Input(ids.SCOPE, "data"))
async def show_heading(range_key: str, name: str, chosen: dict[str, str] | None) -> list[Component]:
    ask, window, where = client.current(), time_range(range_key), scope(chosen).anywhere()
    services, topology = await asyncio.gather(ask.services(window, where), ask.topology(window, where))
    return service_view.heading(_named(name, services), name, topology, window.key)


@_BODY.drawn_by(Input(ids.SERVICE_NAME, "data"), Input(ids.SERVICE_SEVERITY, "data"), Input(ids.SCOPE, "data"))
async def show_body(range_key: str, name: str, severity: str, chosen: dict[str, str] | None) -> list[Component]:
    ask, window, where = client.current(), time_range(range_key), scope(chosen).anywhere()
    (services, topology, operations), traces, (health, breakers), (versions, logs) = await asyncio.gather(
        asyncio.gather(ask.services(window, where), ask.topology(window, where), ask.operations(name, window, where)),
        asyncio.gather(
            ask.find_traces(TraceFilters(service=name, status="error"), window, where, limit=4),
            ask.find_traces(TraceFilters(service=name), window, where, limit=40),
        ),
        asyncio.gather(
            ask.aside("/api/v1/health", window, **where.params()),
            ask.aside("/api/v1/breakers", window, **where.params()),
        ),
        asyncio.gather(ask.versions(name, window, where), ask.service_logs(name, window, severity, where)),
    )
    more = {"health": health, "breakers": breakers, "versions": versions, "logs": logs, "severity": severity}
    service = _named(name, services)
    return service_view.body(name, service, topology, operations, (traces[0], traces[1]), more, window.key)


def _named(name: str, services: list[Service]) -> Service | None:
    return next((service for service in services if service["name"] == name), None)


@callback(
    Output(ids.SERVICE_CHARTS, "children"),
    Output(ids.SERVICE_CHARTS_SEEN, "data"),
    Input(ids.WINDOW, "data"),
    Input(ids.LIVE_TICK, "data"),
    Input(ids.COLOR_SCHEME, "data"),
    Input(ids.SCOPE, "data"),
    Input(ids.SERVICE_CHARTS_DUE, "data"),
    State(ids.SERVICE_NAME, "data"),
    State(ids.SERVICE_CHARTS_SEEN, "data"),
)
async def show_charts(
    range_key: str | None, _tick: int, scheme: str, chosen: dict[str, str] | None, is_due: bool, name: str, seen: str
) -> tuple[list[Component], str]:
    """After the body: to run Plotly takes the browser seconds in which it draws nothing else."""
    if range_key is None or not is_due:
        raise PreventUpdate
    try:
        series = await client.current().service_points(name, time_range(range_key), scope(chosen).anywhere())
    except CollectorError:
        return [], ""  # the body says what is wrong
    figures = red_figures(series, time_range(range_key).seconds, scheme or "light")
    now_seen = fingerprint(figures)
    if now_seen == seen:
        raise PreventUpdate
    return service_view.charts(figures) if figures else [], now_seen
