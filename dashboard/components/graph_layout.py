"""Where nodes of the graph stand: layers from left to right, callers before callees.

Deterministic: the same graph gives the same picture. Stable: a node that has a place keeps it when others appear.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import accumulate, pairwise
from typing import Any, TypeAlias

import networkx as nx

LAYER_GAP = 200.0  # pixels between layers, room for the text on an edge
ROW_GAP = 125.0  # pixels between nodes of a layer, room for the text under a node
_SWEEPS = 8  # more do not change the pictures of graphs up to 100 nodes

_LANES_UP_TO = 600  # edges; with 5,000 of them lanes take 2.5 of 2.9 s and no way through is seen anyhow
_LANE_ROWS = 0.25  # height of the lane of an edge that passes a layer

Point: TypeAlias = tuple[float, float]
Graph: TypeAlias = "nx.DiGraph[str]"
Lane: TypeAlias = tuple[Any, ...]  # (node,), or (caller, callee, layer) where an edge passes a layer
Lanes: TypeAlias = "nx.DiGraph[Lane]"


def place(nodes: Iterable[str], edges: Iterable[tuple[str, str]], known: Mapping[str, Point]) -> dict[str, Point]:
    """A position in pixels for each node. Nodes in `known` stay where they are; without any, all are laid out."""
    graph: Graph = nx.DiGraph()
    graph.add_nodes_from(sorted(nodes))
    kept = {node: known[node] for node in graph if node in known}
    calls = ((a, b) for a, b in edges if a != b and a in graph and b in graph)
    graph.add_edges_from(sorted((a, b) for a, b in calls if a not in kept or b not in kept))
    return _insert(graph, kept) if kept else _lay_out(graph)


def _lay_out(graph: Graph) -> dict[str, Point]:
    lanes, layer_of = _with_lanes(graph, _layers(graph))
    layers = _order(lanes, layer_of)
    rows = {lane: float(row) for layer in layers for row, lane in enumerate(layer)}
    for sweep in range(_SWEEPS):
        for layer in layers if sweep % 2 == 0 else reversed(layers):
            wanted = [_mean((rows[n] for n in nx.all_neighbors(lanes, lane)), rows[lane]) for lane in layer]
            rows.update(zip(layer, spread(wanted, [_height(lane) for lane in layer]), strict=True))
    top = min(rows.values(), default=0.0)
    return {
        lane[0]: (index * LAYER_GAP, round((rows[lane] - top) * ROW_GAP, 1))
        for index, layer in enumerate(layers)
        for lane in layer
        if len(lane) == 1
    }


def _with_lanes(graph: Graph, layer_of: Mapping[str, int]) -> tuple[Lanes, dict[Lane, int]]:
    """The graph with a stand-in in every layer that an edge passes, so that a lane stays free for the edge.

    Without stand-ins where they would be many more than the nodes.
    """
    with_lanes = graph.number_of_edges() <= _LANES_UP_TO
    lanes: Lanes = nx.DiGraph()
    lanes.add_nodes_from((node,) for node in graph)
    layers: dict[Lane, int] = {(node,): layer for node, layer in layer_of.items()}
    for caller, callee in graph.edges:
        step = 1 if layer_of[callee] >= layer_of[caller] else -1
        passed = range(layer_of[caller] + step, layer_of[callee], step) if with_lanes else range(0)
        layers |= {(caller, callee, layer): layer for layer in passed}
        nx.add_path(lanes, [(caller,), *((caller, callee, layer) for layer in passed), (callee,)])
    return lanes, layers


def _height(lane: Lane) -> float:
    """In rows."""
    return 1.0 if len(lane) == 1 else _LANE_ROWS


def _layers(graph: Graph) -> dict[str, int]:
    """Longest way from a source, cycles cut; a source moves right until it stands next to what it calls."""
    forward = _without_cycles(graph)
    layer: dict[str, int] = {}
    for node in nx.lexicographical_topological_sort(forward):
        layer[node] = max((layer[caller] + 1 for caller in forward.predecessors(node)), default=0)
    for node in sorted(forward):
        if forward.in_degree(node) == 0 and forward.out_degree(node) > 0:
            layer[node] = min(layer[callee] for callee in forward.successors(node)) - 1
    return layer


def _without_cycles(graph: Graph) -> Graph:
    """The graph without the edges that lead back to a node still open in a depth-first walk from its entries."""
    forward = graph.copy()
    state: dict[str, str] = {}
    for start in sorted(graph, key=lambda node: (graph.in_degree(node), -graph.out_degree(node), node)):
        if start in state:
            continue
        state[start] = "open"
        stack = [(start, iter(sorted(graph.successors(start))))]
        while stack:
            node, callees = stack[-1]
            callee = next(callees, None)
            if callee is None:
                state[node] = "done"
                stack.pop()
            elif callee not in state:
                state[callee] = "open"
                stack.append((callee, iter(sorted(graph.successors(callee)))))
            elif state[callee] == "open":
                forward.remove_edge(node, callee)
    return forward


def _order(graph: Lanes, layer_of: Mapping[Lane, int]) -> list[list[Lane]]:
    """Nodes per layer, top to bottom, by the barycentre of their neighbours; nodes without calls stand last."""
    layers: list[list[Lane]] = [[] for _ in range(max(layer_of.values(), default=-1) + 1)]
    for node in sorted(graph, key=lambda node: (graph.degree(node) == 0, node)):
        layers[layer_of[node]].append(node)
    for sweep in range(_SWEEPS):
        rank = {node: (row + 0.5) / len(layer) for layer in layers for row, node in enumerate(layer)}
        towards_right = sweep % 2 == 0
        neighbours = graph.predecessors if towards_right else graph.successors
        for layer in layers if towards_right else reversed(layers):
            centre = {node: _mean((rank[n] for n in neighbours(node)), rank[node]) for node in layer}
            layer.sort(key=lambda node: (graph.degree(node) == 0, centre[node], node))
            rank.update({node: (row + 0.5) / len(layer) for row, node in enumerate(layer)})
    return layers


def spread(wanted: Sequence[float], heights: Sequence[float]) -> list[float]:
    """Rows as near to the wanted ones as keeps the order and the heights apart (pool adjacent violators)."""
    least = list(accumulate(((a + b) / 2 for a, b in pairwise(heights)), initial=0.0))
    blocks: list[tuple[float, int]] = []  # mean of (wanted - least), size
    for row, offset in zip(wanted, least, strict=True):
        mean, size = row - offset, 1
        while blocks and blocks[-1][0] > mean:
            before, before_size = blocks.pop()
            mean = (mean * size + before * before_size) / (size + before_size)
            size += before_size
        blocks.append((mean, size))
    shifts = [mean for mean, size in blocks for _ in range(size)]
    return [shift + offset for shift, offset in zip(shifts, least, strict=True)]


def _insert(graph: Graph, kept: Mapping[str, Point]) -> dict[str, Point]:
    """Adds the new nodes one by one, each right of its callers (or left of its callees) at a free place. The graph needs
    only the calls of new nodes."""
    placed = dict(kept)
    layer_of = _layers(graph.subgraph(node for node in graph if node not in kept))
    for node in sorted(layer_of, key=lambda node: (layer_of[node], node)):
        callers = [placed[n] for n in graph.predecessors(node) if n in placed]
        callees = [placed[n] for n in graph.successors(node) if n in placed]
        if callers:
            x = max(x for x, _ in callers) + LAYER_GAP
        elif callees:
            x = min(x for x, _ in callees) - LAYER_GAP
        else:
            x = min(x for x, _ in placed.values())
        y = _mean((y for _, y in callers + callees), max(y for _, y in placed.values()) + ROW_GAP)
        placed[node] = (x, _free_row(x, y, placed.values()))
    return {node: placed[node] for node in graph}


def _free_row(x: float, y: float, taken: Iterable[Point]) -> float:
    """The y nearest to the wanted one that no node of the same column is close to; below wins over above."""
    column = [other_y for other_x, other_y in taken if abs(other_x - x) < LAYER_GAP / 2]
    candidates = [y, *(other + side * ROW_GAP for other in column for side in (1, -1))]
    free = [c for c in candidates if all(abs(c - other) >= ROW_GAP - 1e-6 for other in column)]
    nearest: float = min(free, key=lambda candidate: (abs(candidate - y), -candidate))
    return round(nearest, 1)


def _mean(values: Iterable[float], otherwise: float) -> float:
    listed = list(values)
    return sum(listed) / len(listed) if listed else otherwise
