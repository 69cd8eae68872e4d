"""Health: what services say of themselves, the worst first, and what changed."""

from typing import Any

import dash
from dash import ClientsideFunction, Input, Output, State, clientside_callback, html
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from dashboard import client, ids
from dashboard.callbacks import callback
from dashboard.components import health_view, states
from dashboard.components.plain import plain_list
from dashboard.components.redraw import drawn_part, fingerprint
from dashboard.errors import CollectorError
from dashboard.scope import scope
from dashboard.time_range import time_range

dash.register_page(__name__, path="/health", name="Health", title="Health · Spanscape", order=5)


def layout(**_query: str) -> Component:
    heading = html.Div(html.H1("Health"), className="toolbar")
    return html.Div(
        [heading, *drawn_part(ids.HEALTH_BODY, ids.HEALTH_ROWS, ids.HEALTH_SEEN, "health")], className="page health"
    )


@callback(
    Output(ids.HEALTH_ROWS, "data"),
    Output(ids.HEALTH_SEEN, "data"),
    Input(ids.WINDOW, "data"),
    Input(ids.LIVE_TICK, "data"),
    Input(ids.SCOPE, "data"),
    State(ids.HEALTH_SEEN, "data"),
)
async def show_health(range_key: str | None, _tick: int, chosen: dict[str, str] | None, seen: str) -> tuple[Any, str]:
    if range_key is None:
        raise PreventUpdate
    try:
        rows = plain_list(await _parts(range_key, scope(chosen).params()))
    except CollectorError as error:
        rows = plain_list([states.failed(error)])
    now_seen = fingerprint(rows)
    if now_seen == seen:
        raise PreventUpdate
    return rows, now_seen


async def _parts(range_key: str, within: dict[str, str]) -> list[Component]:
    ask, window = client.current(), time_range(range_key)
    at = {} if window.is_live else {"at": window.end}
    found = await ask.optional("/api/v1/health", window, **at, **within)
    changes = await ask.optional("/api/v1/health/history", window, **within)
    return health_view.body((found or {}).get("services", []), (changes or {}).get("changes", []), range_key)


clientside_callback(
    ClientsideFunction("spanscape", "drawPanel"),
    Output(ids.HEALTH_BODY, "title"),
    Input(ids.HEALTH_ROWS, "data"),
    State(ids.HEALTH_BODY, "id"),
    prevent_initial_call=True,
)
