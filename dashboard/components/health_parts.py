"""What both pages about health show: reasons, changes, dependencies, and how to embed the status elsewhere."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

from dash import dcc, html
from dash.development.base_component import Component

from dashboard.api_types import Topology
from dashboard.components.health_words import changed_to, page_of, shown_status, sign, status_words
from dashboard.components.panel_details import reason_text
from dashboard.scope import Scope

_BAD = ("unhealthy", "degraded")


def health_link(service: str, range_key: str) -> str:
    """The address of a service's health page."""
    return f"/health/{quote(service, safe='')}?" + urlencode({"range": range_key})


def reasons(rows: Sequence[Mapping[str, Any]], range_key: str) -> Component:
    """Each reason in words, with its status and a link to what it speaks of, unless that is a page of health as well."""
    items = []
    for reason in rows:
        page = page_of(str(reason.get("link") or ""), range_key)
        link = (
            [dcc.Link("Show", href=page, className="reason-link")] if page and not page.startswith("/health/") else []
        )
        items.append(html.Li([sign(shown_status(reason)), html.Span(reason_text(reason)), *link]))
    return html.Ul(items, className="why")


def changes(rows: Sequence[Mapping[str, Any]], range_key: str, most: int) -> list[Component]:
    """The newest changes, as a feed."""
    if not rows:
        return [html.P("None in this time range.", className="muted")]
    items = [
        html.Li(
            [
                html.Span(str(change["at"])[11:19], className="muted", title=str(change["at"])),
                html.Span(
                    [
                        dcc.Link(str(change["service"]), href=health_link(str(change["service"]), range_key)),
                        html.Small(str(change["instance"]), className="muted"),
                    ],
                    className="two",
                ),
                html.Span(
                    [sign(shown_status({"status": change["from"]})), "→", status_words(changed_to(change))],
                    className="moved",
                ),
                html.Small(reason_text((change.get("reasons") or [""])[0]), className="muted feed-why"),
            ]
        )
        for change in rows[:most]
    ]
    return [html.Ul(items, className="health-feed")]


def blamed(topology: Topology, services: Mapping[str, Mapping[str, Any]]) -> dict[str, list[str]]:
    """By service: those that it calls and that are not well."""
    names = {node["id"]: node["name"] for node in topology.get("nodes", []) if node["kind"] == "service"}
    found: dict[str, set[str]] = {}
    for edge in topology.get("edges", []):
        source, target = names.get(edge["source"]), names.get(edge["target"])
        if source and target and source != target and shown_status(services.get(target, {})) in _BAD:
            found.setdefault(source, set()).add(target)
    return {source: sorted(targets) for source, targets in found.items()}


def embed(collector_url: str, service: str, within: Scope) -> Component:
    """A badge and JSON for other pages and scripts, to copy; of what is shown."""
    address, of = f"{collector_url}/api/v1/health", within.params()
    badge = _with_query(f"{address}/badge.svg", {"service": service, **of} if service else of)
    label = f"health of {service}" if service else "health"
    snippets = (
        ("Markdown", f"![{label}]({badge})"),
        ("HTML", f'<img src="{_escaped(badge)}" alt="{_escaped(label)}">'),
        ("JSON", f"curl '{_with_query(f'{address}/summary', of)}'"),
    )
    rows = [
        html.Li(
            [
                html.Span(name, className="muted"),
                html.Code(text),
                html.Button("copy", className="link-button", **{"data-copy": text, "aria-label": f"Copy {name}"}),
            ]
        )
        for name, text in snippets
    ]
    about = html.P(
        "A badge for a README or a wall display, and JSON for scripts. Both come from the collector's API.",
        className="muted",
    )
    return html.Details(
        [html.Summary("Embed this status"), about, html.Ul(rows, className="snippets")],
        className="embed",
        **{"data-keep": "embed"},
    )


def _with_query(address: str, params: Mapping[str, str]) -> str:
    return f"{address}?{urlencode(params)}" if params else address


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
