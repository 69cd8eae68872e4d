"""One trace. The browser reads it through the relay and draws it (assets/trace/): a callback could not carry a large one."""

import dash
from dash import ClientsideFunction, Input, Output, clientside_callback, dcc, html
from dash.development.base_component import Component

from dashboard import ids
from dashboard.components import states

dash.register_page(__name__, path_template="/trace/<trace_id>", name="Trace", title="Trace · Spanscape", order=2)


def layout(trace_id: str = "", **_query: str) -> Component:
    body = html.Div(states.loading("the trace"), id=ids.TRACE_PAGE, className="trace-page")
    return html.Div([dcc.Store(id=ids.TRACE_ID, data=trace_id), dcc.Store(id=ids.TRACE_OPENED), body])


clientside_callback(
    ClientsideFunction("spanscape", "openTrace"), Output(ids.TRACE_OPENED, "data"), Input(ids.TRACE_ID, "data")
)
