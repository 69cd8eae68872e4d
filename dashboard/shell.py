"""The frame around every page: navigation, time range, which services, how live the page is, colour scheme, shortcuts."""

from typing import Any

import dash
import dash_mantine_components as dmc
from dash import ClientsideFunction, Input, Output, State, dcc, html
from dash.development.base_component import Component
from dash.exceptions import PreventUpdate

from dashboard import client, ids
from dashboard.callbacks import callback
from dashboard.components.icons import icon
from dashboard.components.scope_picker import choices, scope_picker
from dashboard.components.shortcuts import shortcuts_dialog
from dashboard.errors import CollectorError
from dashboard.scope import scope
from dashboard.time_range import DEFAULT_RANGE, RANGES, time_range

_NAMESPACE = "spanscape"  # functions in assets/*.js
_HEADER_HEIGHT = 52
_RAIL_WIDTH = 78
_PAGES = (
    (ids.NAV_TOPOLOGY, "/", "arrange", "Topology"),
    (ids.NAV_SERVICES, "/services", "services", "Services"),
    (ids.NAV_TRACES, "/traces", "traces", "Traces"),
    (ids.NAV_BREAKERS, "/breakers", "breakers", "Breakers"),
    (ids.NAV_HEALTH, "/health", "health", "Health"),
    (ids.NAV_DOCTOR, "/doctor", "doctor", "Doctor"),
)


def layout() -> Component:
    """Header, navigation and the place where pages appear."""
    return dmc.MantineProvider(
        [
            dcc.Location(id=ids.URL, refresh=False),
            dcc.Store(id=ids.COLOR_SCHEME),
            dcc.Store(id=ids.WINDOW),
            dcc.Store(id=ids.SCOPE),
            dcc.Store(id=ids.LIVE_TICK, data=0),
            html.A("Skip to content", href="#content", className="skip"),
            dmc.AppShell(
                [
                    dmc.AppShellHeader(_header(), className="header"),
                    dmc.AppShellNavbar(_rail(), className="rail"),
                    dmc.AppShellMain(html.Div(dash.page_container, id="content", tabIndex="-1")),
                ],
                header={"height": _HEADER_HEIGHT},
                navbar={"width": _RAIL_WIDTH, "breakpoint": 0},
                padding=0,
            ),
            shortcuts_dialog(ids.HELP_DIALOG),
        ],
        defaultColorScheme="auto",
        theme={
            "primaryColor": "indigo",
            "primaryShade": {"light": 7, "dark": 8},
            "fontFamily": "var(--ss-font)",
            "defaultRadius": "sm",
            "respectReducedMotion": True,
        },
    )


def register_callbacks(app: dash.Dash) -> None:
    """They run in the browser, but for what can be chosen."""
    callback(
        Output(ids.ENVIRONMENT, "data"),
        Output(ids.NAMESPACE, "data"),
        Input(ids.SCOPE_BUTTON, "n_clicks"),
        State(ids.WINDOW, "data"),
        State(ids.SCOPE, "data"),
        prevent_initial_call=True,
    )(offer_scopes)
    links = [Output(link, "href") for link, *_ in _PAGES]
    app.clientside_callback(
        ClientsideFunction(_NAMESPACE, "fromAddress"),
        Output(ids.WINDOW, "data"),
        Output(ids.TIME_RANGE, "value"),
        Output(ids.SCOPE, "data"),
        Output(ids.ENVIRONMENT, "value"),
        Output(ids.NAMESPACE, "value"),
        Output(ids.SCOPE_WORDS, "children"),
        Output(ids.SCOPE_BUTTON, "className"),
        Output(ids.TIME_RANGE_BOX, "className"),
        *links,
        Input(ids.URL, "pathname"),
        Input(ids.URL, "search"),
        State(ids.WINDOW, "data"),
        State(ids.SCOPE, "data"),
    )
    app.clientside_callback(
        ClientsideFunction(_NAMESPACE, "chooseRange"),
        Output(ids.WINDOW, "data", allow_duplicate=True),
        Input(ids.TIME_RANGE, "value"),
        State(ids.WINDOW, "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction(_NAMESPACE, "chooseAbsolute"),
        Output(ids.WINDOW, "data", allow_duplicate=True),
        Output(ids.TIME_RANGE, "value", allow_duplicate=True),
        Output(ids.ABSOLUTE_WRONG, "children"),
        Input(ids.ABSOLUTE_APPLY, "n_clicks"),
        Input(ids.ABSOLUTE_FROM, "n_submit"),
        Input(ids.ABSOLUTE_TO, "n_submit"),
        State(ids.ABSOLUTE_FROM, "value"),
        State(ids.ABSOLUTE_TO, "value"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction(_NAMESPACE, "choosePaused"),
        Output(ids.PAUSE, "data-done"),
        Input(ids.PAUSE, "n_clicks"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction(_NAMESPACE, "chooseScope"),
        Output(ids.SCOPE, "data", allow_duplicate=True),
        Output(ids.SCOPE_WORDS, "children", allow_duplicate=True),
        Output(ids.SCOPE_BUTTON, "className", allow_duplicate=True),
        Input(ids.ENVIRONMENT, "value"),
        Input(ids.NAMESPACE, "value"),
        State(ids.SCOPE, "data"),
        prevent_initial_call=True,
    )
    app.clientside_callback(
        ClientsideFunction(_NAMESPACE, "watchColorScheme"),
        Output(ids.COLOR_SCHEME, "data"),
        Input(ids.COLOR_SCHEME, "id"),
    )


async def offer_scopes(_clicks: int, range_key: str | None, chosen: dict[str, str] | None) -> tuple[Any, Any]:
    try:
        services = await client.current().services(time_range(range_key))
    except CollectorError as error:
        raise PreventUpdate from error  # the page says what is wrong; what was offered before still may be chosen
    return choices(services, scope(chosen))


def _rail() -> Component:
    links = [
        dcc.Link([icon(drawing), html.Span(name)], id=id_, href=path, className="nav-link")
        for id_, path, drawing, name in _PAGES
    ]
    return html.Nav(links, **{"aria-label": "Pages"})


def _header() -> Component:
    return html.Div(
        [
            dcc.Link([icon("logo"), html.Span("Spanscape")], href="/", className="brand"),
            html.Span("Connecting", id=ids.CONNECTION, className="connection connection-wait", role="status"),
            scope_picker(),
            html.Div(_time_range(), id=ids.TIME_RANGE_BOX, className="time-range"),
            html.Button(
                icon("help"),
                id=ids.HELP,
                className="icon-button",
                title="Keyboard shortcuts (?)",
                **{"aria-label": "Keyboard shortcuts"},
            ),
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
    words = [{"value": known.key, "label": _short(known.key)} for known in RANGES]
    return [
        dmc.SegmentedControl(
            id=ids.TIME_RANGE,
            data=words,
            value=DEFAULT_RANGE.key,
            size="xs",
            withItemsBorders=False,
            **{"aria-label": "Time range that ends now"},
        ),
        _absolute(),
        html.Button(
            [icon("pause"), icon("play")],
            id=ids.PAUSE,
            className="icon-button pause",
            title="Pause updates (p)",
            **{"aria-label": "Pause updates"},
        ),
    ]


def _absolute() -> Component:
    fields = [
        dmc.TextInput(id=field, label=label, placeholder="2026-01-31 12:00", size="xs", w=170)
        for field, label in ((ids.ABSOLUTE_FROM, "From (UTC)"), (ids.ABSOLUTE_TO, "To (UTC)"))
    ]
    wrong = html.Div(id=ids.ABSOLUTE_WRONG, className="bad", role="alert")
    apply = dmc.Button("Show this time", id=ids.ABSOLUTE_APPLY, size="xs")
    return dmc.Popover(
        [
            dmc.PopoverTarget(
                html.Button(
                    icon("clock"),
                    className="icon-button",
                    title="From … to …",
                    **{"aria-label": "Choose a time in the past"},
                )
            ),
            dmc.PopoverDropdown(html.Div([*fields, wrong, apply], className="absolute")),
        ],
        position="bottom-end",
        withArrow=True,
        trapFocus=True,
    )


def _short(key: str) -> str:
    return f"{key[:-1]} {key[-1]}"
