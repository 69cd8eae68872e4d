"""Health: every service with its instances, its last hours, and why it is as it is; the worst first."""

import asyncio
from typing import Any

import dash
from dash import Input, dcc, html
from dash.development.base_component import Component

from dashboard import client, ids
from dashboard.components import health_view
from dashboard.components.health_history import SHORTEST
from dashboard.components.health_words import WORDS, sign
from dashboard.drawn import DrawnPart, axis_of
from dashboard.scope import scope
from dashboard.time_range import at_least, time_range

dash.register_page(__name__, path="/health", name="Health", title="Health · Spanscape", order=5)

_PART = DrawnPart(ids.HEALTH_BODY, ids.HEALTH_ROWS, ids.HEALTH_SEEN, "health")


def layout(find: str = "", **_query: str) -> Component:
    """`find` and `status` in the address choose the services that are shown; assets/breakers/health.js does."""
    search = dcc.Input(
        id=ids.HEALTH_FIND,
        type="search",
        placeholder="Filter by service or reason",
        className="search-field",
        value=find,
    )
    chips = [
        html.Button(
            [sign(status), word, html.Span(className="count")],
            className="chip hidden",
            **{"data-health": status, "aria-pressed": "false"},
        )
        for status, word in WORDS.items()
    ]
    heading = html.Div(
        [
            html.H1("Health"),
            search,
            html.Div(chips, className="chips", role="group", **{"aria-label": "Status"}),
            html.Span(id=ids.HEALTH_SHOWN, className="muted shown", role="status"),
        ],
        className="toolbar health-toolbar",
    )
    none = html.P("No service matches.", id=ids.HEALTH_NONE, className="muted hidden health-none", role="status")
    return html.Div([heading, none, *_PART.place()], className="page health")


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
    return health_view.body(services, moves, topology, axis_of(past), ask.url, range_key, within)
