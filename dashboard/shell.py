"""The frame around every page: navigation, time range, colour scheme."""

import dash
import dash_mantine_components as dmc
from dash import ClientsideFunction, Input, Output, State, dcc, html
from dash.development.base_component import Component

from dashboard import ids
from dashboard.components.icons import icon
from dashboard.time_range import DEFAULT_RANGE, RANGES

_NAMESPACE = "spanscape"  # functions in assets/shell.js
_HEADER_HEIGHT = 56


def layout() -> Component:
    """Header and the place where pages appear."""
    return dmc.MantineProvider(
        [
            dcc.Location(id=ids.URL, refresh=False),
            dcc.Store(id=ids.COLOR_SCHEME),
            html.Div(id=ids.URL_SYNC, hidden=True),
            html.A("Skip to content", href="#content", className="skip"),
            dmc.AppShell(
                [
                    dmc.AppShellHeader(_header(), className="header"),
                    dmc.AppShellMain(html.Div(dash.page_container, id="content", tabIndex="-1")),
                ],
                header={"height": _HEADER_HEIGHT},
                padding=0,
            ),
        ],
        defaultColorScheme="auto",
        theme={
            "primaryColor": "indigo",
            "primaryShade": {"light": 7, "dark": 8},
            "fontFamily": "var(--ss-font)",
            "defaultRadius": "sm",
        },
    )


def register_callbacks(app: dash.Dash) -> None:
    """All of them run in the browser; none asks the server."""
    app.clientside_callback(
        ClientsideFunction(_NAMESPACE, "rangeFromUrl"),
        Output(ids.TIME_RANGE, "value"),
        Input(ids.URL, "search"),
        State(ids.TIME_RANGE, "value"),
    )
    app.clientside_callback(
        ClientsideFunction(_NAMESPACE, "syncUrl"),
        Output(ids.URL_SYNC, "title"),
        Output(ids.NAV_TOPOLOGY, "href"),
        Output(ids.NAV_TRACES, "href"),
        Output(ids.TIME_RANGE_BOX, "className"),
        Input(ids.TIME_RANGE, "value"),
        Input(ids.URL, "pathname"),
        Input(ids.URL, "search"),
    )
    app.clientside_callback(
        ClientsideFunction(_NAMESPACE, "watchColorScheme"),
        Output(ids.COLOR_SCHEME, "data"),
        Input(ids.COLOR_SCHEME, "id"),
    )


def _header() -> Component:
    return html.Div(
        [
            dcc.Link([icon("logo"), html.Span("Spanscape")], href="/", className="brand"),
            html.Nav(
                [
                    dcc.Link([icon("arrange"), "Topology"], id=ids.NAV_TOPOLOGY, href="/", className="nav-link"),
                    dcc.Link([icon("traces"), "Traces"], id=ids.NAV_TRACES, href="/traces", className="nav-link"),
                ],
                **{"aria-label": "Pages"},
            ),
            html.Div(_time_range(), id=ids.TIME_RANGE_BOX, className="time-range"),
            dmc.ColorSchemeToggle(
                id=ids.COLOR_SCHEME_TOGGLE,
                lightIcon=icon("sun"),
                darkIcon=icon("moon"),
                variant="subtle",
                color="gray",
                size="lg",
                **{"aria-label": "Switch between light and dark"},
            ),
        ],
        className="header-row",
    )


def _time_range() -> list[Component]:
    label = "time-range-label"
    return [
        html.Span("Last", id=label),
        dmc.SegmentedControl(
            id=ids.TIME_RANGE,
            data=[{"value": known.key, "label": known.key.replace("m", " m").replace("h", " h")} for known in RANGES],
            value=DEFAULT_RANGE.key,
            size="xs",
            withItemsBorders=False,
            **{"aria-labelledby": label},
        ),
    ]
