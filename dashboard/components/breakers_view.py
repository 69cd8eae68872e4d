"""Circuit breakers as a table, and what became of them."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

from dash import dcc, html
from dash.development.base_component import Component

from dashboard import theme
from dashboard.components.breaker_words import SYMBOLS, WORDS
from dashboard.components.icons import icon

_TRANSITIONS = 50


def body(
    breakers: Sequence[Mapping[str, Any]], transitions: Sequence[Mapping[str, Any]], range_key: str
) -> list[Component]:
    """The table and the list of changes; what to do if there is neither."""
    if not breakers and not transitions:
        return [_nothing()]
    return [
        table(breakers, range_key),
        html.H2("Changes of state", className="page-section"),
        _changes(transitions[:_TRANSITIONS]),
    ]


def table(breakers: Sequence[Mapping[str, Any]], range_key: str) -> Component:
    """One row per breaker, in the given order."""
    names = (
        ("State", ""),
        ("Breaker", ""),
        ("Calls from → to", ""),
        ("Failure rate", ""),
        ("Rejected", "number"),
        ("Instances", ""),
    )
    head = html.Tr([html.Th(name, scope="col", className=look) for name, look in names])
    rows = [_row(breaker, range_key) for breaker in breakers]
    return html.Table([html.Caption("Circuit breakers"), html.Thead(head), html.Tbody(rows)], className="table")


def lamp(state: str) -> Component:
    """State by symbol, word and colour."""
    symbol = SYMBOLS.get(state, "?").split(" ")[0]
    return html.Span(
        [html.Span(symbol, className=f"lamp lamp-{state}"), html.Strong(WORDS.get(state, "Unknown"))],
        className="lamp-words",
    )


def _row(breaker: Mapping[str, Any], range_key: str) -> Component:
    since = str(breaker.get("since") or "")
    told = [html.Small(f"since {since[11:19]} UTC", className="muted")] if since else []
    stale = [html.Small("not heard of lately", className="warned")] if breaker.get("stale") else []
    flapping = [html.Small("opens again and again", className="warned")] if breaker.get("flapping") else []
    return html.Tr(
        [
            html.Td([lamp(str(breaker["state"])), *told, *stale, *flapping], className="stacked"),
            html.Td(
                [html.Strong(str(breaker["name"])), html.Small(str(breaker.get("group") or ""), className="muted")],
                className="stacked",
            ),
            html.Td([_service(breaker["service"], range_key), " → ", _service(breaker.get("target"), range_key)]),
            html.Td(_rate(breaker)),
            html.Td(theme.format_count(breaker.get("rejected") or 0), className="number"),
            html.Td(str(breaker.get("state_text") or len(breaker.get("instances") or []))),
        ]
    )


def _service(name: Any, range_key: str) -> Any:
    if not name:
        return html.Span("unknown", className="muted", title="Nothing tells which service it guards")
    return dcc.Link(str(name), href=f"/service/{quote(str(name), safe='')}?" + urlencode({"range": range_key}))


def _rate(breaker: Mapping[str, Any]) -> Any:
    rate = breaker.get("failure_rate")
    threshold = (breaker.get("thresholds") or {}).get("failure_rate")
    if rate is None:
        return html.Span("too few calls", className="muted")
    limit = f" of {theme.percent_text(100 * threshold)}" if threshold else ""
    look = "bad" if threshold and rate >= threshold else ""
    return html.Span(f"{theme.percent_text(100 * rate)}{limit}", className=look)


def _changes(transitions: Sequence[Mapping[str, Any]]) -> Component:
    if not transitions:
        return html.P("None in this time range.", className="muted")
    rows = [
        html.Li(
            [
                html.Span(str(change["at"])[11:19], className="muted"),
                html.Span([html.Strong(str(change["name"])), f" of {change['service']}"]),
                html.Span([lamp(str(change["from"])), " → ", lamp(str(change["to"]))], className="lamp-change"),
                html.Span(str(change.get("reason") or ""), className="muted"),
                dcc.Link("Trace", href=f"/trace/{change['trace_id']}") if change.get("trace_id") else html.Span(),
            ]
        )
        for change in transitions
    ]
    return html.Ul(rows, className="change-list")


def _nothing() -> Component:
    advice = [
        html.P("No breaker was heard of in this time range."),
        html.P(
            [
                "Breakers show themselves by metrics, logs and spans of the usual libraries; ",
                html.Code("docs/breakers-and-health.md"),
                " lists them.",
            ]
        ),
    ]
    return html.Div([icon("breakers"), html.H2("No circuit breakers"), *advice], className="state", role="status")
