"""Doctor: why something may be missing on the map, with numbers, examples and what to do."""

from typing import Any

import dash
from dash import ClientsideFunction, Input, Output, State, clientside_callback, html
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from dashboard import client, ids
from dashboard.callbacks import callback
from dashboard.components import doctor_view, states
from dashboard.components.plain import plain_list
from dashboard.components.redraw import drawn_part, fingerprint
from dashboard.errors import CollectorError
from dashboard.time_range import time_range

dash.register_page(__name__, path="/doctor", name="Doctor", title="Doctor · Spanscape", order=6)


def layout(**_query: str) -> Component:
    heading = html.Div(html.H1("Why is it missing?"), className="toolbar")
    return html.Div(
        [heading, *drawn_part(ids.DOCTOR_BODY, ids.DOCTOR_ROWS, ids.DOCTOR_SEEN, "the doctor")],
        className="page doctor",
    )


@callback(
    Output(ids.DOCTOR_ROWS, "data"),
    Output(ids.DOCTOR_SEEN, "data"),
    Input(ids.WINDOW, "data"),
    Input(ids.LIVE_TICK, "data"),
    State(ids.DOCTOR_SEEN, "data"),
)
async def show_doctor(range_key: str | None, _tick: int, seen: str) -> tuple[Any, str]:
    if range_key is None:
        raise PreventUpdate
    try:
        rows = plain_list(await _parts(range_key))
    except CollectorError as error:
        rows = plain_list([states.failed(error)])
    now_seen = fingerprint(rows)
    if now_seen == seen:
        raise PreventUpdate
    return rows, now_seen


async def _parts(range_key: str) -> list[Component]:
    ask, window = client.current(), time_range(range_key)
    found = await ask.optional("/api/v1/doctor", window)
    return doctor_view.body(found["checks"], range_key) if found else doctor_view.unknown()


clientside_callback(
    ClientsideFunction("spanscape", "drawPanel"),
    Output(ids.DOCTOR_BODY, "title"),
    Input(ids.DOCTOR_ROWS, "data"),
    State(ids.DOCTOR_BODY, "id"),
    prevent_initial_call=True,
)
