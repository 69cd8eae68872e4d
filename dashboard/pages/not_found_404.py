"""Shown for an address that no page has."""

import dash
from dash import dcc, html
from dash.development.base_component import Component

dash.register_page(__name__, path="/404", title="Not found · Spanscape")


def layout(**_query: str) -> Component:
    home = dcc.Link("Go to the topology", href="/")
    return html.Div(html.Div([html.H1("There is no such page"), html.P(home)], className="state"), className="page")
