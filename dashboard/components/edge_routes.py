"""How edges run: straight where they can, else around the nodes that stand between caller and callee.

Routes follow from positions alone, so that a map that keeps its positions keeps its routes.
"""

import math
from collections.abc import Mapping, Sequence

from dashboard.components.graph_layout import LAYER_GAP, Point

_PARALLEL = 44.0  # pixels between edges of the same two nodes, in the middle
_HALF_WIDTH, _ABOVE, _BELOW = 58.0, 36.0, 78.0  # a node with the text under it
_LANE = 20.0  # pixels between two edges that pass the same node


def routes(edges: Sequence[tuple[str, str]], positions: Mapping[str, Point]) -> list[list[Point]]:
    """For each edge the points that bend it, in its direction; none means straight.

    Edges between the same two nodes, in either direction, get different routes.
    """
    present = set(edges)
    parallel = dict.fromkeys(present, 0)
    passed: list[Point] = []  # where earlier edges pass between nodes
    chosen = []
    for edge in edges:
        source, target = (positions[node] for node in edge)
        lane = parallel[edge] + ((edge[1], edge[0]) in present)
        parallel[edge] += 1
        others = [place for node, place in positions.items() if node not in edge]
        points = [_beside(source, target, _PARALLEL * lane)] if lane else _around(source, target, others, passed)
        passed += points
        chosen.append(points)
    return chosen


def relative(points: Sequence[Point], source: Point, target: Point) -> tuple[list[float], list[float]]:
    """Points as (weights, distances): how far along the line from source to target, how many pixels to its right."""
    dx, dy = target[0] - source[0], target[1] - source[1]
    length = math.hypot(dx, dy) or 1.0
    weights = [((x - source[0]) * dx + (y - source[1]) * dy) / length**2 for x, y in points]
    distances = [((y - source[1]) * dx - (x - source[0]) * dy) / length for x, y in points]
    return [round(weight, 3) for weight in weights], [round(distance, 1) for distance in distances]


def _beside(source: Point, target: Point, distance: float) -> Point:
    """The point `distance` pixels to the right of the middle between two nodes."""
    dx, dy = target[0] - source[0], target[1] - source[1]
    length = math.hypot(dx, dy) or 1.0
    return (source[0] + dx / 2 - dy / length * distance, source[1] + dy / 2 + dx / length * distance)


def _around(source: Point, target: Point, others: Sequence[Point], passed: Sequence[Point]) -> list[Point]:
    """Points at the columns of nodes in between where the straight line would meet a node."""
    if abs(target[0] - source[0]) < LAYER_GAP / 2:
        low, high = sorted((source[1], target[1]))
        blocked = any(abs(x - source[0]) < _HALF_WIDTH and low < y < high for x, y in others)
        return [_beside(source, target, 2 * _HALF_WIDTH)] if blocked else []
    low, high = sorted((source[0], target[0]))
    columns = sorted(
        {x for x, _ in others if low + LAYER_GAP / 3 < x < high - LAYER_GAP / 3}, reverse=source[0] > target[0]
    )
    points = []
    bent = False
    for x in columns:
        wanted = source[1] + (target[1] - source[1]) * (x - source[0]) / (target[0] - source[0])
        y = _free_height(x, wanted, others, passed)
        bent = bent or y != wanted
        flat = math.copysign(_HALF_WIDTH, target[0] - source[0])  # level along the whole text under the node
        points += [(x - flat, round(y, 1)), (x + flat, round(y, 1))]
    return points if bent else []


def _free_height(x: float, wanted: float, others: Sequence[Point], passed: Sequence[Point]) -> float:
    """The height nearest to the wanted one at which an edge meets neither node nor another edge in this column."""
    blocked = [(y - _ABOVE, y + _BELOW) for other_x, y in others if abs(other_x - x) < 2 * _HALF_WIDTH]
    blocked += [(y - _LANE, y + _LANE) for other_x, y in passed if abs(other_x - x) < _HALF_WIDTH]
    candidates = [wanted, *(end for interval in blocked for end in interval)]
    free = [y for y in candidates if not any(low < y < high for low, high in blocked)]
    return min(free, key=lambda y: (abs(y - wanted), y), default=wanted)
