"""Health: every service with its instances, its last hours, and why it is as it is; the worst first."""

import asyncio
from typing import Any

import dash
from dash import Input, html
from dash.development.base_component import Component

from dashboard import client, ids
from dashboard.components import health_view
from dashboard.components.health_history import SHORTEST
from dashboard.drawn import DrawnPart, axis_of
from dashboard.scope import scope
from dashboard.time_range import at_least, time_range

dash.register_page(__name__, path="/health", name="Health", title="Health · Spanscape", order=5)

_PART = DrawnPart(ids.HEALTH_BODY, ids.HEALTH_ROWS, ids.HEALTH_SEEN, "health")


def layout(**_query: str) -> Component:
    heading = html.Div(html.H1("Health"), className="toolbar")
    return html.Div([heading, *_PART.place()], className="page health")


@_PART.drawn_by(Input(ids.SCOPE, "data"))
async def show_health(range_key: str, chosen: dict[str, str] | None) -> list[Any]:
    ask, window = client.current(), time_range(range_key)
    past, within = at_least(window, SHORTEST), scope(chosen)
    at = {} if window.is_live else {"at": window.end}
    found, changes, topology = await asyncio.gather(
        ask.optional("/api/v1/health", window, **at, **within.params()),
        ask.optional("/api/v1/health/history", past, **within.params()),
        ask.topology(window, within),
    )
    services, moves = (found or {}).get("services", []), (changes or {}).get("changes", [])
    return health_view.body(services, moves, topology, axis_of(past), ask.url, range_key)
