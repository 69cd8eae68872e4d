"""The radial arrangement: where calls part in the middle, each further call a ring outwards, near one that makes it."""

import math
from collections.abc import Mapping
from itertools import pairwise

import networkx as nx

from dashboard.components.graph_layout import Graph, Point

_RING_GAP = 160.0
_APART = 150.0  # pixels between two nodes of a ring
_ACROSS, _DOWN = 1.3, 0.85  # rings are wider than high, as screens and names are
_MIDDLE = ""


def in_rings(graph: Graph) -> dict[str, Point]:
    """A place in pixels for each node of a graph in which each has a call."""
    tree = _tree(graph)
    rings = nx.single_source_shortest_path_length(tree, _middle(tree))
    turns = _turns(tree)
    radii = _radii(turns, rings)
    return {node: _at(turns[node], radii[rings[node]]) for node in sorted(graph)}


def _tree(graph: Graph) -> Graph:
    """Each node below one that calls it, by the shortest way from where calls come in. What calls come in by alone, and calls
    one other alone, stands below that one."""
    circles = nx.condensation(graph)
    first = [circles.nodes[number]["members"] for number in circles if circles.in_degree(number) == 0]
    entries = [min(members, key=lambda node: (-graph.out_degree(node), node)) for members in first]
    entered = graph.copy()
    entered.add_edges_from((_MIDDLE, entry) for entry in entries)
    tree: Graph = nx.bfs_tree(entered, _MIDDLE, sort_neighbors=sorted)
    if len(entries) > 1:
        return tree
    tree.remove_node(_MIDDLE)
    middle = entries[0]
    while tree.out_degree(middle) == 1:
        middle = next(tree.successors(middle))
    return nx.bfs_tree(tree.to_undirected(), middle, sort_neighbors=sorted)


def _middle(tree: Graph) -> str:
    middle: str = next(iter(nx.topological_sort(tree)))
    return middle


def _turns(tree: Graph) -> dict[str, float]:
    """In which direction each node stands, as a share of a turn: in the middle of what lies below it."""
    order = list(nx.topological_sort(tree))
    wide: dict[str, int] = {}  # in nodes at the rim
    for node in reversed(order):
        wide[node] = sum(wide[below] for below in tree.successors(node)) or 1
    begins = {order[0]: 0}
    for node in order:
        begin = begins[node]
        for below in sorted(tree.successors(node)):
            begins[below] = begin
            begin += wide[below]
    return {node: (begins[node] + wide[node] / 2) / wide[order[0]] for node in order}


def _radii(turns: Mapping[str, float], rings: Mapping[str, int]) -> list[float]:
    """How far out each ring is: so that its nodes have room."""
    radii = [0.0]
    for ring in range(1, max(rings.values(), default=0) + 1):
        around = sorted(turns[node] for node, its in rings.items() if its == ring)
        nearest = min((after - before for before, after in pairwise([*around, around[0] + 1])), default=1.0)
        radii.append(max(radii[-1] + _RING_GAP, _APART / (2 * math.pi * nearest)))
    return radii


def _at(turn: float, radius: float) -> Point:
    angle = 2 * math.pi * turn - math.pi / 2
    return (round(radius * math.cos(angle) * _ACROSS, 1), round(radius * math.sin(angle) * _DOWN, 1))
