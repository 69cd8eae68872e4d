"""What is wrong, and where it starts: reasoning over the graph of calls. Pure functions of an answer of the collector."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from typing import TypeAlias

import networkx as nx

from dashboard import theme
from dashboard.api_types import Edge, EdgeBreaker, Node, Topology

Calls: TypeAlias = "nx.DiGraph[str]"

_PATHS = 6
_FALLBACK_FROM = 5  # failed calls from which it is worth a word that the caller did not fail
EXPLAINED_FROM = 0.5  # share of a node's errors that failing callees must account for to be blamed
_OPEN_STATES = {"open": "is open", "forced_open": "is forced open", "half_open": "lets trial calls through"}
_UNHEALTHY_WEIGHT = {"unhealthy": 0.5, "degraded": 0.15}
_OPEN_WEIGHT = 0.3


@dataclass(frozen=True)
class Suspect:
    """A node that shows trouble. `own_errors` are those that no failing callee explains; `blames` names such callees."""

    id: str
    name: str
    kind: str
    share: float
    own_errors: int
    score: float
    blames: tuple[str, ...]
    felt_by: int
    reasons: tuple[str, ...]


Ends: TypeAlias = tuple[str, str]


@dataclass(frozen=True)
class BlastRadius:
    """Who depends on a node: `guarded` reach it only over a guarded call, `unguarded` over calls without a guard.

    `guards` says of the guarded calls among `edges` by what: `breaker`, `fallback` where the caller's spans tell of one, both,
    or `likely fallback` where the caller comes through most of its failed calls. `paths` lead to the node from where calls come
    in, the unguarded ones first.
    """

    guarded: frozenset[str] = frozenset()
    unguarded: frozenset[str] = frozenset()
    edges: frozenset[Ends] = frozenset()
    guards: Mapping[Ends, str] = field(default_factory=dict)
    paths: tuple[tuple[str, ...], ...] = ()


def find_suspects(topology: Topology) -> list[Suspect]:
    """Most suspicious first. A node whose errors a failing callee explains comes after that callee; that is one too where
    nothing else than refused calls shows that it did not do well."""
    names = {node["id"]: node["name"] or "(no name)" for node in topology["nodes"]}
    outgoing = _by_end(topology["edges"], "source")
    incoming = _by_end(topology["edges"], "target")
    failing = {node["id"]: _errors(node, incoming.get(node["id"], ())) for node in topology["nodes"]}
    troubled = [node for node in topology["nodes"] if _shows_trouble(node, incoming.get(node["id"], ()), failing)]
    callers = _count_callers(topology) if troubled else {}

    def judged(nodes: Iterable[Node]) -> dict[str, Suspect]:
        ends = ((node, outgoing.get(node["id"], ()), incoming.get(node["id"], ())) for node in nodes)
        return {
            node["id"]: _judge(node, calls, called, failing, names, callers[node["id"]]) for node, calls, called in ends
        }

    found = judged(troubled)
    blamed = {target for suspect in found.values() for target in suspect.blames} - found.keys()
    shut_out = [node for node in topology["nodes"] if node["id"] in blamed and _is_refused(incoming[node["id"]])]
    return _callees_first(found | judged(shut_out))


def blast_radius(topology: Topology, node_id: str, fallbacks: Collection[Ends] = ()) -> BlastRadius:
    """Every caller of the node, however far, split by whether a way without a guard leads from it to the node."""
    graph = calls_of(topology, fallbacks)
    if node_id not in graph:
        return BlastRadius()
    open_ways = graph.edge_subgraph([(a, b) for a, b, guard in graph.edges(data="guard") if not guard])
    callers = nx.ancestors(graph, node_id)
    unguarded = nx.ancestors(open_ways, node_id) if node_id in open_ways else set()
    touched = callers | {node_id}
    ways = frozenset((a, b) for a, b in graph.edges if a in touched and b in touched)
    guards = {(a, b): guard for a, b, guard in graph.edges(data="guard") if guard and (a, b) in ways}
    first = sorted((top for top in callers if not graph.in_degree(top)), key=lambda top: (top not in unguarded, top))
    paths = (nx.shortest_path(open_ways if top in unguarded else graph, top, node_id) for top in first[:_PATHS])
    return BlastRadius(
        frozenset(callers - unguarded), frozenset(unguarded), ways, guards, tuple(tuple(path) for path in paths)
    )


def within_hops(topology: Topology, node_id: str, hops: int) -> set[str]:
    """The node with what it calls and what calls it, up to `hops` calls away in either direction; empty if unknown."""
    graph = calls_of(topology)
    if node_id not in graph:
        return set()
    down = nx.single_source_shortest_path_length(graph, node_id, cutoff=hops)
    up = nx.single_source_shortest_path_length(graph.reverse(copy=False), node_id, cutoff=hops)
    return set(down) | set(up)


def calls_of(topology: Topology, fallbacks: Collection[Ends] = ()) -> Calls:
    """Nodes by id; the `guard` of an edge is empty unless every kind of call between its ends has one."""
    graph: Calls = nx.DiGraph()
    nodes = {node["id"]: node for node in topology["nodes"]}
    graph.add_nodes_from(nodes)
    seen: dict[str, int] = {}
    for edge in topology["edges"]:
        seen[edge["target"]] = seen.get(edge["target"], 0) + edge["errors"]
    for edge in topology["edges"]:
        source, target = edge["source"], edge["target"]
        if source == target or source not in graph or target not in graph:
            continue
        guard = _guard(edge, nodes[source], seen.get(source), fallbacks)
        before = graph.get_edge_data(source, target, {"guard": guard})["guard"]
        graph.add_edge(source, target, guard=guard if before else "")
    return graph


def _guard(edge: Edge, caller: Node, seen_errors: int | None, fallbacks: Collection[Ends]) -> str:
    """Where spans do not tell of a fallback, numbers may: a caller that fails less than half as often as its calls do, by its
    own count and that of those that call it. `seen_errors` is None where nobody does."""
    known = ["breaker"] if edge.get("breakers") else []
    known += ["fallback"] if (edge["source"], edge["target"]) in fallbacks else []
    if known or seen_errors is None or caller["kind"] != "service":
        return " and ".join(known)
    failed = _failed(edge)
    comes_through = failed >= _FALLBACK_FROM and max(caller["errors"], seen_errors) * 2 < failed
    return "likely fallback" if comes_through and caller["calls"] else ""


def _failed(edge: Edge) -> int:
    """Calls that did not do what their caller wanted: a refused one fails it as well."""
    return edge["errors"] + edge.get("rejected", 0)


def seen_to_fail(node_id: str, edges: Iterable[Edge]) -> str:
    """The share of the calls to a node that fail for those that call it, in words; empty where it is small. An answer may be
    an error for them alone."""
    errors, calls = seen_by_callers(node_id, edges)
    return theme.format_share(errors, calls) if errors >= theme.SHARE_NOTED * calls and errors else ""


def seen_by_callers(node_id: str, edges: Iterable[Edge]) -> tuple[int, int]:
    """(errors, calls) of a node as those that call it count them."""
    return all_seen_by_callers(edge for edge in edges if edge["target"] == node_id).get(node_id, (0, 0))


def all_seen_by_callers(edges: Iterable[Edge]) -> dict[str, tuple[int, int]]:
    """(errors, calls) of each node that is called, by its id."""
    seen: dict[str, tuple[int, int]] = {}
    for edge in edges:
        errors, calls = seen.get(edge["target"], (0, 0))
        seen[edge["target"]] = (errors + edge["errors"], calls + edge["calls"])
    return seen


def _count_callers(topology: Topology) -> dict[str, int]:
    """How many nodes call each, however far. In one pass: to walk to the callers of each suspect takes 150 ms of 5,000
    calls. Sets of circles of nodes, in which each calls each, are bits of a number."""
    graph: Calls = nx.DiGraph()
    graph.add_nodes_from(node["id"] for node in topology["nodes"])
    ends = ((edge["source"], edge["target"]) for edge in topology["edges"])
    graph.add_edges_from((source, target) for source, target in ends if source in graph and target in graph)
    circles = nx.condensation(graph)
    with_callers: dict[int, int] = {}
    counts: dict[str, int] = {}
    for number in nx.topological_sort(circles):
        members = circles.nodes[number]["members"]
        own = ((1 << len(members)) - 1) << len(counts)
        above = reduce(or_, (with_callers[caller] for caller in circles.predecessors(number)), 0)
        with_callers[number] = above | own
        counts |= dict.fromkeys(members, above.bit_count() + len(members) - 1)
    return counts


def _shows_trouble(node: Node, incoming: Sequence[Edge], failing: Mapping[str, tuple[int, int]]) -> bool:
    errors, calls = failing[node["id"]]
    noted = errors / max(calls, 1) >= theme.SHARE_NOTED or (node.get("health") or "unknown") in _UNHEALTHY_WEIGHT
    return noted or bool(_open_breakers(incoming))


def _is_refused(incoming: Sequence[Edge]) -> bool:
    refused, calls = _refused(incoming)
    return refused >= theme.SHARE_NOTED * calls and refused > 0


def _refused(incoming: Sequence[Edge]) -> tuple[int, int]:
    """(refused, calls) of those that call a node."""
    return sum(edge.get("rejected", 0) for edge in incoming), sum(edge["calls"] for edge in incoming)


def _open_breakers(incoming: Sequence[Edge]) -> list[tuple[Edge, EdgeBreaker]]:
    """Breakers that keep calls away, with the calls."""
    guarded = [(edge, breaker) for edge in incoming if edge.get("breakers") for breaker in edge["breakers"]]
    return [(edge, breaker) for edge, breaker in guarded if breaker.get("state") in _OPEN_STATES]


def _judge(
    node: Node,
    outgoing: Sequence[Edge],
    incoming: Sequence[Edge],
    failing: Mapping[str, tuple[int, int]],
    names: Mapping[str, str],
    felt_by: int,
) -> Suspect:
    errors, calls = failing[node["id"]]
    share = errors / max(calls, 1)
    failed_calls = [edge for edge in outgoing if _failed(edge) and edge["target"] != node["id"]]
    explained = min(sum(map(_failed, failed_calls)), errors)
    blames = _blamed(failed_calls, explained, errors)
    open_breakers = _open_breakers(incoming)
    health = node.get("health") or "unknown"
    own = errors - explained if blames else errors
    own_share = own / max(calls, 1)
    score = own_share + _UNHEALTHY_WEIGHT.get(health, 0.0) + (_OPEN_WEIGHT if open_breakers else 0.0)
    refused, called = _refused(incoming)
    reasons = [
        *_error_words(errors, calls, failed_calls, blames, names, node["kind"] == "service"),
        *([f"health is {health}"] if health in _UNHEALTHY_WEIGHT else []),
        *(
            f"breaker {breaker.get('name', '')} of {names.get(edge['source'], edge['source'])} "
            f"{_OPEN_STATES[breaker['state']]}"
            for edge, breaker in open_breakers
        ),
        *(
            [f"{theme.format_share(refused, called)} of {theme.format_count(called)} calls to it were refused"]
            if share < theme.SHARE_NOTED and _is_refused(incoming)
            else []
        ),
    ]
    name, kind = names[node["id"]], node["kind"]
    return Suspect(node["id"], name, kind, share, own, score, blames, felt_by, tuple(reasons))


def _errors(node: Node, incoming: Sequence[Edge]) -> tuple[int, int]:
    """(errors, calls) of a node: its own count, or that of its callers if they saw more fail (it may not have answered)."""
    seen_errors, seen_calls = seen_by_callers(node["id"], incoming)
    own_share, seen_share = node["errors"] / max(node["calls"], 1), seen_errors / max(seen_calls, 1)
    return (seen_errors, seen_calls) if seen_share > own_share else (node["errors"], node["calls"])


def _blamed(failed_calls: Sequence[Edge], explained: int, errors: int) -> tuple[str, ...]:
    if not errors or explained < EXPLAINED_FROM * errors:
        return ()
    return tuple(dict.fromkeys(edge["target"] for edge in sorted(failed_calls, key=lambda edge: -_failed(edge))))


def _error_words(
    errors: int,
    calls: int,
    failed_calls: Sequence[Edge],
    blames: Sequence[str],
    names: Mapping[str, str],
    tells_its_calls: bool,
) -> Iterator[str]:
    if not errors:
        return
    share = f"{theme.format_share(errors, calls)} of {theme.format_count(calls)} calls fail"
    yield share if calls > 1 else "its only call fails"
    if blames:
        callees = ", ".join(names.get(target, target) for target in blames[:3])
        failed = sum(map(_failed, failed_calls))
        yield f"explained by {theme.counted(failed, 'failed call')} to {callees}"
    elif failed_calls:
        failed = sum(map(_failed, failed_calls))
        yield f"only {theme.format_count(failed)} of its own calls failed: most errors start here"
    elif tells_its_calls:
        yield "no call of its own failed: the errors start here"
    else:
        yield "the errors start here, or behind it, which no span tells"


def _callees_first(found: Mapping[str, Suspect]) -> list[Suspect]:
    """By score, but never before what it blames. Within a circle of blame, by score alone."""
    blame: Calls = nx.DiGraph()
    blame.add_nodes_from(found)
    blame.add_edges_from((a, b) for a, suspect in found.items() for b in suspect.blames if b in found)
    circles = nx.condensation(blame)
    members = {number: sorted(data["members"], key=_rank(found)) for number, data in circles.nodes(data=True)}
    best = {number: _rank(found)(listed[0]) for number, listed in members.items()}
    order = nx.lexicographical_topological_sort(circles.reverse(copy=False), key=lambda number: best[number])
    return [found[member] for number in order for member in members[number]]


def _rank(found: Mapping[str, Suspect]):  # type: ignore[no-untyped-def]
    return lambda id_: (-found[id_].score, -found[id_].own_errors, -found[id_].felt_by, id_)


def _by_end(edges: Iterable[Edge], end: str) -> dict[str, list[Edge]]:
    found: dict[str, list[Edge]] = {}
    for edge in edges:
        found.setdefault(edge[end], []).append(edge)  # type: ignore[literal-required]
    return found
