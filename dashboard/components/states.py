"""What a view shows instead of data: loading, empty, and errors that say what to do next."""

from dash import html
from dash.development.base_component import Component

from dashboard.components.icons import icon
from dashboard.errors import CollectorError, CollectorUnreachable


def loading(what: str) -> Component:
    """Shown until the first answer."""
    return html.Div(
        [html.Span(className="spinner", **{"aria-hidden": "true"}), html.P(f"Loading {what} …")],
        className="state state-loading",
        role="status",
    )


def no_telemetry() -> Component:
    """An empty graph, with the three ways to fill it."""
    ways = [
        html.Li(
            [
                html.Strong("Send OTLP"),
                html.Span(["gRPC to port ", html.Code("4317"), ", HTTP to port ", html.Code("4318")]),
            ]
        ),
        html.Li([html.Strong("Load a recording"), html.Code("spanscape load FILE")]),
        html.Li([html.Strong("Try the demo shop"), html.Code("make demo")]),
    ]
    return html.Div(
        [
            icon("empty"),
            html.H2("No calls in this time range"),
            html.P(
                "The map draws itself as soon as spans arrive. Older calls may be in a longer time range; "
                "a filter or focus may hide the rest."
            ),
            scope_note(),
            html.Ul(ways, className="ways"),
        ],
        className="state",
        role="status",
    )


def scope_note() -> Component:
    """In what says that there is nothing: that an environment or namespace is chosen, and a way out. assets/shell.js names it, and
    it is hidden while none is."""
    clear = html.Button("Show all", className="plain-button scope-clear")
    return html.P(["Only ", html.Strong(className="scope-words"), " is shown.", clear], className="scope-note")


def failed(error: CollectorError) -> Component:
    """The whole view is an error. An unreachable collector is asked again, so it says so."""
    away = isinstance(error, CollectorUnreachable)
    lines = [html.P(error.detail)]
    if away:
        lines.append(html.P("Trying again every few seconds; this page recovers by itself.", className="muted"))
    return html.Div(
        [icon("away" if away else "error"), html.H2(error.title), *lines], className="state state-error", role="alert"
    )
