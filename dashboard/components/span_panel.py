"""The panel beside the waterfall: everything the selected span says."""

import json
import re
from collections.abc import Mapping
from typing import Any

from dash import dcc, html
from dash.development.base_component import Component

from dashboard import theme
from dashboard.api_types import Event, Link, Span
from dashboard.components.icons import icon
from dashboard.components.waterfall import Row


def hint() -> list[Component]:
    """Shown while nothing is selected."""
    return [html.P("Select a span to see its attributes, events and links.", className="muted")]


def span_panel(row: Row, trace_start_ns: int) -> list[Component]:
    """Heading, timing, attributes, events, links, resource and scope of a span."""
    span = row.span
    resource, scope = span.get("resource") or {}, span.get("scope") or {}
    scope_facts = {name: scope[name] for name in ("name", "version") if scope.get(name)} | (
        scope.get("attributes") or {}
    )
    parts = [
        html.P(f"{span['kind']} span", className="kind"),
        html.H2(span["name"] or "(no name)"),
        _status(span),
        _facts(span, row, trace_start_ns),
        *_section("Attributes", span.get("attributes") or {}),
        *_events(span.get("events") or [], int(span["start_ns"])),
        *_links(span.get("links") or []),
        *_section("Resource", resource.get("attributes") or {}),
        *_section("Scope", scope_facts),
    ]
    return [part for part in parts if part is not None]


def _status(span: Span) -> Component | None:
    if span["status"] != "error":
        return None
    message = span.get("status_message") or "no message given"
    return html.P([icon("error"), html.Strong(" Failed: "), message], className="span-failed")


def _facts(span: Span, row: Row, trace_start_ns: int) -> Component:
    parent = span["parent_span_id"]
    facts = [
        ("Service", span["service"]),
        ("Started", f"+{theme.format_duration(max(int(span['start_ns']) - trace_start_ns, 0))}"),
        ("Duration", theme.format_duration(int(span["duration_ns"]))),
        ("Status", span["status"]),
        ("Span id", html.Code(span["span_id"])),
        ("Parent", [html.Code(parent), " not in this trace" if row.adopted else ""] if parent else "none, a root"),
    ]
    return _pairs(facts)


def _section(title: str, attributes: Mapping[str, Any]) -> list[Component]:
    if not attributes:
        return []
    pairs = [(key, html.Code(_text(attributes[key]))) for key in sorted(attributes)]
    return [html.H3(f"{title} ({len(attributes)})"), _pairs(pairs)]


def _events(events: list[Event], span_start_ns: int) -> list[Component]:
    if not events:
        return []
    listed = [
        html.Li(
            [
                html.P(
                    [
                        html.Strong(event["name"] or "(no name)"),
                        html.Span(
                            f" +{theme.format_duration(max(int(event['time_ns']) - span_start_ns, 0))}",
                            className="muted",
                        ),
                    ]
                ),
                _pairs(
                    [(key, html.Code(_text(value))) for key, value in sorted((event.get("attributes") or {}).items())]
                ),
            ]
        )
        for event in sorted(events, key=lambda event: int(event["time_ns"]))
    ]
    return [html.H3(f"Events ({len(events)})"), html.Ul(listed, className="events")]


def _links(links: list[Link]) -> list[Component]:
    if not links:
        return []
    listed = [
        html.Li(
            [
                dcc.Link(
                    ["Span ", html.Code(link["span_id"]), " of trace ", html.Code(link["trace_id"][:12] + "…")],
                    href=f"/trace/{link['trace_id']}#span={link['span_id']}",
                ),
                _pairs(
                    [(key, html.Code(_text(value))) for key, value in sorted((link.get("attributes") or {}).items())]
                ),
            ]
        )
        for link in links
    ]
    return [html.H3(f"Links ({len(links)})"), html.Ul(listed, className="events")]


def _pairs(pairs: list[tuple[str, Any]]) -> Component:
    return html.Dl([html.Div([html.Dt(_breakable(name)), html.Dd(value)]) for name, value in pairs], className="pairs")


def _breakable(name: str) -> list[Any]:
    """The name with places where a line may break: after dots and underscores."""
    pieces = re.split(r"(?<=[._])", name)
    return [part for piece in pieces for part in (piece, html.Wbr())][:-1]


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
