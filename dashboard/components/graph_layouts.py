"""The ways to arrange the map. All are deterministic, and all insert new nodes without moving the known ones."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Literal, TypeAlias

import networkx as nx
import numpy as np

from dashboard.components import graph_layout
from dashboard.components.graph_layout import LAYER_GAP, ROW_GAP, Graph, Point
from dashboard.components.graph_rings import in_rings

Arrangement = Literal["layered", "radial", "force", "grouped"]
ARRANGEMENTS: tuple[Arrangement, ...] = ("layered", "radial", "force", "grouped")
NO_GROUP = "no namespace"

_BOX_GAP = 130.0
_FORCE_STEPS = 60
_DENSE = 500  # nodes, from which on networkx needs scipy for springs
_ATLAS_STEPS = 30
_FORCE_SCALE = 110.0
_PUSHED, _PUSHES = 300, 200  # nodes of a map that are moved apart, and how often
_COLUMN_MAX = 24  # rows of a layer before it is folded into several columns
_ROWS_MIN = 5  # of a folded layer
_LEGIBLE_ZOOM = 0.48  # a map that fits at this zoom is not folded: lines have more room then
_WORTH_FOLDING = 1.25  # so much larger the map has to become
_NODE_WIDTH, _NODE_HEIGHT = 150.0, 120.0  # pixels that a node takes with its text
_LARGEST_ZOOM = 1.15
_WIDEST = 1.6
_HIGHEST = 2.0
_SPARE_HEIGHT = 90.0  # pixels of the frame that the row of what is wrong may take once it is known

Frame: TypeAlias = tuple[int, int]
"""Width and height in pixels of where the map is drawn; zeros where that is not known."""


def arrange(
    how: Arrangement,
    nodes: Sequence[str],
    edges: Iterable[tuple[str, str]],
    group_of: Mapping[str, str],
    known: Mapping[str, Point],
    frame: Frame = (0, 0),
) -> dict[str, Point]:
    """A place in pixels for each node. Nodes in `known` stay where they are; without any, all are laid out, for the frame."""
    ends = sorted({(a, b) for a, b in edges if a != b})
    if any(node in known for node in nodes):
        return graph_layout.place(nodes, ends, known)
    match how:
        case "layered":
            return _layered(nodes, ends, frame)
        case "radial":
            return _radial(nodes, ends)
        case "force":
            return _force(nodes, ends)
        case "grouped":
            return _grouped(nodes, ends, group_of)


def stretch_for(places: Mapping[str, Point], frame: Frame) -> float:
    """How far apart columns may move so that the map, as large as its height allows, fills the width of the frame."""
    if not places or not all(frame):
        return 1.0
    low_x, high_x, low_y, high_y = _extent(places)
    if high_x == low_x:
        return 1.0
    zoom = min(frame[1] / (high_y - low_y + _NODE_HEIGHT), _LARGEST_ZOOM)
    wanted = (frame[0] / zoom - _NODE_WIDTH) / (high_x - low_x)
    return round(min(max(wanted, 1.0), _WIDEST), 2)


def _layered(nodes: Sequence[str], edges: Sequence[tuple[str, str]], frame: Frame = (0, 0)) -> dict[str, Point]:
    """Callers left of callees. Tall layers are folded where the map becomes larger in its frame by that, and those of large
    graphs always, so that the map keeps the shape of a screen."""
    places = graph_layout.place(nodes, edges, {})
    columns: dict[float, list[str]] = {}
    for node in sorted(places, key=lambda node: (places[node][1], node)):
        columns.setdefault(places[node][0], []).append(node)
    rows = _rows_of_folds(places, [len(column) for column in columns.values()], frame)
    if rows is None:
        return _as_high_as(frame, places)
    folded: dict[str, Point] = {}
    x = 0.0
    for _, column in sorted(columns.items()):
        for start in range(0, len(column), rows):
            part = column[start : start + rows]
            top = (rows - len(part)) / 2
            folded |= {node: (x, round((top + row) * ROW_GAP, 1)) for row, node in enumerate(part)}
            x += LAYER_GAP
    return _as_high_as(frame, folded)


def _as_high_as(frame: Frame, places: dict[str, Point]) -> dict[str, Point]:
    """Rows further apart where the map, as large as its width allows, leaves some of the height: text has more room then."""
    low_x, high_x, low_y, high_y = _extent(places) if places else (0.0, 0.0, 0.0, 0.0)
    if not all(frame) or high_y == low_y:
        return places
    zoom = min(frame[0] / (high_x - low_x + _NODE_WIDTH), _LARGEST_ZOOM)
    wanted = ((frame[1] - _SPARE_HEIGHT) / zoom - _NODE_HEIGHT) / (high_y - low_y)
    factor = min(max(wanted, 1.0), _HIGHEST)
    return {node: (x, round(y * factor, 1)) for node, (x, y) in places.items()}


def _rows_of_folds(places: Mapping[str, Point], columns: Sequence[int], frame: Frame) -> int | None:
    """How many rows folded layers have; None to fold none."""
    tallest = max(columns, default=0)
    if tallest > _COLUMN_MAX:
        return max(_COLUMN_MAX, math.ceil(math.sqrt(len(places) * 1.2)))
    if tallest <= _ROWS_MIN or not all(frame):
        return None
    width, height = frame

    def zoom(rows: int) -> float:
        folds = sum(math.ceil(column / rows) for column in columns)
        across, down = (folds - 1) * LAYER_GAP + _NODE_WIDTH, (min(rows, tallest) - 1) * ROW_GAP + _NODE_HEIGHT
        return min(width / across, height / down, _LARGEST_ZOOM)

    low_x, high_x, low_y, high_y = _extent(places)
    as_it_is = min(width / (high_x - low_x + _NODE_WIDTH), height / (high_y - low_y + _NODE_HEIGHT), _LARGEST_ZOOM)
    best = max(range(_ROWS_MIN, tallest), key=zoom)
    return best if as_it_is < _LEGIBLE_ZOOM and zoom(best) > as_it_is * _WORTH_FOLDING else None


def _radial(nodes: Sequence[str], edges: Sequence[tuple[str, str]]) -> dict[str, Point]:
    return _with_lone(nodes, edges, in_rings)


def _force(nodes: Sequence[str], edges: Sequence[tuple[str, str]]) -> dict[str, Point]:
    """Near one another where they call one another, with room for the text of each."""

    def sprung(graph: Graph) -> dict[str, Point]:
        if len(graph) < _DENSE:
            unit = nx.spring_layout(graph.to_undirected(), seed=7, iterations=_FORCE_STEPS, method="force")
        else:
            pulled = nx.forceatlas2_layout(graph.to_undirected(), seed=7, max_iter=_ATLAS_STEPS)
            unit = nx.rescale_layout_dict(pulled)
        scale = _FORCE_SCALE * math.sqrt(len(graph))
        spots = np.array([unit[node] for node in graph]) * (scale * 1.3, scale)
        return dict(zip(graph, [(round(x, 1), round(y, 1)) for x, y in _apart(spots).tolist()], strict=True))

    return _with_lone(nodes, edges, sprung)


def _with_lone(
    nodes: Sequence[str], edges: Sequence[tuple[str, str]], lay_out: Callable[[Graph], dict[str, Point]]
) -> dict[str, Point]:
    """What has calls as `lay_out` says, the others in rows below it."""
    graph: Graph = nx.DiGraph()
    graph.add_edges_from(edge for edge in edges if edge[0] in nodes and edge[1] in nodes)
    connected: Graph = nx.DiGraph()
    connected.add_nodes_from(sorted(graph))
    connected.add_edges_from(sorted(graph.edges))
    places = lay_out(connected) if connected else {}
    low_x, high_x, _, high_y = _extent(places) if places else (0.0, 0.0, 0.0, -ROW_GAP)
    lone = sorted(set(nodes) - places.keys())
    a_row = max(int((high_x - low_x) // LAYER_GAP), math.ceil(math.sqrt(len(lone))), 1)
    for number, node in enumerate(lone):
        places[node] = (low_x + number % a_row * LAYER_GAP, high_y + (number // a_row + 1) * ROW_GAP)
    return places


def _apart(spots: Any) -> Any:
    """Moves what is too near to one another apart, each the shorter way, until nothing is or for a while."""
    if len(spots) > _PUSHED:
        return spots
    for _ in range(_PUSHES):
        between = spots[:, None, :] - spots[None, :, :]
        lacking = np.array((_NODE_WIDTH, _NODE_HEIGHT)) - np.abs(between)
        near = (lacking > 0).all(axis=2) & ~np.eye(len(spots), dtype=bool)
        if not near.any():
            break
        sign = np.where(between == 0, np.triu(np.ones_like(near), 1)[:, :, None] * 2.0 - 1.0, np.sign(between))
        shorter = lacking == lacking.min(axis=2, keepdims=True)
        spots = spots + (sign * lacking * shorter * near[:, :, None]).sum(axis=1) * 0.3
    return spots


def _grouped(nodes: Sequence[str], edges: Sequence[tuple[str, str]], group_of: Mapping[str, str]) -> dict[str, Point]:
    """Each group layered on its own, the groups side by side in rows."""
    groups: dict[str, list[str]] = {}
    for node in nodes:
        groups.setdefault(group_of.get(node) or NO_GROUP, []).append(node)
    laid_out = [
        _layered(members, [edge for edge in edges if edge[0] in members and edge[1] in members])
        for _, members in sorted(groups.items(), key=lambda item: (item[0] == NO_GROUP, item[0]))
    ]
    widest = max(math.sqrt(len(nodes)) * LAYER_GAP * 1.4, 3 * LAYER_GAP)
    places: dict[str, Point] = {}
    left = top = row_height = 0.0
    for group in laid_out:
        low_x, high_x, low_y, high_y = _extent(group)
        if left and left + high_x - low_x > widest:
            left, top, row_height = 0.0, top + row_height + _BOX_GAP + ROW_GAP, 0.0
        places |= {node: (x - low_x + left, y - low_y + top) for node, (x, y) in group.items()}
        left += high_x - low_x + _BOX_GAP + LAYER_GAP
        row_height = max(row_height, high_y - low_y)
    return places


def _extent(places: Mapping[str, Point]) -> tuple[float, float, float, float]:
    xs, ys = [x for x, _ in places.values()], [y for _, y in places.values()]
    return min(xs), max(xs), min(ys), max(ys)
