"""What breakers and health add to the map and to the list of services."""

import re
from collections.abc import Iterable
from typing import Any

from collector.store.engine import Row

_PARTS = re.compile(r"[/@]")


def paint_services(services: list[Row], health: list[Row]) -> None:
    """Fill in the services' health."""
    status = {row["name"]: row["status"] for row in health}
    for service in services:
        service["health"] = status.get(service["name"], "unknown")


def paint_map(graph: dict[str, Any], health: list[Row], breakers: Iterable[Row]) -> None:
    """Fill in the health of nodes and the breakers on edges. A breaker is on the edges from its service to its target."""
    status = {f"service:{row['name']}": row["status"] for row in health}
    for node in graph["nodes"]:
        node["health"] = status.get(node["id"], "unknown")
    by_service: dict[str, list[Row]] = {}
    for one in breakers:
        if one["target"]:
            by_service.setdefault(f"service:{one['service']}", []).append(one)
    for edge in graph["edges"]:
        edge["breakers"] = [
            {key: one[key] for key in ("id", "name", "state", "since")}
            for one in by_service.get(edge["source"], ())
            if names_node(one["target"], edge["target"])
        ]


def names_node(target: str, node_id: str) -> bool:
    """Whether a breaker's target is a node: its name, with or without a port, or for databases and brokers a part of it."""
    kind, _, name = node_id.partition(":")
    names = {name, name.rsplit(":", 1)[0]}
    if kind in ("database", "messaging"):
        names |= set(_PARTS.split(name))
    return bool({target, target.rsplit(":", 1)[0]} & names)
