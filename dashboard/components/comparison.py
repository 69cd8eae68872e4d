"""Two times of the same graph, drawn as one: what is new, what is lost, what changed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from dashboard import theme
from dashboard.api_types import Edge, Node, Topology

_NOTED = 0.2  # change of a rate or of p95 from which it is worth a word
_ERROR_POINTS = 0.01  # change of the error share that is worth one

Key: TypeAlias = "tuple[str, str, str] | str"


@dataclass(frozen=True)
class Comparison:
    """By node id or edge ends: the row `now` and the row `before`; one of them is missing for what is new or lost."""

    pairs: Mapping[Any, tuple[Node | Edge | None, Node | Edge | None]] = field(default_factory=dict)

    def merged(self, topology: Topology) -> Topology:
        """The graph with what is lost, as without calls."""
        lost = [(key, before) for key, (now, before) in self.pairs.items() if now is None and before]
        if not lost:
            return topology
        merged: Topology = {**topology, "nodes": list(topology["nodes"]), "edges": list(topology["edges"])}
        for key, row in lost:
            ghost: Any = {**row, "calls": 0, "errors": 0, "rejected": 0, "p50_ms": None, "p95_ms": None, "p99_ms": None}
            (merged["nodes"] if isinstance(key, str) else merged["edges"]).append(ghost)
        return merged

    def marks(self, seconds: float, base_seconds: float) -> dict[Any, tuple[str, str]]:
        """(class, words) for what differs: `new`, `lost` or `changed`."""
        found = {key: _mark(now, before, seconds, base_seconds) for key, (now, before) in self.pairs.items()}
        return {key: mark for key, mark in found.items() if mark}

    def words(self) -> str:
        """`2 new calls, 1 lost`, for the line above the map."""
        edges = [pair for key, pair in self.pairs.items() if not isinstance(key, str)]
        new = sum(before is None for _, before in edges)
        lost = sum(now is None for now, _ in edges)
        return f"{new} new and {lost} lost connections" if new or lost else "the same connections"


def compare(topology: Topology, base: Topology) -> Comparison:
    """Both graphs by node and edge."""
    now, before = _rows(topology), _rows(base)
    return Comparison({key: (now.get(key), before.get(key)) for key in sorted(now.keys() | before.keys(), key=repr)})


def edge_key(edge: Edge) -> tuple[str, str, str]:
    return edge["source"], edge["target"], edge["kind"]


def _rows(topology: Topology) -> dict[Any, Node | Edge]:
    rows: dict[Any, Node | Edge] = {node["id"]: node for node in topology["nodes"]}
    return rows | {edge_key(edge): edge for edge in topology["edges"]}


def _mark(
    now: Node | Edge | None, before: Node | Edge | None, seconds: float, base_seconds: float
) -> tuple[str, str] | None:
    if now is None:
        return "lost", "− lost"
    if before is None:
        return "new", "+ new"
    words = [
        _change("", now["calls"] / seconds, before["calls"] / base_seconds),
        _change("p95 ", now["p95_ms"], before["p95_ms"]),
        _points(now, before),
    ]
    told = "\n".join(word for word in words if word)
    return ("changed", told) if told else None


def _change(name: str, now: float | None, before: float | None) -> str:
    if not now or not before:
        return ""
    ratio = now / before - 1
    return "" if abs(ratio) < _NOTED else f"{name}{'▲' if ratio > 0 else '▼'} {abs(ratio):.0%}".replace("%", " %")


def _points(now: Node | Edge, before: Node | Edge) -> str:
    shares = [row["errors"] / max(row["calls"], 1) for row in (now, before)]
    if abs(shares[0] - shares[1]) < _ERROR_POINTS:
        return ""
    return (
        f"⚠ {theme.format_share(before['errors'], before['calls'])} → {theme.format_share(now['errors'], now['calls'])}"
    )
