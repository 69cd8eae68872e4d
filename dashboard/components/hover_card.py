"""The short form of a node or edge, shown where the pointer rests, and who depends on it."""

from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise
from typing import Any

from dash import html
from dash.development.base_component import Component

from dashboard import theme
from dashboard.api_types import Edge, Node, Topology
from dashboard.components import graph_elements
from dashboard.components.breaker_words import WORDS
from dashboard.components.graph_reasoning import BlastRadius, Ends, blast_radius, seen_to_fail
from dashboard.components.plain import plain_list
from dashboard.components.topology_view import covered_seconds


def about(topology: Topology, id_: str, with_blast: bool, fallbacks: Collection[Ends] = ()) -> dict[str, Any]:
    """{card: plain rows, blast: {guarded, unguarded, edges, guards} or null}; an empty card for what is not in the graph.

    `fallbacks` are the ends of calls that their caller is known to have another way for."""
    names = {node["id"]: node["name"] or "(no name)" for node in topology["nodes"]}
    seconds = covered_seconds(topology)
    node = next((node for node in topology["nodes"] if node["id"] == id_), None)
    if node is not None:
        radius = blast_radius(topology, id_, fallbacks)
        card = plain_list(
            [*_node(node, seconds, seen_to_fail(id_, topology["edges"])), *_blast_words(radius), *_paths(radius, names)]
        )
        return {"card": card, "blast": _blast(topology, radius) if with_blast else None}
    edge = next((edge for edge in topology["edges"] if graph_elements.edge_id(edge) == id_), None)
    return {"card": plain_list(_edge(edge, names, seconds)) if edge else [], "blast": None}


def _node(node: Node, seconds: float, fails_for_callers: str) -> list[Component]:
    health = node.get("health") or "unknown"
    instances = node.get("instances") or []
    count = len(instances) if isinstance(instances, list) else instances
    facts = [
        ("Calls", theme.format_rate(node["calls"], seconds)),
        ("Errors", theme.format_share(node["errors"], node["calls"])),
        ("Fail for callers", fails_for_callers),
        ("Rejected", theme.format_share(node["rejected"], node["calls"]) if node["rejected"] else ""),
        ("p50 / p95 / p99", " / ".join(theme.format_ms(node[p]) for p in ("p50_ms", "p95_ms", "p99_ms"))),
        ("Health", health if health != "unknown" else ""),
        ("Last seen", theme.format_moment(node["last_seen"] or "") if node.get("silent") else ""),
        ("Environment", ", ".join(node.get("environments") or ())),
        ("Namespace", node.get("namespace") or ""),
        ("Versions", ", ".join(node.get("versions") or ())),
        ("Instances", str(count) if count else ""),
    ]
    return [html.Strong(node["name"] or "(no name)"), _facts(facts)]


def _edge(edge: Edge, names: dict[str, str], seconds: float) -> list[Component]:
    breakers = edge.get("breakers") or []
    told = ", ".join(f"{b.get('name', '')}: {WORDS.get(b.get('state', ''), 'Unknown')}" for b in breakers)
    facts = [
        ("Calls", theme.format_rate(edge["calls"], seconds)),
        ("Errors", theme.format_share(edge["errors"], edge["calls"])),
        ("Rejected", theme.format_share(edge["rejected"], edge["calls"]) if edge["rejected"] else ""),
        ("p50 / p95 / p99", " / ".join(theme.format_ms(edge[p]) for p in ("p50_ms", "p95_ms", "p99_ms"))),
        ("Breaker", told),
    ]
    source, target = names.get(edge["source"], ""), names.get(edge["target"], "")
    return [html.Strong(f"{source} → {target}"), _facts(facts)]


def _blast_words(radius: BlastRadius) -> list[Component]:
    total = len(radius.guarded) + len(radius.unguarded)
    if not total:
        return [html.P("Nobody calls it.", className="muted")]
    count = len(radius.guarded)
    over = "all" if count == total > 1 else f"{count} of them" if total > 1 else ""
    guarded = f"{over} only over a guard".strip() if count else "none over a guard"
    return [html.P(f"{total} {'depends' if total == 1 else 'depend'} on it, {guarded}.", className="muted")]


def _paths(radius: BlastRadius, names: Mapping[str, str]) -> list[Component]:
    """How calls come to it, and what stands in their way when it fails."""
    return [html.Ul([_path(path, radius, names) for path in radius.paths], className="paths")] if radius.paths else []


def _path(path: Sequence[str], radius: BlastRadius, names: Mapping[str, str]) -> Component:
    words = " → ".join(names.get(node, node) for node in path)
    guards = [(ends, radius.guards[ends]) for ends in pairwise(path) if ends in radius.guards]
    if not guards:
        return html.Li([html.Span("no guard", className="bad"), " ", html.Span(words)])
    told = ", ".join(f"{guard} of {names.get(ends[0], ends[0])}" for ends, guard in guards)
    return html.Li([html.Span(told, className="warned"), " ", html.Span(words)])


def _blast(topology: Topology, radius: BlastRadius) -> dict[str, Any]:
    edges = [graph_elements.edge_id(e) for e in topology["edges"] if (e["source"], e["target"]) in radius.edges]
    guards = [graph_elements.edge_id(e) for e in topology["edges"] if (e["source"], e["target"]) in radius.guards]
    nodes = {"guarded": sorted(radius.guarded), "unguarded": sorted(radius.unguarded)}
    return {**nodes, "edges": edges, "guards": guards}


def _facts(facts: list[tuple[str, str]]) -> Component:
    return html.Dl([html.Div([html.Dt(name), html.Dd(value)]) for name, value in facts if value])
