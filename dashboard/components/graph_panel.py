"""The panel beside the map: numbers of the selected node or edge, its neighbours, and recent traces."""

from collections.abc import Sequence
from typing import Any, TypedDict
from urllib.parse import urlencode

from dash import dcc, html
from dash.development.base_component import Component

from dashboard import theme
from dashboard.api_types import Edge, Node, TraceSummary
from dashboard.components.icons import icon

KIND_NAMES = {
    "service": "Service",
    "database": "Database",
    "messaging": "Message broker",
    "external": "External",
}
_EDGE_NAMES = {"call": "Calls", "messaging": "Messages", "database": "Database calls", "external": "External calls"}


class Selection(TypedDict):
    """What the viewer selected, with today's numbers. Exactly one of `node` and `edge` is set.

    `names` are those of the nodes that the edges mention.
    """

    node: Node | None
    edge: Edge | None
    incoming: list[Edge]
    outgoing: list[Edge]
    names: dict[str, str]
    seconds: int


def body(selection: Selection) -> list[Component]:
    """Heading, numbers and neighbours of the selection."""
    if selection["node"]:
        return _node_body(selection["node"], selection)
    assert selection["edge"]
    return _edge_body(selection["edge"], selection)


def recent_traces(traces: Sequence[TraceSummary], service: str, range_key: str) -> list[Component]:
    """Links to the newest traces of a service, and to the list of all of them."""
    rows: list[Component] = [html.Li(_trace_link(trace)) for trace in traces]
    listed = html.Ul(rows, className="trace-links") if rows else html.P("None in this time range.", className="muted")
    all_of_them = "/traces?" + urlencode({"service": service, "range": range_key})
    return [
        html.H3("Recent traces"),
        listed,
        dcc.Link("All traces of this service", href=all_of_them, className="more"),
    ]


def _trace_link(trace: TraceSummary) -> Component:
    errors = trace["error_count"]
    name = theme.shorten(trace["root_name"] or "(root not seen)", 60)
    duration = theme.format_duration(int(trace["duration_ns"]))
    facts = [html.Span(f"{theme.format_clock(int(trace['start_ns']))[:8]} · {duration} · {trace['span_count']} spans")]
    if errors:
        facts.append(html.Span([icon("error"), f"{errors} failed"], className="bad"))
    return dcc.Link(
        [html.Span(name, className="trace-link-name"), html.Span(facts, className="trace-link-facts")],
        href=f"/trace/{trace['trace_id']}",
        className="trace-link",
    )


def _node_body(node: Node, selection: Selection) -> list[Component]:
    names, seconds = selection["names"], selection["seconds"]
    parts = [
        _heading(
            icon(node["kind"]), KIND_NAMES.get(node["kind"], node["kind"]), node["name"] or "(no name)", node["kind"]
        ),
        _numbers(node, seconds, _facts(node)),
    ]
    for title, edges, end in (
        ("Called by", selection["incoming"], "source"),
        ("Calls", selection["outgoing"], "target"),
    ):
        if edges:
            parts += [
                html.H3(title),
                html.Ul([_neighbour(edge, end, names, seconds) for edge in edges], className="neighbours"),
            ]
    return parts


def _edge_body(edge: Edge, selection: Selection) -> list[Component]:
    source, target = (selection["names"].get(end, end) for end in (edge["source"], edge["target"]))
    heading = _heading(icon("logo"), _EDGE_NAMES.get(edge["kind"], edge["kind"]), f"{source} → {target}", "edge")
    return [heading, _numbers(edge, selection["seconds"], [])]


def _heading(drawing: Component, kind: str, name: str, tint: str) -> Component:
    return html.Div([html.P([drawing, kind], className=f"kind kind-{tint}"), html.H2(name)], className="panel-heading")


def _numbers(row: Node | Edge, seconds: int, more: list[tuple[str, str]]) -> Component:
    calls = row["calls"]
    pairs: list[tuple[str, Any]] = [
        ("Calls", [theme.format_rate(calls, seconds), html.Small(f"{theme.format_count(calls)} in all")]),
        ("Errors", _part(row["errors"], calls, "bad")),
        ("Rejected", _part(row["rejected"], calls, "warned")),
        ("p50", theme.format_ms(row["p50_ms"])),
        ("p95", theme.format_ms(row["p95_ms"])),
        ("p99", theme.format_ms(row["p99_ms"])),
        *more,
    ]
    return html.Dl([html.Div([html.Dt(name), html.Dd(value)]) for name, value in pairs], className="numbers")


def _part(part: int, whole: int, look: str) -> Any:
    if not part:
        return "0"
    return [
        html.Span(theme.format_share(part, whole), className=look),
        html.Small(f"{theme.format_count(part)} in all"),
    ]


def _facts(node: Node) -> list[tuple[str, str]]:
    """What else is known about a node, as far as the collector says it."""
    instances = node.get("instances")
    count = len(instances) if isinstance(instances, list) else instances
    health = node.get("health")
    found = [
        ("Health", health if health != "unknown" else None),
        ("Namespace", node.get("namespace")),
        ("Instances", str(count) if count else None),
        ("Versions", ", ".join(node.get("versions") or [])),
    ]
    return [(name, value) for name, value in found if value]


def _neighbour(edge: Edge, end: str, names: dict[str, str], seconds: int) -> Component:
    node_id: str = edge[end]  # type: ignore[literal-required]
    facts: list[Any] = [html.Span(theme.format_rate(edge["calls"], seconds))]
    if edge["errors"]:
        facts.append(html.Span([icon("error"), theme.format_share(edge["errors"], edge["calls"])], className="bad"))
    if edge["rejected"]:
        facts.append(html.Span(f"⊘ {theme.format_share(edge['rejected'], edge['calls'])} rejected", className="warned"))
    facts.append(html.Span(f"p95 {theme.format_ms(edge['p95_ms'])}", className="muted"))
    return html.Li(
        [html.Span(names.get(node_id, node_id), className="neighbour-name"), html.Span(facts, className="facts")]
    )
