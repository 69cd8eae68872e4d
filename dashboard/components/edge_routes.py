"""How edges run between columns: level out of the side of the caller and into that of the callee, past the text under both,
and around the nodes that stand in between.

Routes follow from positions alone, so that a map that keeps its positions keeps its routes.
"""

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from dashboard.components.graph_layout import LAYER_GAP, Point, spread

_PARALLEL = 44.0  # pixels between edges of the same two nodes, in the middle
_HALF_WIDTH, _ABOVE, _BELOW = 58.0, 36.0, 92.0  # a node with the text under it; the width where columns stand usually
_LANE = 20.0  # pixels between two edges that pass the same node
_REACH = 0.42  # of the way to the next column, on which an edge keeps the direction in which it leaves
_LEAN, _MOST_LEAN = 0.25, 40.0  # how far that direction is not level: of the difference in height, and in pixels
_APART = 22.0  # pixels between edges at the same side of a node, at the end of that reach


class _End(NamedTuple):
    """Where an edge leaves a node or arrives at it. Sorted as the edges go apart."""

    slope: float
    number: int
    """Of the edge."""
    leaves: bool
    towards: Point
    """The point of the edge next to the node."""


def routes(edges: Sequence[tuple[str, str]], positions: Mapping[str, Point], stretch: float = 1.0) -> list[list[Point]]:
    """For each edge the points that bend it, in its direction; none means straight.

    Edges between the same two nodes, in either direction, get different routes. `stretch`: how far apart columns stand.
    """
    present = set(edges)
    parallel = dict.fromkeys(present, 0)
    passed: list[Point] = []  # where earlier edges pass between nodes
    chosen: list[list[Point]] = []
    level = []  # the numbers of those that leave and arrive at the sides
    for number, edge in enumerate(edges):
        source, target = (positions[node] for node in edge)
        lane = parallel[edge] + ((edge[1], edge[0]) in present)
        parallel[edge] += 1
        others = [place for node, place in positions.items() if node not in edge]
        if lane:
            points = [_beside(source, target, _PARALLEL * lane)]
        elif abs(target[0] - source[0]) < LAYER_GAP / 2:
            points = _in_column(source, target, others)
        else:
            points = _between(source, target, others, passed, stretch)
            level.append(number)
        passed += points
        chosen.append(points)
    ends = _ends({number: (*edges[number], chosen[number]) for number in level}, positions, stretch)
    for number in level:
        points = [ends[number, True], *chosen[number], ends[number, False]]
        heights = {y for _, y in points} | {positions[node][1] for node in edges[number]}
        chosen[number] = points if len(heights) > 1 else []
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


def _in_column(source: Point, target: Point, others: Sequence[Point]) -> list[Point]:
    low, high = sorted((source[1], target[1]))
    blocked = any(abs(x - source[0]) < _HALF_WIDTH and low < y < high for x, y in others)
    return [_beside(source, target, 2 * _HALF_WIDTH)] if blocked else []


def _between(
    source: Point, target: Point, others: Sequence[Point], passed: Sequence[Point], stretch: float
) -> list[Point]:
    """Points at the columns in between: on the straight way where that is free, else beside what stands there."""
    half_width = math.copysign(_HALF_WIDTH * stretch, target[0] - source[0])
    low, high = sorted((source[0], target[0]))
    columns = sorted(
        {x for x, _ in others if low + LAYER_GAP / 3 < x < high - LAYER_GAP / 3}, reverse=source[0] > target[0]
    )
    begin, end = (_reached(*ends, stretch) for ends in ((source[0], target[0]), (target[0], source[0])))

    def straight(x: float) -> float:
        return source[1] + (target[1] - source[1]) * min(max((x - begin) / (end - begin), 0.0), 1.0)

    points = []
    for x in columns:
        blocked = _blocked(x, others, passed, abs(half_width))
        across = sorted((straight(x - half_width), straight(x + half_width)))
        if any(top < across[1] and bottom > across[0] for top, bottom in blocked):
            y = round(_free_height(straight(x), blocked), 1)
            points += [(x - half_width, y), (x + half_width, y)]  # level along the whole text under the node
        else:
            points.append((x, round(straight(x), 1)))
    return points


def _reached(x: float, towards_x: float, stretch: float) -> float:
    """Up to where an edge keeps the direction in which it leaves."""
    most = LAYER_GAP * stretch
    return x + _REACH * max(-most, min(towards_x - x, most))


def _ends(
    ways: Mapping[int, tuple[str, str, Sequence[Point]]], positions: Mapping[str, Point], stretch: float
) -> dict[tuple[int, bool], Point]:
    """By the number of an edge, and whether it is about its caller: towards which point it leaves, from which it arrives.
    Edges at the same side of a node go apart in order. `ways`: ends and points in between."""
    sides: dict[tuple[str, bool], list[_End]] = {}
    for number, (source, target, points) in ways.items():
        beyond = [positions[source], *points, positions[target]]
        for node, leaves, towards in ((source, True, beyond[1]), (target, False, beyond[-2])):
            dx, dy = towards[0] - positions[node][0], towards[1] - positions[node][1]
            sides.setdefault((node, dx > 0), []).append(_End(dy / max(abs(dx), 1.0), number, leaves, towards))
    points_of = {}
    for (node, _), ends in sides.items():
        x, y = positions[node]
        ends.sort()
        wanted = [max(-_MOST_LEAN, min((end.towards[1] - y) * _LEAN, _MOST_LEAN)) for end in ends]
        apart = min(_APART, 2 * _MOST_LEAN / max(len(ends) - 1, 1))
        for end, lean in zip(ends, spread(wanted, [apart] * len(ends)), strict=True):
            points_of[end.number, end.leaves] = (round(_reached(x, end.towards[0], stretch), 1), round(y + lean, 1))
    return points_of


def _blocked(x: float, others: Sequence[Point], passed: Sequence[Point], half_width: float) -> list[Point]:
    """From where to where nodes and other edges stand in this column, sorted."""
    nodes = [(y - _ABOVE, y + _BELOW) for other_x, y in others if abs(other_x - x) < 2 * half_width]
    return sorted(nodes + [(y - _LANE, y + _LANE) for other_x, y in passed if abs(other_x - x) < 2 * half_width])


def _free_height(wanted: float, blocked: Sequence[Point]) -> float:
    """The height nearest to the wanted one that is not blocked."""
    low = high = -math.inf  # of what is blocked without a gap
    for begin, end in blocked:
        if begin >= high:
            if high > wanted:
                break
            low = begin
        high = max(high, end)
    if not low < wanted < high:
        return wanted
    return low if wanted - low <= high - wanted else high
