"""The short form of a node or edge, shown where the pointer rests, and who depends on it."""

from typing import Any

from dash import html
from dash.development.base_component import Component

from dashboard import theme
from dashboard.api_types import Edge, Node, Topology
from dashboard.components import graph_elements
from dashboard.components.breaker_words import WORDS
from dashboard.components.graph_reasoning import BlastRadius, blast_radius
from dashboard.components.plain import plain_list
from dashboard.components.topology_view import covered_seconds


def about(topology: Topology, id_: str, with_blast: bool) -> dict[str, Any]:
    """{card: plain rows, blast: {guarded, unguarded, edges} or null}; an empty card for what is not in the graph."""
    names = {node["id"]: node["name"] or "(no name)" for node in topology["nodes"]}
    seconds = covered_seconds(topology)
    node = next((node for node in topology["nodes"] if node["id"] == id_), None)
    if node is not None:
        radius = blast_radius(topology, id_)
        card = plain_list([*_node(node, seconds), *_blast_words(radius)])
        return {"card": card, "blast": _blast(topology, radius) if with_blast else None}
    edge = next((edge for edge in topology["edges"] if graph_elements.edge_id(edge) == id_), None)
    return {"card": plain_list(_edge(edge, names, seconds)) if edge else [], "blast": None}


def _node(node: Node, seconds: float) -> list[Component]:
    health = node.get("health") or "unknown"
    instances = node.get("instances") or []
    count = len(instances) if isinstance(instances, list) else instances
    facts = [
        ("Calls", theme.format_rate(node["calls"], seconds)),
        ("Errors", theme.format_share(node["errors"], node["calls"])),
        ("Rejected", theme.format_share(node["rejected"], node["calls"]) if node["rejected"] else ""),
        ("p50 / p95 / p99", " / ".join(theme.format_ms(node[p]) for p in ("p50_ms", "p95_ms", "p99_ms"))),
        ("Health", health if health != "unknown" else ""),
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
    guarded = f", {len(radius.guarded)} of them only over a breaker" if radius.guarded else ", none over a breaker"
    return [html.P(f"{total} depend on it{guarded}.", className="muted")]


def _blast(topology: Topology, radius: BlastRadius) -> dict[str, Any]:
    edges = [graph_elements.edge_id(e) for e in topology["edges"] if (e["source"], e["target"]) in radius.edges]
    return {"guarded": sorted(radius.guarded), "unguarded": sorted(radius.unguarded), "edges": edges}


def _facts(facts: list[tuple[str, str]]) -> Component:
    return html.Dl([html.Div([html.Dt(name), html.Dd(value)]) for name, value in facts if value])
