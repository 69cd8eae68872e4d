"""The dependency graph: the collector's nodes and edges become elements of the map, with text and state."""

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

import dash_cytoscape as cyto

from dashboard import theme
from dashboard.api_types import Edge, Node, Topology
from dashboard.components import graph_layout
from dashboard.components.edge_routes import relative, routes
from dashboard.components.graph_layout import Point
from dashboard.components.graph_style import stylesheets

_NAME_LENGTH = 26
_THINNEST, _THICKEST = 1.6, 7.0  # pixels
_FIT_PADDING = 36


def graph(graph_id: str) -> cyto.Cytoscape:
    """The empty map; callbacks fill `elements` and, when nodes come or go, `layout`."""
    return cyto.Cytoscape(
        id=graph_id,
        elements=[],
        stylesheet=stylesheets()["light"],
        layout=layout_for([]),
        autoRefreshLayout=False,
        boxSelectionEnabled=False,
        responsive=True,
        minZoom=0.15,
        maxZoom=1.4,
        className="graph",
        style={"width": "100%", "height": "100%"},
    )


def content_hash(topology: Topology, window_key: str) -> str:
    """Equal for answers that look the same on the page."""
    seen = [window_key, topology["nodes"], topology["edges"]]
    return hashlib.sha256(json.dumps(seen, sort_keys=True).encode()).hexdigest()[:16]


def complete_edges(topology: Topology) -> list[Edge]:
    """Edges whose two ends are nodes, in a fixed order; the map cannot draw others."""
    known = {node["id"] for node in topology["nodes"]}
    drawable = (edge for edge in topology["edges"] if edge["source"] in known and edge["target"] in known)
    return sorted(drawable, key=lambda edge: (edge["source"], edge["target"], edge["kind"]))


def positions(topology: Topology, known: Mapping[str, Sequence[float]]) -> dict[str, Point]:
    """A place for each node; `known` ones keep theirs."""
    ends = [(edge["source"], edge["target"]) for edge in complete_edges(topology)]
    places = {node: (float(point[0]), float(point[1])) for node, point in known.items()}
    return graph_layout.place([node["id"] for node in topology["nodes"]], ends, places)


def layout_for(node_ids: Sequence[str]) -> dict[str, Any]:
    """The map's layout option. It differs only when the nodes differ: then the map fits itself to its frame."""
    return {"name": "preset", "fit": True, "padding": _FIT_PADDING, "animate": False, "nodes": sorted(node_ids)}


def elements(topology: Topology, places: Mapping[str, Point], seconds: int) -> list[dict[str, Any]]:
    """Nodes, then edges, in a fixed order. The map draws `data.label` as plain text."""
    edges = complete_edges(topology)
    nodes = sorted(topology["nodes"], key=lambda node: node["id"])
    ways = routes([(edge["source"], edge["target"]) for edge in edges], places)
    busiest = max((edge["calls"] for edge in edges), default=0)
    drawn_nodes = [_node(node, places[node["id"]], seconds) for node in nodes]
    drawn_edges = []
    for edge, way in zip(edges, ways, strict=True):
        bends = relative(way, places[edge["source"]], places[edge["target"]])
        drawn_edges.append(_edge(edge, bends, busiest, seconds))
    return drawn_nodes + drawn_edges


def edge_id(edge: Edge) -> str:
    """Unique even when names contain separators."""
    return "edge:" + json.dumps([edge["source"], edge["target"], edge["kind"]])


def state_of(errors: int, rejected: int, calls: int) -> str:
    """`bad` from 5 % errors on, `errors` from 1 %, `rejected` from 1 % refused by a breaker or limiter, else `ok`.

    Only colour and line style depend on it: the text names smaller shares too.
    """
    share, rejected_share = errors / max(calls, 1), rejected / max(calls, 1)
    if share >= theme.ERROR_SHARE_BAD:
        return "bad"
    if share >= theme.SHARE_NOTED:
        return "errors"
    return "rejected" if rejected_share >= theme.SHARE_NOTED else "ok"


def _node(node: Node, place: Point, seconds: int) -> dict[str, Any]:
    state = state_of(node["errors"], node["rejected"], node["calls"])
    name = theme.shorten(node["name"], _NAME_LENGTH) or "(no name)"
    label = "\n".join([name, *_numbers(node, seconds)])
    data = {"id": node["id"], "name": node["name"], "kind": node["kind"], "state": state, "label": label}
    return {"group": "nodes", "data": data, "position": {"x": place[0], "y": place[1]}, "classes": state}


def _edge(edge: Edge, bends: tuple[list[float], list[float]], busiest: int, seconds: int) -> dict[str, Any]:
    state = state_of(edge["errors"], edge["rejected"], edge["calls"])
    label = "\n".join(_numbers(edge, seconds))
    weights, distances = bends if bends[0] else ([0.5], [0.0])
    data = {
        "id": edge_id(edge),
        "source": edge["source"],
        "target": edge["target"],
        "kind": edge["kind"],
        "state": state,
        "label": label,
        "selected_label": f"{label}\np95 {theme.format_ms(edge['p95_ms'])}",
        "width": _width(edge["calls"], busiest),
        "weights": " ".join(map(str, weights)),
        "distances": " ".join(map(str, distances)),
    }
    return {"group": "edges", "data": data, "classes": state}


def _numbers(row: Node | Edge, seconds: int) -> list[str]:
    """The rate, and the shares of errors and rejections if there are any."""
    problems = []
    if row["errors"]:
        problems.append(f"⚠ {theme.format_share(row['errors'], row['calls'])}")
    if row["rejected"]:
        problems.append(f"⊘ {theme.format_share(row['rejected'], row['calls'])}")
    return [theme.format_rate(row["calls"], seconds), *([" · ".join(problems)] if problems else [])]


def _width(calls: int, busiest: int) -> float:
    """Logarithmic, so that a quiet edge beside a busy one is still seen."""
    if busiest <= 0:
        return _THINNEST
    return round(_THINNEST + (_THICKEST - _THINNEST) * math.log1p(calls) / math.log1p(busiest), 2)
