"""The health of one service: why it is so, its last hours, its instances with their checks, what it depends on, what changed."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

from dash import dcc, html
from dash.development.base_component import Component

from dashboard import theme
from dashboard.api_types import Topology
from dashboard.components import health_history, health_parts
from dashboard.components.health_parts import health_link
from dashboard.components.health_words import MAINTENANCE, RANK, shown_status, status_words
from dashboard.components.icons import icon
from dashboard.components.lanes import Axis
from dashboard.components.panel_details import reason_text
from dashboard.components.states import scope_note
from dashboard.scope import Scope

_FEED = 30
_LANES = 20
_SOURCES = {
    "push": "pushed",
    "pull": "polled",
    "otlp": "from metrics",
    "registry": "from the registry",
    "inferred": "inferred from its telemetry",
}


def unheard(name: str) -> list[Component]:
    """Nothing is known of the service."""
    back = html.P(dcc.Link("All services", href="/health"))
    advice = html.P("It sent neither telemetry nor a health report in this time range.")
    return [
        html.Div(
            [icon("health"), html.H2(f"Nothing is known of {name}"), advice, scope_note(), back],
            className="state",
            role="status",
        )
    ]


def body(
    service: Mapping[str, Any],
    services: Sequence[Mapping[str, Any]],
    changes: Sequence[Mapping[str, Any]],
    topology: Topology,
    axis: Axis,
    collector_url: str,
    range_key: str,
    within: Scope,
) -> list[Any]:
    """`changes`: of the service and its instances in the time on the axis, newest first."""
    name = str(service["name"])
    history = health_history.by_instance(changes)
    instances = sorted(service["instances"], key=lambda one: RANK[shown_status(one)])
    strips = [
        health_history.lane("The service", shown_status(service), history.get((name, ""), []), axis),
        *(
            health_history.lane(
                str(one["id"]) or "(no id)",
                shown_status(one),
                history.get((name, str(one["id"])), []) if one["id"] else [],
                axis,
            )
            for one in instances[:_LANES]
        ),
        axis.ticks(),
    ]
    return [
        _head(service, range_key),
        _section("Why", [health_parts.reasons(service["reasons"], range_key), *_planned(service)]),
        _section("Over time", [html.Div(strips, className="lanes")]),
        _section(
            "Instances",
            [_instance(one, range_key) for one in instances] or [html.P("No instance is known.", className="muted")],
        ),
        html.Div(
            [
                html.Div([_section("What it calls", _neighbours(topology, name, services, range_key))]),
                html.Div([_section("Changes", health_parts.changes(changes, range_key, _FEED))]),
            ],
            className="service-columns",
        ),
        health_parts.embed(collector_url, name, within),
    ]


def _head(service: Mapping[str, Any], range_key: str) -> Component:
    name = str(service["name"])
    shared = urlencode({"range": range_key})
    links = [
        dcc.Link("Service page", href=f"/service/{quote(name, safe='')}?{shared}", className="more"),
        dcc.Link(
            "On the map",
            href=f"/?{shared}&" + urlencode({"focus": f"service:{name}", "sel": f"service:{name}"}),
            className="more",
        ),
        dcc.Link("Breakers", href=f"/breakers?{shared}&" + urlencode({"find": name}), className="more"),
    ]
    return html.Header(
        [
            dcc.Link("Health", href=f"/health?{shared}", className="crumb"),
            html.H1(name or "(no name)"),
            html.P(
                [status_words(shown_status(service)), html.Span(str(service["namespace"]), className="muted")],
                className="breaker-state",
            ),
            html.Div(links, className="panel-actions"),
        ],
        className="breaker-head",
    )


def _planned(service: Mapping[str, Any]) -> list[Component]:
    if shown_status(service) != MAINTENANCE:
        return []
    return [
        html.P(
            "In planned maintenance: it raises no alarm and does not count against the system.",
            className="note",
        )
    ]


def _section(title: str, parts: Sequence[Any]) -> Component:
    return html.Section([html.H2(title), *parts], className="service-section")


def _instance(instance: Mapping[str, Any], range_key: str) -> Component:
    status = shown_status(instance)
    heard = (
        f"{_SOURCES.get(str(instance['source']), '')}, last at {str(instance['observed_at'])[11:16]}"
        if instance["observed_at"]
        else ""
    )
    first = [reason_text(reason) for reason in instance["reasons"][:1]]
    why = [] if status == "healthy" else [html.Span(text) for text in first]
    stale = [html.Span("report expired", className="warned")] if instance["stale"] else []
    checks = instance["checks"]
    count = html.Span(theme.counted(len(checks), "check"), className="muted")
    summary = html.Summary(
        [
            html.Code(str(instance["id"]) or "(no id)"),
            status_words(status),
            html.Span(heard, className="muted"),
            *why,
            *stale,
            count,
        ]
    )
    inner = [health_parts.reasons(instance["reasons"], range_key), *([_checks(checks)] if checks else [])]
    return html.Details(
        [summary, *inner], className=f"instance instance-{status}", **{"data-keep": f"instance {instance['id']}"}
    )


def _checks(checks: Sequence[Mapping[str, Any]]) -> Component:
    names = (("Check", ""), ("Status", ""), ("Raw status", ""), ("Took", "number"), ("Details", ""), ("At", ""))
    head = html.Tr([html.Th(name, scope="col", className=look) for name, look in names])
    rows = [
        html.Tr(
            [
                html.Td(
                    [html.Strong(str(check["name"])), html.Small(_kind(check), className="muted")], className="stacked"
                ),
                html.Td(status_words(shown_status(check))),
                html.Td(html.Code(theme.shorten(str(check["raw_status"]), 40))),
                html.Td(theme.format_ms(check["duration_ms"]), className="number"),
                html.Td(theme.shorten(_details(check), 300)),
                html.Td(str(check["observed_at"] or "")[11:16], className="muted"),
            ]
        )
        for check in checks
    ]
    return html.Table(
        [html.Caption("Checks"), html.Thead(head), html.Tbody(rows)], className="table mini-table health-checks"
    )


def _kind(check: Mapping[str, Any]) -> str:
    return "" if check["kind"] in ("component", check["name"]) else str(check["kind"])


def _details(check: Mapping[str, Any]) -> str:
    told = ", ".join(f"{key}: {value}" for key, value in (check["details"] or {}).items())
    return "; ".join(part for part in (str(check["output"] or ""), told) if part)


def _neighbours(
    topology: Topology, name: str, services: Sequence[Mapping[str, Any]], range_key: str
) -> list[Component]:
    known = {str(service["name"]): service for service in services}
    nodes = {node["id"]: node for node in topology.get("nodes", [])}
    called = {edge["target"]: edge for edge in topology.get("edges", []) if edge["source"] == f"service:{name}"}
    if not called:
        return [html.P("It made no calls in this time range.", className="muted")]
    rows = []
    for target, edge in called.items():
        node = nodes[target]
        is_service = node["kind"] == "service"
        label = node["name"] or "(no name)"
        status = shown_status(known.get(node["name"], {})) if is_service else ""
        place = (
            dcc.Link(label, href=health_link(node["name"], range_key))
            if is_service
            else html.Span([icon(node["kind"]), f" {label}"])
        )
        share = theme.format_share(edge["errors"], edge["calls"])
        failed = f"{share} of {theme.counted(edge['calls'], 'call')} failed"
        rows.append(
            (
                RANK.get(status, len(RANK)),
                html.Li(
                    [
                        place,
                        status_words(status) if status else html.Span(node["kind"], className="muted"),
                        html.Span(failed, className="muted"),
                    ]
                ),
            )
        )
    return [html.Ul([row for _, row in sorted(rows, key=lambda one: one[0])], className="depends")]
