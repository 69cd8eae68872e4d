"""Nodes and edges of an answer as elements of the map: text, state and size, but no place."""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from dashboard import theme
from dashboard.api_types import Edge, Node, Topology
from dashboard.components.breaker_words import SYMBOLS, worst_state
from dashboard.components.graph_table import edge_row, lone_row

_NAME_LENGTH = 26
_THINNEST, _THICKEST = 1.6, 7.0  # pixels
_BOX = "box:"


def edge_id(edge: Edge) -> str:
    """Unique even when names contain separators."""
    return edge_id_of(edge["source"], edge["target"], edge["kind"])


@lru_cache(maxsize=32768)
def edge_id_of(source: str, target: str, kind: str) -> str:
    """The same of its parts. It is asked for several times for every edge of every view."""
    return "edge:" + json.dumps([source, target, kind])


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


def boxes(groups: Iterable[str]) -> dict[str, dict[str, Any]]:
    """A frame per group, drawn around its nodes."""
    return {
        f"{_BOX}{group}": {"group": "nodes", "kind": "box", "label": group, "classes": "box"} for group in set(groups)
    }


def node_element(node: Node, seconds: float, connected: bool, group: str, rank: int, where: str = "") -> dict[str, Any]:
    """The element of a node. `rank` is its place among the suspects, 0 for none; `where` is from `elsewhere`."""
    state = state_of(node["errors"], node["rejected"], node["calls"])
    health = node.get("health") or "unknown"
    lines = [_title(node, rank), *_node_lines(node, seconds, connected, where)]
    element = {
        "group": "nodes",
        "name": node["name"],
        "kind": node["kind"],
        "label": "\n".join(lines),
        "classes": _classes(
            state,
            f"health-{health}",
            "suspect" if rank == 1 else "",
            "idle" if where or not node["calls"] else "",
        ),
    }
    return element | ({"parent": f"{_BOX}{group}"} if group else {})


def edge_element(edge: Edge, busiest: int) -> dict[str, Any]:
    """The element of an edge: its ends, state and size. What only some edges have is `words`, `way` and `dots`."""
    breakers = edge.get("breakers")
    breaker = worst_state(breakers) if breakers else ""
    state = state_of(edge["errors"], edge["rejected"], edge["calls"])
    element = {
        "group": "edges",
        "source": edge["source"],
        "target": edge["target"],
        "kind": edge["kind"],
        "width": _width(edge["calls"], busiest),
        "classes": _classes(state, f"breaker-{breaker}" if breaker else "", "" if edge["calls"] else "idle"),
    }
    return element | ({"guard": SYMBOLS[breaker]} if breaker else {})


def words(edge: Edge, seconds: float) -> dict[str, str]:
    """What is written at an edge: `label`, `short` where that has no room, `more` when it is selected."""
    label = "\n".join(numbers(edge, seconds))
    more = f"{label}\np95 {theme.format_ms(edge['p95_ms'])}"
    short = {"short": max(_problems(edge))[1]} if edge["errors"] or edge["rejected"] else {}
    return {"label": label, "more": more, **short}


def way(weights: Sequence[float], distances: Sequence[float]) -> dict[str, str]:
    """The bends of an edge, from `edge_routes.relative`; none is a straight one."""
    bends = zip(weights, distances, strict=True) if weights else [(0.5, 0.0)]
    along, beside = zip(*bends, strict=True)
    return {"weights": " ".join(map(str, along)), "distances": " ".join(map(str, beside))}


def dots(edge: Edge, seconds: float) -> dict[str, float]:
    """How many dots move along it, and the share of them that fails."""
    density = round(min(math.sqrt(edge["calls"] / seconds), 6.0), 1)
    return {"dots": density, "failing": round(edge["errors"] / max(edge["calls"], 1), 2)}


def with_marks(
    elements: dict[str, dict[str, Any]], found: set[str] | None, marks: Mapping[Any, tuple[str, str]]
) -> dict[str, dict[str, Any]]:
    """Adds what a search found (the rest is dimmed) and what a comparison says."""
    if found is not None:
        ends = {
            elements[id_][end]
            for id_ in found
            if id_ in elements
            for end in ("source", "target")
            if end in elements[id_]
        }
        for id_, element in elements.items():
            look = "found" if id_ in found else "" if id_ in ends or element["kind"] == "box" else "dim"
            element["classes"] = _classes(element["classes"], look)
    for key, (look, words) in marks.items():
        id_ = key if isinstance(key, str) else edge_id_of(*key)
        if id_ in elements:
            element = elements[id_]
            name = [str(element["label"]).split("\n")[0]] if element["group"] == "nodes" else []
            element["label"] = "\n".join([*name, words])  # the numbers themselves are in the panel
            element["classes"] = _classes(element["classes"], look)
    return elements


def add_rows(elements: dict[str, dict[str, Any]], shown: Topology, seconds: float, range_key: str) -> None:
    """Gives each edge, and each node without one, its row of the table."""
    nodes = {node["id"]: node for node in shown["nodes"]}
    connected = {end for edge in shown["edges"] for end in (edge["source"], edge["target"])}
    for edge in shown["edges"]:
        elements[edge_id(edge)]["row"] = edge_row(edge, nodes, seconds, range_key)
    for id_ in nodes.keys() - connected:
        elements[id_]["row"] = lone_row(nodes[id_], range_key)


def numbers(row: Node | Edge, seconds: float) -> list[str]:
    """The rate, and the shares of errors and rejections if there are any."""
    problems = " · ".join(words for _, words in _problems(row))
    return [theme.format_rate(row["calls"], seconds), *([problems] if problems else [])]


def _problems(row: Node | Edge) -> list[tuple[int, str]]:
    """How many calls had a problem, and their share with the sign of it."""
    counted = ((row["errors"], "⚠"), (row["rejected"], "⊘"))
    return [(count, f"{sign} {theme.format_share(count, row['calls'])}") for count, sign in counted if count]


def silent_words(last_seen: str | None) -> str:
    """Of a service that sent nothing in the time range."""
    return f"silent, last seen {theme.format_moment(last_seen)}" if last_seen else "silent"


def why_quiet(node: Node, connected: bool) -> str:
    """Why a node has no numbers or no edges, in a few words; empty for an ordinary one."""
    if node.get("silent"):
        return silent_words(node["last_seen"])
    if not node["calls"] and not connected:
        known_by_health = (node.get("health") or "unknown") != "unknown"
        return "health only, no calls" if known_by_health else "no calls in this time"
    if not node["calls"]:
        return "calls others, is not called"
    return "" if connected else "calls nobody, called by nobody known"


def elsewhere(node: Node, environment: str) -> str:
    """In which environment a service runs that is on the map of another one for its calls to or from that; else empty."""
    known = node.get("environments") or []
    if not environment or node["kind"] != "service" or environment in known:
        return ""
    return f"in {', '.join(known[:2]) or 'no environment'}"


def _title(node: Node, rank: int) -> str:
    name = theme.shorten(node["name"], _NAME_LENGTH) or "(no name)"
    instances = node.get("instances") or []
    count = len(instances) if isinstance(instances, list) else instances
    return " ".join(filter(None, [f"{'①②③'[rank - 1]}" if rank else "", name, f"×{count}" if count > 1 else ""]))


def _node_lines(node: Node, seconds: float, connected: bool, where: str) -> list[str]:
    quiet = where or why_quiet(node, connected)
    if not node["calls"]:
        return [quiet]
    rate, *problems = numbers(node, seconds)
    p95 = f" · {theme.format_ms(node['p95_ms'])}" if node["p95_ms"] is not None else ""
    versions = len(node.get("versions") or [])
    told = [f"{versions} versions"] if versions > 1 else []
    return [*told, f"{rate}{p95}", *problems, *([quiet] if quiet else [])]


def _classes(*names: str) -> str:
    return " ".join(name for name in names if name)


def _width(calls: int, busiest: int) -> float:
    """Logarithmic, so that a quiet edge beside a busy one is still seen."""
    if busiest <= 0:
        return _THINNEST
    return round(_THINNEST + (_THICKEST - _THINNEST) * math.log1p(calls) / math.log1p(busiest), 1)
