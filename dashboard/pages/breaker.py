"""One breaker: its states over its calls, why it tripped, its instances, configuration and evidence."""

import asyncio
import re
from typing import Any

import dash
from dash import Input, dcc, html
from dash.development.base_component import Component

from dashboard import client, ids
from dashboard.components import breaker_view
from dashboard.drawn import DrawnPart, axis_of
from dashboard.scope import scope
from dashboard.time_range import time_range

dash.register_page(
    __name__, path_template="/breakers/<breaker_id>", name="Breaker", title="Breaker · Spanscape", order=4
)

_PART = DrawnPart(ids.BREAKER_BODY, ids.BREAKER_ROWS, ids.BREAKER_SEEN, "the breaker")
_ID = re.compile(r"[0-9a-f]{16}")
_OPENING = re.compile(r"#opening=([0-9]{13,19})")
_MOVES = (
    100  # places that the axis takes in its range, so that a page of a quiet breaker is not drawn anew all the time
)


def layout(breaker_id: str = "", **_query: str) -> Component:
    return html.Div([dcc.Store(id=ids.BREAKER_ID, data=breaker_id), *_PART.place()], className="page breaker")


@_PART.drawn_by(Input(ids.BREAKER_ID, "data"), Input(ids.URL, "hash"), Input(ids.SCOPE, "data"))
async def show_breaker(
    range_key: str, breaker_id: str, fragment: str | None, within: dict[str, str] | None
) -> list[Any]:
    ask, window, where = client.current(), time_range(range_key), scope(within).anywhere().params()
    path = f"/api/v1/breakers/{breaker_id}"
    breaker = await ask.optional(path, window, **where) if _ID.fullmatch(breaker_id) else None
    if breaker is None:
        return breaker_view.unheard()
    chosen = _OPENING.fullmatch(fragment or "")
    at = chosen[1] if chosen else window.end
    series, moves, guards, told = await asyncio.gather(
        ask.aside(f"{path}/timeseries", window, step=window.step, **where),
        ask.aside("/api/v1/breakers/transitions", window, id=breaker_id, **where),
        ask.aside(f"{path}/guards", window),
        ask.aside(f"{path}/story", window, at=at, **where),
    )
    transitions = moves.get("transitions", [])
    known = series or {"step_s": 60, "counted_by": "breaker", "points": [], "instances": []}
    chosen_ns = (
        int(chosen[1])
        if chosen
        else next((int(one["at_ns"]) for one in transitions if one["to"] in ("open", "forced_open")), None)
    )
    return breaker_view.body(
        breaker,
        known,
        transitions,
        told or None,
        guards.get("guards", []),
        axis_of(window),
        window.key,
        chosen_ns,
    )
