"""Circuit breakers as a table in other pages, and what the list of breakers shows when there are none."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

from dash import dcc, html
from dash.development.base_component import Component

from dashboard import theme
from dashboard.components.breaker_words import WORDS
from dashboard.components.icons import icon
from dashboard.components.states import scope_note


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
    """State by shape, colour and word."""
    known = state if state in WORDS else "unknown"
    sign = html.Span(className=f"sign sign-{known}", **{"aria-hidden": "true"})
    return html.Span([sign, html.Strong(WORDS[known])], className="lamp-words")


def _row(breaker: Mapping[str, Any], range_key: str) -> Component:
    since = str(breaker.get("since") or "")
    told = [html.Small(f"since {since[11:16]} UTC", className="muted")] if since else []
    stale = [html.Small("no recent report", className="warned")] if breaker.get("stale") else []
    flapping = [html.Small("keeps opening", className="warned")] if breaker.get("flapping") else []
    return html.Tr(
        [
            html.Td([lamp(str(breaker["state"])), *told, *stale, *flapping], className="stacked whole"),
            html.Td(
                [_name(breaker, range_key), html.Small(str(breaker.get("group") or ""), className="muted")],
                className="stacked",
            ),
            html.Td([_service(breaker["service"], range_key), " → ", _service(breaker.get("target"), range_key)]),
            html.Td(_rate(breaker), className="stacked whole"),
            html.Td(theme.format_count(breaker.get("rejected") or 0), className="number"),
            html.Td(str(breaker.get("state_text") or len(breaker.get("instances") or []))),
        ]
    )


def _name(breaker: Mapping[str, Any], range_key: str) -> Component:
    address = f"/breakers/{breaker['id']}?" + urlencode({"range": range_key})
    return dcc.Link(str(breaker["name"]) or "(no name)", href=address, className="card-title")


def _service(name: Any, range_key: str) -> Any:
    if not name:
        return html.Span("unknown", className="muted", title="Nothing shows which service it guards")
    return dcc.Link(str(name), href=f"/service/{quote(str(name), safe='')}?" + urlencode({"range": range_key}))


def _rate(breaker: Mapping[str, Any]) -> list[Component]:
    rate = breaker.get("failure_rate")
    threshold = (breaker.get("thresholds") or {}).get("failure_rate")
    if rate is None:
        return [html.Span("too few calls", className="muted")]
    limit = [html.Small(f"opens at {theme.percent_text(100 * threshold)}", className="muted")] if threshold else []
    look = "bad" if threshold and rate >= threshold else ""
    return [html.Span(theme.percent_text(100 * rate), className=look), *limit]


def nothing() -> Component:
    """In place of the list."""
    advice = [
        html.P("No circuit breaker was reported in this time range."),
        html.P(
            [
                "They are recognised from the metrics, logs and spans of common libraries. See ",
                html.Code("docs/breakers-and-health.md"),
                ".",
            ]
        ),
    ]
    return html.Div(
        [icon("breakers"), html.H2("No circuit breakers"), scope_note(), *advice], className="state", role="status"
    )
