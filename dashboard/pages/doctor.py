"""Doctor: why something may be missing on the map, with numbers, examples and what to do."""

import dash
from dash import Input, html
from dash.development.base_component import Component

from dashboard import client, ids
from dashboard.components import doctor_view
from dashboard.drawn import DrawnPart
from dashboard.scope import scope
from dashboard.time_range import time_range

dash.register_page(__name__, path="/doctor", name="Doctor", title="Doctor · Spanscape", order=6)

_PART = DrawnPart(ids.DOCTOR_BODY, ids.DOCTOR_ROWS, ids.DOCTOR_SEEN, "what the doctor finds")


def layout(**_query: str) -> Component:
    heading = html.Div(html.H1("Why is it missing?"), className="toolbar")
    return html.Div([heading, *_PART.place()], className="page doctor")


@_PART.drawn_by(Input(ids.SCOPE, "data"))
async def show_doctor(range_key: str, chosen: dict[str, str] | None) -> list[Component]:
    ask, window, within = client.current(), time_range(range_key), scope(chosen)
    found = await ask.optional("/api/v1/doctor", window, **within.params())
    return doctor_view.body(found["checks"], range_key) if found else doctor_view.unknown()
