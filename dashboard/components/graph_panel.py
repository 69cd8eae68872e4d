"""The panel beside the map: numbers of the selected node or edge, its neighbours, and recent traces."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

from dash import dcc, html
from dash.development.base_component import Component

from dashboard import theme
from dashboard.api_types import Edge, Node, Topology, TraceSummary
from dashboard.components.breaker_words import SYMBOLS, WORDS
from dashboard.components.graph_elements import edge_id, why_quiet
from dashboard.components.graph_reasoning import seen_to_fail
from dashboard.components.icons import icon
from dashboard.components.service_details import version_links
from dashboard.components.topology_view import complete_edges, covered_seconds

KIND_NAMES = {
    "service": "Service",
    "database": "Database",
    "messaging": "Message broker",
    "external": "External",
}
_EDGE_NAMES = {"call": "Calls", "messaging": "Messages", "database": "Database calls", "external": "External calls"}


@dataclass(frozen=True)
class Selection:
    """What the viewer selected in a graph. At most one of `node` and `edge` is set; neither if it is gone."""

    topology: Topology
    node: Node | None = None
    edge: Edge | None = None

    @property
    def names(self) -> dict[str, str]:
        return {node["id"]: node["name"] or "(no name)" for node in self.topology["nodes"]}

    @property
    def seconds(self) -> float:
        return covered_seconds(self.topology)


def select(topology: Topology, id_: str) -> Selection:
    """The node or edge of that id."""
    node = next((node for node in topology["nodes"] if node["id"] == id_), None)
    edge = None if node else next((edge for edge in topology["edges"] if edge_id(edge) == id_), None)
    return Selection(topology, node, edge)


def body(selection: Selection, range_key: str) -> list[Component]:
    """Heading, numbers and neighbours of the selection."""
    if selection.node:
        return _node_body(selection.node, selection, range_key)
    if selection.edge:
        return _edge_body(selection.edge, selection)
    return [html.P("What was selected is not in this time range.", className="muted")]


def trace_links(title: str, traces: Sequence[TraceSummary], more: str) -> list[Component]:
    """Links to some traces, and to the list of all of them."""
    rows: list[Component] = [html.Li(trace_link(trace)) for trace in traces]
    listed = html.Ul(rows, className="trace-links") if rows else html.P("None in this time range.", className="muted")
    return [html.H3(title), listed, *([dcc.Link("All of them", href=more, className="more")] if rows else [])]


def trace_link(trace: TraceSummary) -> Component:
    """A trace in two lines."""
    errors = trace["error_count"]
    name = theme.shorten(trace["root_name"] or "(root not seen)", 60)
    duration = theme.format_duration(int(trace["duration_ns"]))
    started, spans = theme.format_clock(int(trace["start_ns"]))[:8], theme.counted(trace["span_count"], "span")
    facts = [html.Span(f"{started} · {duration} · {spans}")]
    if errors:
        facts.append(html.Span([icon("error"), f"{errors} failed"], className="bad"))
    return dcc.Link(
        [html.Span(name, className="trace-link-name"), html.Span(facts, className="trace-link-facts")],
        href=f"/trace/{trace['trace_id']}",
        className="trace-link",
    )


def _node_body(node: Node, selection: Selection, range_key: str) -> list[Component]:
    edges = complete_edges(selection.topology)
    incoming = sorted((edge for edge in edges if edge["target"] == node["id"]), key=lambda edge: -edge["calls"])
    outgoing = sorted((edge for edge in edges if edge["source"] == node["id"]), key=lambda edge: -edge["calls"])
    kind = KIND_NAMES.get(node["kind"], node["kind"])
    parts = [
        _heading(icon(node["kind"]), kind, node["name"] or "(no name)", node["kind"]),
        _actions(node, range_key),
        _numbers(node, selection.seconds, [*_seen(node, incoming), *_facts(node, range_key)]),
    ]
    quiet = why_quiet(node, bool(incoming or outgoing))
    if quiet:
        parts.append(html.P([icon("empty"), quiet.capitalize() + "."], className="note"))
    for title, listed, end in (("Called by", incoming, "source"), ("Calls", outgoing, "target")):
        if listed:
            rows = [_neighbour(edge, end, selection.names, selection.seconds) for edge in listed[:12]]
            more = [html.Li(f"and {len(listed) - 12} more", className="muted")] if len(listed) > 12 else []
            parts += [html.H3(title), html.Ul(rows + more, className="neighbours")]
    return parts


def _actions(node: Node, range_key: str) -> Component:
    """Focus, and the way to the service's own page."""
    hops = [
        html.Button(str(count), className="plain-button", **{"data-focus": node["id"], "data-hops": str(count)})
        for count in (1, 2, 3)
    ]
    focus = html.Span(["Focus ±", *hops, " calls"], className="focus-choice")
    if node["kind"] != "service":
        return html.Div([focus], className="panel-actions")
    address = f"/service/{quote(node['name'], safe='')}?" + urlencode({"range": range_key})
    return html.Div([dcc.Link("Open service", href=address, className="more"), focus], className="panel-actions")


def _edge_body(edge: Edge, selection: Selection) -> list[Component]:
    source, target = (selection.names.get(end, end) for end in (edge["source"], edge["target"]))
    heading = _heading(icon("logo"), _EDGE_NAMES.get(edge["kind"], edge["kind"]), f"{source} → {target}", "edge")
    return [heading, _numbers(edge, selection.seconds, []), *edge_breakers([edge], selection.names)]


def edge_breakers(edges: Sequence[Edge], names: Mapping[str, str]) -> list[Component]:
    """The breakers that guard these calls, with their states in words."""
    rows = [
        html.Li(
            [
                html.Span(SYMBOLS.get(state, "?").split(" ")[0], className=f"lamp lamp-{state}"),
                html.Span([html.Strong(str(breaker.get("name"))), f" {WORDS.get(state, 'Unknown').lower()}"]),
                html.Span(f"{names.get(edge['source'], '')} → {names.get(edge['target'], '')}", className="muted"),
            ]
        )
        for edge in edges
        for breaker in edge.get("breakers") or ()
        for state in [str(breaker.get("state"))]
    ]
    return [html.H3("Breakers"), html.Ul(rows, className="breaker-list")] if rows else []


def _heading(drawing: Component, kind: str, name: str, tint: str) -> Component:
    return html.Div([html.P([drawing, kind], className=f"kind kind-{tint}"), html.H2(name)], className="panel-heading")


def _numbers(row: Node | Edge, seconds: float, more: list[tuple[str, Any]]) -> Component:
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


def _seen(node: Node, incoming: Sequence[Edge]) -> list[tuple[str, Any]]:
    share = seen_to_fail(node["id"], incoming)
    return [("Fail for callers", html.Span(share, className="bad"))] if share else []


def _part(part: int, whole: int, look: str) -> Any:
    if not part:
        return "0"
    return [
        html.Span(theme.format_share(part, whole), className=look),
        html.Small(f"{theme.format_count(part)} in all"),
    ]


def _facts(node: Node, range_key: str) -> list[tuple[str, Any]]:
    """What else is known about a node, as far as the collector says it."""
    instances = node.get("instances")
    count = len(instances) if isinstance(instances, list) else instances
    health = node.get("health")
    found = [
        ("Health", health if health != "unknown" else None),
        ("Environment", ", ".join(node.get("environments") or [])),
        ("Namespace", node.get("namespace")),
        ("Instances", str(count) if count else None),
        ("Versions", version_links(node["name"], node.get("versions") or [], range_key)),
    ]
    return [(name, value) for name, value in found if value]


def _neighbour(edge: Edge, end: str, names: Mapping[str, str], seconds: float) -> Component:
    node_id: str = edge[end]  # type: ignore[literal-required]
    name = html.Button(names.get(node_id, node_id), className="neighbour-name link-button", **{"data-select": node_id})
    return html.Li([name, edge_facts(edge, seconds)])


def edge_facts(edge: Edge, seconds: float) -> Component:
    """Rate, errors, rejections and p95 on one line."""
    facts: list[Any] = [html.Span(theme.format_rate(edge["calls"], seconds))]
    if edge["errors"]:
        facts.append(html.Span([icon("error"), theme.format_share(edge["errors"], edge["calls"])], className="bad"))
    if edge["rejected"]:
        facts.append(html.Span(f"⊘ {theme.format_share(edge['rejected'], edge['calls'])} rejected", className="warned"))
    facts.append(html.Span(f"p95 {theme.format_ms(edge['p95_ms'])}", className="muted"))
    return html.Span(facts, className="facts")
