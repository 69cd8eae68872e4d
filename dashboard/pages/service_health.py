"""The health of one service."""

import asyncio
from typing import Any
from urllib.parse import unquote

import dash
from dash import Input, dcc, html
from dash.development.base_component import Component

from dashboard import client, ids
from dashboard.components import service_health_view
from dashboard.components.health_history import SHORTEST
from dashboard.drawn import DrawnPart, axis_of
from dashboard.scope import scope
from dashboard.time_range import at_least, time_range

dash.register_page(__name__, path_template="/health/<name>", name="Service health", title="Health · Spanscape", order=5)

_PART = DrawnPart(ids.SERVICE_HEALTH_BODY, ids.SERVICE_HEALTH_ROWS, ids.SERVICE_HEALTH_SEEN, "health")


def layout(name: str = "", **_query: str) -> Component:
    """`name` is percent-encoded: Dash hands over the address as it is."""
    return html.Div(
        [dcc.Store(id=ids.SERVICE_HEALTH_NAME, data=unquote(name)), *_PART.place()], className="page health"
    )


@_PART.drawn_by(Input(ids.SERVICE_HEALTH_NAME, "data"), Input(ids.SCOPE, "data"))
async def show_service_health(range_key: str, name: str, chosen: dict[str, str] | None) -> list[Any]:
    ask, window, where = client.current(), time_range(range_key), scope(chosen).anywhere()
    past = at_least(window, SHORTEST)
    at = {} if window.is_live else {"at": window.end}
    found, changes, topology = await asyncio.gather(
        ask.optional("/api/v1/health", window, **at, **where.params()),
        ask.optional("/api/v1/health/history", past, service=name, **where.params()),
        ask.topology(window, where),
    )
    services = (found or {}).get("services", [])
    service = next((each for each in services if each["name"] == name), None)
    if service is None:
        return service_health_view.unheard(name)
    moves = (changes or {}).get("changes", [])
    return service_health_view.body(service, services, moves, topology, axis_of(past), ask.url, range_key, where)
