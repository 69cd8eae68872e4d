"""Traces: a search with facets, a heat map and what differs. assets/search/*.js draw it from the collector's answers."""

import dash
from dash import ClientsideFunction, Input, Output, State, clientside_callback, dcc, html
from dash.development.base_component import Component

from dashboard import ids
from dashboard.components import states

dash.register_page(__name__, path="/traces", name="Traces", title="Traces · Spanscape", order=1)


def layout(**_query: str) -> Component:
    """The frame; the filter and all else are in the address, which the browser reads."""
    uploads = html.Div(id=ids.TRACES_UPLOAD, className="tools")
    return html.Div(
        [
            dcc.Store(id=ids.TRACES_MOUNTED),
            html.Div([html.H1("Traces"), uploads], className="toolbar"),
            html.Div(states.loading("traces"), id=ids.TRACES_SEARCH),
        ],
        className="page traces-page",
    )


clientside_callback(
    ClientsideFunction("spanscape", "mountSearch"),
    Output(ids.TRACES_MOUNTED, "data"),
    Input(ids.WINDOW, "data"),
    Input(ids.SCOPE, "data"),
    State(ids.TRACES_SEARCH, "id"),
)
