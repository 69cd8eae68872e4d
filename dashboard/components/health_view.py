"""Health of services: status, reasons, and the checks of their instances."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

from dash import dcc, html
from dash.development.base_component import Component

from dashboard.components.icons import icon
from dashboard.components.panel_details import reason_text

_WORST_FIRST = ("unhealthy", "degraded", "unknown", "healthy")


def body(
    services: Sequence[Mapping[str, Any]], changes: Sequence[Mapping[str, Any]], range_key: str
) -> list[Component]:
    """A card per service, the worst first, and what changed."""
    if not services:
        return [_nothing()]
    ranked = sorted(services, key=lambda service: (_rank(service.get("status")), str(service.get("name"))))
    cards = html.Div([_card(service, range_key) for service in ranked], className="health-cards")
    return [cards, html.H2("Changes", className="page-section"), _changes(changes)]


def status_words(status: Any) -> Component:
    """Status by ring and word."""
    return html.Span(
        [html.Span(className=f"ring ring-{status}"), html.Strong(str(status or "unknown"))], className="health-words"
    )


def _card(service: Mapping[str, Any], range_key: str) -> Component:
    name, status = str(service.get("name")), str(service.get("status") or "unknown")
    link = dcc.Link(
        name, href=f"/service/{quote(name, safe='')}?" + urlencode({"range": range_key}), className="card-title"
    )
    reasons = [html.Li(reason_text(reason)) for reason in service.get("reasons") or []]
    instances = [_instance(instance) for instance in service.get("instances") or []]
    return html.Article(
        [
            html.Div([link, status_words(status)], className="card-head"),
            html.Ul(reasons, className="reasons"),
            *instances,
        ],
        className=f"health-card health-card-{status}",
    )


def _instance(instance: Mapping[str, Any]) -> Component:
    checks = [
        html.Li(
            [
                status_words(check.get("status")),
                html.Span(str(check.get("name") or "")),
                html.Span(_details(check.get("details")), className="muted"),
            ]
        )
        for check in instance.get("checks") or []
    ]
    summary = html.Summary([html.Code(str(instance.get("id") or "")), " ", status_words(instance.get("status"))])
    return html.Details([summary, html.Ul(checks, className="check-list")])


def _details(details: Any) -> str:
    if isinstance(details, Mapping):
        return ", ".join(f"{key}: {value}" for key, value in details.items())[:300]
    return str(details or "")[:300]


def _changes(changes: Sequence[Mapping[str, Any]]) -> Component:
    if not changes:
        return html.P("None in this time range.", className="muted")
    rows = [
        html.Li(
            [
                html.Span(str(change.get("at"))[11:19], className="muted"),
                html.Strong(str(change.get("service"))),
                html.Span(
                    [status_words(change.get("from")), " → ", status_words(change.get("to"))], className="lamp-change"
                ),
                html.Span("; ".join(map(reason_text, change.get("reasons") or [])), className="muted"),
            ]
        )
        for change in changes[:50]
    ]
    return html.Ul(rows, className="change-list")


def _rank(status: Any) -> int:
    return _WORST_FIRST.index(status) if status in _WORST_FIRST else len(_WORST_FIRST)


def _nothing() -> Component:
    advice = [
        html.P("No service has told of its health in this time range."),
        html.P(
            [
                "Push a report of any usual health endpoint: ",
                html.Code("POST /api/v1/health/{service}"),
                " on the collector's API.",
            ]
        ),
    ]
    return html.Div([icon("health"), html.H2("No health reports"), *advice], className="state", role="status")
