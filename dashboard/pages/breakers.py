"""Breakers: the circuit breakers on calls, those that need attention first, and their changes of state."""

from typing import Any

import dash
from dash import ClientsideFunction, Input, Output, State, clientside_callback, html
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from dashboard import client, ids
from dashboard.callbacks import callback
from dashboard.components import breakers_view, states
from dashboard.components.plain import plain_list
from dashboard.components.redraw import drawn_part, fingerprint
from dashboard.errors import CollectorError
from dashboard.scope import scope
from dashboard.time_range import time_range

dash.register_page(__name__, path="/breakers", name="Breakers", title="Breakers · Spanscape", order=4)


def layout(**_query: str) -> Component:
    heading = html.Div(html.H1("Breakers"), className="toolbar")
    return html.Div(
        [heading, *drawn_part(ids.BREAKERS_BODY, ids.BREAKERS_ROWS, ids.BREAKERS_SEEN, "breakers")],
        className="page breakers",
    )


@callback(
    Output(ids.BREAKERS_ROWS, "data"),
    Output(ids.BREAKERS_SEEN, "data"),
    Input(ids.WINDOW, "data"),
    Input(ids.LIVE_TICK, "data"),
    Input(ids.SCOPE, "data"),
    State(ids.BREAKERS_SEEN, "data"),
)
async def show_breakers(range_key: str | None, _tick: int, chosen: dict[str, str] | None, seen: str) -> tuple[Any, str]:
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
    found = await ask.optional("/api/v1/breakers", window, **within)
    changes = await ask.optional("/api/v1/breakers/transitions", window, **within)
    return breakers_view.body((found or {}).get("breakers", []), (changes or {}).get("transitions", []), range_key)


clientside_callback(
    ClientsideFunction("spanscape", "drawPanel"),
    Output(ids.BREAKERS_BODY, "title"),
    Input(ids.BREAKERS_ROWS, "data"),
    State(ids.BREAKERS_BODY, "id"),
    prevent_initial_call=True,
)
