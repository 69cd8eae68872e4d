"""The dependency graph: services, databases, brokers and external peers as nodes, calls as edges.

The map of an environment has the calls of which a service at one end ran there, and services as they fare there. A call
from one environment into another is on the maps of both; the service of the other is shown by such calls alone.

How an edge is counted is in sql/edges.sql.inc; the roll-up job stores it by minute, this module adds minutes up. With a
trace filter, or on tables without roll-ups, the same SQL runs over the spans in question.
"""

from collections.abc import Container, Iterable
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import Any

from collector.errors import BadRequest
from collector.queries import services, sources
from collector.queries.scope import EVERYTHING, Scope, names_of_namespace
from collector.queries.services import points_of, with_percentiles
from collector.queries.statements import part, statement
from collector.queries.time_range import TimeRange
from collector.store.engine import Row, Store

MAX_MINUTES_ON_THE_FLY = 24 * 60
NODE_KINDS = ("service", "database", "messaging", "external")


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """Only what lies within `hops` calls, up or down, of `service`."""

    service: str
    hops: int


@dataclass(frozen=True, slots=True)
class Part:
    """Which part of the map is wanted."""

    around: Neighbourhood | None = None
    traces: list[str] | None = None
    """Only calls of the traces with these ids, nodes as they fare there."""
    scope: Scope = EVERYTHING
    silent_ns: int = 0
    """With services that sent spans only in so long before the window."""


WHOLE = Part()


def get_topology(
    store: Store, window: TimeRange, limit: int, wanted: Part = WHOLE, beside: Executor | None = None
) -> dict[str, Any]:
    """{nodes, edges, unpaired}: as in the API. With `beside`, services are looked up beside the edges: of a large map either
    takes 50 ms."""
    rolled, environment = sources.rolled_up(store, window), wanted.scope.environment
    find_services = partial(_find_services, store, rolled, wanted)
    finding = beside.submit(find_services).result if beside else find_services
    rows = find_edges(store, rolled, limit, wanted.traces, environment)
    known, about, within = finding()
    unpaired = sum(
        row["calls"] for row in rows if row["target_kind"] == "unknown" and (within is None or row["source"] in within)
    )
    edges = _merged(_edge(row, about.keys()) for row in rows if row["target_kind"] != "unknown")
    if within is not None:
        edges = _within(edges, within)
    if wanted.traces is not None:
        seen = services.list_entries_of(store, window, wanted.traces, environment)
        about = {name: {**row, **seen.get(name, {"calls": 0})} for name, row in about.items()}
        known = [row for row in known if row["name"] in seen]
    nodes = _nodes(known, edges, about)
    if wanted.around is not None:
        nodes, edges = _around(nodes, edges, wanted.around)
    return {"nodes": nodes, "edges": edges, "unpaired": unpaired}


def _find_services(
    store: Store, rolled: sources.RolledUp, wanted: Part
) -> tuple[list[Row], dict[str, Row], set[str] | None]:
    """Services in the scope; all that are known, by name; the names that a namespace keeps the map to, if one is given."""
    window, scope = rolled.window, wanted.scope
    silent = services.list_silent(store, window, wanted.silent_ns, scope)
    known = services.with_silent(services.list_services(store, rolled, scope), silent)
    others = [] if scope.is_everything else services.list_idle(store, window)
    within = names_of_namespace(store, window, scope)
    if within is not None:
        within |= {row["name"] for row in silent}
    return known, {row["name"]: row for row in [*others, *known]}, within


def find_edges(
    store: Store, rolled: sources.RolledUp, limit: int, traces: list[str] | None = None, environment: str = ""
) -> list[Row]:
    """Edges of the minutes that the window touches, most calls first, at most `limit`; those that a service of the environment
    is at an end of, if one is given."""
    wanted = {"limit": limit, "environment": environment}
    if traces is None and store.has_rollups:
        sql = statement("edges_by_ends", edges=sources.edges_of(rolled))
        return [with_percentiles(row) for row in store.query(sql, {**rolled.parameters, **wanted})]
    window = rolled.window
    minutes = window.each_minute()
    if len(minutes) > MAX_MINUTES_ON_THE_FLY:
        hours = MAX_MINUTES_ON_THE_FLY // 60
        raise BadRequest(f"a map computed from spans covers at most {hours} hours; ask for a shorter time range")
    calls = part("calls_of_minutes", call_spans=sources.call_spans(store), of_minutes=part("of_minutes"))
    computed = statement("edges_now", call_spans=calls if traces is None else sources.calls_of_traces(store))
    everything = {"minutes": minutes, "version": 0, "turned": [], "slice": 0}
    bounds = {**everything, "settled_ns": 2**63 - 1, **wanted, **window.minutes, **window.parameters}
    rows = store.query(statement("edges_by_ends", edges=computed), {**bounds, "ids": traces or []})
    return [with_percentiles(row) for row in rows]


def list_edge_points(
    store: Store, source: str, target: str, window: TimeRange, step_s: int, environment: str = ""
) -> list[Row]:
    """RED of the calls between two nodes in steps of `step_s` seconds (whole minutes), with start_ns. Ends are ids of nodes, ""
    for any; none on tables without roll-ups. Raises BadRequest for what is no id."""
    ends = {"environment": environment}
    for end, id_ in (("source", source), ("target", target)):
        kind, colon, name = id_.partition(":")
        if id_ and (not colon or kind not in NODE_KINDS):
            raise BadRequest(f'{end}: expected a node\'s id such as "service:orders", got "{id_[:100]}"')
        ends |= {end: name, f"{end}_kind": kind}
    if not store.has_rollups:
        return []
    sql = statement("edge_points", edges=sources.edges())
    return points_of(store.query(sql, {**ends, "step_s": step_s, **window.minutes}))


def node_id(kind: str, name: str) -> str:
    return f"{kind}:{name}"


def edge_kind(source_kind: str, target_kind: str) -> str:
    """messaging, call, database or external, by the kinds of the ends."""
    kinds = {source_kind, target_kind}
    return "messaging" if "messaging" in kinds else "call" if kinds == {"service"} else target_kind


def _merged(edges: Iterable[Row]) -> list[Row]:
    """One edge for two ends: a service may be called with and without an answer. Percentiles are of the more calls.

    What turns out to be a service calling itself is no edge.
    """
    merged: dict[tuple[str, str], Row] = {}
    for edge in edges:
        ends = edge["source"], edge["target"]
        other = merged.get(ends)
        if other is not None:
            more, less = (edge, other) if edge["calls"] > other["calls"] else (other, edge)
            merged[ends] = {**more, **{key: more[key] + less[key] for key in ("calls", "errors", "rejected")}}
        elif edge["source"] != edge["target"]:
            merged[ends] = edge
    return list(merged.values())


def _edge(row: Row, service_names: Container[str]) -> Row:
    """An external peer that is named like a service, with or without a port, is that service."""
    source_kind, target_kind, target = row["source_kind"], row["target_kind"], row["target"]
    if target_kind == "external":
        for name in (target, target.rsplit(":", 1)[0]):
            if name in service_names:
                target_kind, target = "service", name
                break
    return {
        "source": node_id(source_kind, row["source"]),
        "target": node_id(target_kind, target),
        "kind": edge_kind(source_kind, target_kind),
        **{key: row[key] for key in ("calls", "errors", "rejected", "p50_ms", "p95_ms", "p99_ms")},
        "breakers": [],
    }


def _nodes(known: list[Row], edges: list[Row], about: dict[str, Row]) -> list[Row]:
    ids = {node_id("service", row["name"]): None for row in known}
    ids.update(dict.fromkeys(chain.from_iterable((edge["source"], edge["target"]) for edge in edges)))
    incoming: dict[str, list[Row]] = {}
    for edge in edges:
        incoming.setdefault(edge["target"], []).append(edge)
    return [_node(id_, incoming.get(id_, []), about) for id_ in ids]


def _node(id_: str, incoming: list[Row], about: dict[str, Row]) -> Row:
    """A service by its entries; what has none, and any other node, by the calls that reach it."""
    kind, _, name = id_.partition(":")
    service = about.get(name) if kind == "service" else None
    node = {
        "id": id_,
        "name": name,
        "kind": kind,
        "namespace": service["namespace"] if service else "",
        "environments": service["environments"] if service else [],
        "health": service["health"] if service else "unknown",
        "versions": service["versions"] if service else [],
        "instances": service["instances"] if service else [],
        "last_seen": service["last_seen"] if service else None,
        "silent": service["silent"] if service else False,
    }
    if service and service["calls"]:
        return {**node, **{key: service[key] for key in ("calls", "errors", "rejected", "p50_ms", "p95_ms", "p99_ms")}}
    red = {key: sum(edge[key] for edge in incoming) for key in ("calls", "errors", "rejected")}
    slowest = max(incoming, key=lambda edge: edge["calls"], default=None)
    return {**node, **red, **{key: slowest[key] if slowest else None for key in ("p50_ms", "p95_ms", "p99_ms")}}


def _around(nodes: list[Row], edges: list[Row], around: Neighbourhood) -> tuple[list[Row], list[Row]]:
    start = node_id("service", around.service)
    reached, frontier = {start}, {start}
    for _ in range(around.hops):
        steps = {(edge["source"], edge["target"]) for edge in edges}
        frontier = {b for a, b in steps if a in frontier} | {a for a, b in steps if b in frontier}
        frontier -= reached
        reached |= frontier
    kept = [edge for edge in edges if edge["source"] in reached and edge["target"] in reached]
    return [node for node in nodes if node["id"] in reached], kept


def _within(edges: list[Row], services: set[str]) -> list[Row]:
    """Calls between these services, and between them and databases, brokers and others: those count no call of another
    service."""
    own = {node_id("service", name) for name in services}

    def kept(edge: Row) -> bool:
        ends = {edge["source"], edge["target"]}
        return bool(ends & own) and all(end in own or not end.startswith("service:") for end in ends)

    return [edge for edge in edges if kept(edge)]
