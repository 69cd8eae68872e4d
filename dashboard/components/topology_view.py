"""What the topology page shows, as plain data: the elements of the map with their places, and the texts around it.

The page draws it; `differences` says what of it has to be sent.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from heapq import nlargest
from typing import Any

from dashboard.api_types import Edge, Topology
from dashboard.components import graph_elements, graph_filter, graph_layouts, topology_texts
from dashboard.components.comparison import Comparison, compare
from dashboard.components.edge_routes import relative, routes
from dashboard.components.graph_filter import Filter, WrongFilter
from dashboard.components.graph_filter_fields import Facts, edge_facts, node_facts
from dashboard.components.graph_layout import Point
from dashboard.components.graph_layouts import Arrangement, Frame
from dashboard.components.graph_reasoning import find_suspects, within_hops
from dashboard.components.releases import NO_RELEASES, Releases

_MINUTE_S = 60
_STEP_S = 10.0  # numbers that move with the clock alone would be drawn anew in every node, with every change
ROUTED_EDGES = 250  # from here on edges run straight and say nothing: ways and words take longer than they help
DOTTED_EDGES = 120  # the busiest ones


@dataclass(frozen=True)
class Wish:
    """What the viewer chose. `focus` is the id of a node."""

    find: str = ""
    hide: str = ""
    focus: str = ""
    hops: int = 1
    arrangement: Arrangement = "layered"
    with_table: bool = False
    range_key: str = ""
    frame: Frame = (0, 0)
    environment: str = ""
    stretch: float = 0.0
    """How far apart columns stand; 0 to find what fills the frame."""


@dataclass(frozen=True)
class View:
    """`elements` by id, `places` of all nodes ever placed, `texts` by part of the page. On the map x is `stretch` times that
    of its place."""

    elements: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    places: Mapping[str, Point] = field(default_factory=dict)
    texts: Mapping[str, Any] = field(default_factory=dict)
    stretch: float = 1.0


def build_view(
    topology: Topology,
    wish: Wish,
    known: Mapping[str, Point],
    base: Topology | None = None,
    range_label: str = "",
    releases: Releases = NO_RELEASES,
) -> View:
    """`known` places are kept; `base` is the graph of another time to compare with."""
    comparison = compare(topology, base) if base else Comparison()
    merged = comparison.merged(topology)
    seconds = covered_seconds(topology)
    find, find_error = _parsed(wish.find)
    hide, hide_error = _parsed(wish.hide)
    nodes, edges = _facts(merged, seconds) if find or hide else ({}, {})
    shown = _shown(merged, wish, graph_filter.matching(hide, nodes, edges))
    found = graph_filter.matching(find, nodes, edges) if find else None
    places = _places(merged, shown, wish, known)
    suspects = find_suspects(shown)
    stretch = wish.stretch or graph_layouts.stretch_for(places, wish.frame)
    spots = {node: (x * stretch, y) for node, (x, y) in places.items()}
    elements = _elements(shown, spots, stretch, seconds, wish, {s.id: rank for rank, s in enumerate(suspects[:3], 1)})
    elements = graph_elements.with_marks(
        elements, found, comparison.marks(seconds, covered_seconds(base) if base else 1)
    )
    hidden = len(merged["nodes"]) - len(shown["nodes"])
    texts = topology_texts.texts(shown, suspects, range_label, hidden, releases)
    texts["filters"] = {"find": find_error, "hide": hide_error, "found": _count(found, elements)}
    texts["compared"] = comparison.words() if base else None
    return View(elements, {**known, **places}, texts, stretch)


def covered_seconds(topology: Topology) -> float:
    """How long the counted calls took to come: from the start of the first whole minute to the end of the range, to the
    next ten seconds."""
    try:
        start, end = (datetime.fromisoformat(topology[end]).timestamp() for end in ("start", "end"))
    except (KeyError, ValueError):
        return 300.0
    return max(math.ceil((end - start // _MINUTE_S * _MINUTE_S) / _STEP_S) * _STEP_S, _STEP_S)


def complete_edges(topology: Topology) -> list[Edge]:
    """Edges whose two ends are nodes, in a fixed order; the map cannot draw others."""
    known = {node["id"] for node in topology["nodes"]}
    drawable = (edge for edge in topology["edges"] if edge["source"] in known and edge["target"] in known)
    return sorted(drawable, key=lambda edge: (edge["source"], edge["target"], edge["kind"]))


def _facts(topology: Topology, seconds: float) -> tuple[dict[str, Facts], dict[str, Facts]]:
    names = {node["id"]: node["name"] for node in topology["nodes"]}
    nodes = {node["id"]: node_facts(node, seconds) for node in topology["nodes"]}
    return nodes, {graph_elements.edge_id(edge): edge_facts(edge, names, seconds) for edge in topology["edges"]}


def _parsed(text: str) -> tuple[Filter | None, str]:
    try:
        return graph_filter.parse(text), ""
    except WrongFilter as mistake:
        return None, str(mistake)


def _shown(topology: Topology, wish: Wish, hidden: set[str]) -> Topology:
    """What neither the hide filter nor the focus takes away."""
    kept = {node["id"] for node in topology["nodes"]} - hidden
    if wish.focus:
        kept &= within_hops(topology, wish.focus, wish.hops) or kept
    edges = [edge for edge in complete_edges(topology) if graph_elements.edge_id(edge) not in hidden]
    shown: Topology = {**topology, "nodes": [node for node in topology["nodes"] if node["id"] in kept]}
    shown["edges"] = [edge for edge in edges if edge["source"] in kept and edge["target"] in kept]
    return shown


def _places(merged: Topology, shown: Topology, wish: Wish, known: Mapping[str, Point]) -> dict[str, Point]:
    """Places of the shown nodes; what has one keeps it."""
    ids = [node["id"] for node in shown["nodes"]]
    if all(node in known for node in ids):
        return {node: known[node] for node in ids}
    ends = [(edge["source"], edge["target"]) for edge in shown["edges"]]
    groups = _groups(merged)
    return graph_layouts.arrange(wish.arrangement, ids, ends, groups, known, wish.frame)


def _elements(
    shown: Topology,
    spots: Mapping[str, Point],
    stretch: float,
    seconds: float,
    wish: Wish,
    ranks: Mapping[str, int],
) -> dict[str, dict[str, Any]]:
    edges = shown["edges"]
    busiest = max((edge["calls"] for edge in edges), default=0)
    ends = [(edge["source"], edge["target"]) for edge in edges]
    connected = {end for pair in ends for end in pair}
    elements: dict[str, dict[str, Any]] = {}
    groups = _groups(shown) if wish.arrangement == "grouped" else {}
    elements |= graph_elements.boxes(groups.values())
    for node in sorted(shown["nodes"], key=lambda node: node["id"]):
        group, rank = groups.get(node["id"], ""), ranks.get(node["id"], 0)
        where = graph_elements.elsewhere(node, wish.environment)
        drawn = graph_elements.node_element(node, seconds, node["id"] in connected, group, rank, where)
        elements[node["id"]] = drawn
    elements |= {graph_elements.edge_id(edge): graph_elements.edge_element(edge, busiest) for edge in edges}
    for edge in nlargest(DOTTED_EDGES, edges, key=lambda edge: edge["calls"]):
        elements[graph_elements.edge_id(edge)] |= graph_elements.dots(edge, seconds)
    if len(edges) <= ROUTED_EDGES:
        in_columns = wish.arrangement in ("layered", "grouped")
        ways = routes(ends, spots, stretch) if in_columns else [[] for _ in edges]
        for edge, way in zip(edges, ways, strict=True):
            drawn = elements[graph_elements.edge_id(edge)]
            bends = relative(way, spots[edge["source"]], spots[edge["target"]])
            drawn |= graph_elements.words(edge, seconds) | graph_elements.way(*bends)
            drawn["classes"] += " routed"
    if wish.with_table:
        graph_elements.add_rows(elements, shown, seconds, wish.range_key)
    return elements


def _groups(topology: Topology) -> dict[str, str]:
    """The namespace of each node; a database or other peer stands with its callers when they share one."""
    groups = {node["id"]: node.get("namespace") or "" for node in topology["nodes"]}
    callers: dict[str, set[str]] = {}
    for edge in topology["edges"]:
        callers.setdefault(edge["target"], set()).add(groups.get(edge["source"], ""))
    for node in topology["nodes"]:
        shared = callers.get(node["id"], set())
        if not groups[node["id"]] and node["kind"] != "service" and len(shared) == 1:
            groups[node["id"]] = next(iter(shared))
    return {id_: group or graph_layouts.NO_GROUP for id_, group in groups.items()}


def _count(found: set[str] | None, elements: Mapping[str, Any]) -> int | None:
    return None if found is None else len(found & elements.keys())
