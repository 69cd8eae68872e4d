"""The services of one trace and who called whom, by the rules of the map (sql/edges.sql.inc), without span links.

A call is a span whose parent is of another service; a broker that one half knows stands between them for the half that does
not. What sends no spans itself is a node by the name that its callers have for it.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from collector.queries.topology import edge_kind, node_id
from collector.queries.tracing.analysis import Analysis
from collector.queries.tracing.columns import CLIENT, CONSUMER, ERROR, PRODUCER, SERVER, Ints
from collector.queries.tracing.groups import Ranked, counted, summed
from collector.store.engine import Row

_KINDS = ("service", "database", "messaging", "external")
_OF_PEER = {"database": 1, "broker_out": 2, "broker_in": 2, "external": 3}


@dataclass(frozen=True, eq=False)
class _Calls:
    """`source` and `target` are ends: codes of services, then of peers for each of their kinds."""

    source: Ints
    target: Ints
    row: Ints
    """Of the span that is called, or else calls."""
    failed: Ints
    rejected: Ints


def service_graph(analysis: Analysis, most: int) -> dict[str, Any]:
    """{nodes, edges, cut} as in the API. Beyond `most` edges, those with the least time are left out."""
    ends = _Ends(analysis)
    calls = _calls(analysis, ends)
    pairs, edge = np.unique(np.stack((calls.source, calls.target)), axis=1, return_inverse=True)
    edge, edges = edge.ravel(), pairs.shape[1]
    duration_ns = analysis.spans.duration_ns[calls.row]
    total_ns = summed(edge, duration_ns, edges)
    shown = np.lexsort((np.arange(edges), -total_ns))[:most]
    columns = {
        "calls": np.bincount(edge, minlength=edges),
        "errors": counted(edge, calls.failed & ~calls.rejected, edges),
        "rejected": counted(edge, calls.rejected, edges),
        "total_ns": total_ns,
        "row": calls.row[Ranked(edge, duration_ns, edges).greatest()],
    }
    values = zip(*(column[shown].tolist() for column in columns.values()), strict=True)
    rows = [
        {**ends.edge(source, target), **dict(zip(columns, numbers, strict=True))}
        for (source, target), numbers in zip(pairs[:, shown].T.tolist(), values, strict=True)
    ]
    peers = sorted(set(pairs[:, shown].ravel().tolist()) - set(range(len(analysis.spans.service.texts))))
    nodes = [*_services(analysis), *(ends.peer(end) for end in peers)]
    return {"nodes": nodes, "edges": rows, "cut": {"edges": edges - len(shown)}}


class _Ends:
    """Numbers for what calls and is called."""

    def __init__(self, analysis: Analysis) -> None:
        spans = analysis.spans
        self._services, self._peers = spans.service.texts, spans.peer.texts
        self._known = {text: code for code, text in enumerate(self._services)}
        kinds = np.array([_OF_PEER.get(text, 0) for text in spans.peer_kind.texts], dtype=np.int64)
        self.of_row = spans.service.codes.astype(np.int64)
        self.peer_of_row = self._same(spans, kinds[spans.peer_kind.codes])

    def _same(self, spans: Any, kind: Ints) -> Ints:
        """An external peer that is named like a service, with or without a port, is that service."""
        named = np.array([self._service_named(text) for text in self._peers], dtype=np.int64)[spans.peer.codes]
        peer = len(self._services) + kind * len(self._peers) + spans.peer.codes
        ends: Ints = np.where((kind == _OF_PEER["external"]) & (named >= 0), named, peer)
        return ends

    def _service_named(self, peer: str) -> int:
        return self._known.get(peer, self._known.get(peer.rsplit(":", 1)[0], -1))

    def _kind_and_name(self, end: int) -> tuple[str, str]:
        if end < len(self._services):
            return "service", self._services[end]
        kind, peer = divmod(end - len(self._services), len(self._peers))
        return _KINDS[kind], self._peers[peer] or "unknown"

    def edge(self, source: int, target: int) -> Row:
        from_, to = self._kind_and_name(source), self._kind_and_name(target)
        return {"source": node_id(*from_), "target": node_id(*to), "kind": edge_kind(from_[0], to[0])}

    def peer(self, end: int) -> Row:
        kind, name = self._kind_and_name(end)
        none = dict.fromkeys(("spans", "errors", "rejected", "total_ns", "self_ns", "critical_ns"), 0)
        return {"id": node_id(kind, name), "name": name, "kind": kind, **none, "row": None}


def _calls(analysis: Analysis, ends: _Ends) -> _Calls:
    spans, parent = analysis.spans, analysis.tree.parent
    kinds = spans.peer_kind.texts
    knows_out = np.array([text == "broker_out" for text in kinds], dtype=bool)[spans.peer_kind.codes]
    knows_in = np.array([text == "broker_in" for text in kinds], dtype=bool)[spans.peer_kind.codes]
    has_peer = np.array([text in _OF_PEER for text in kinds], dtype=bool)[spans.peer_kind.codes]
    is_error, rejected = spans.status == ERROR, spans.rejected != 0
    arrives = (parent >= 0) & (spans.service.codes != spans.service.codes[parent])
    callee = np.flatnonzero(arrives & ~(knows_in & knows_out[parent]))
    caller = parent[callee]
    sent = np.isin(spans.kind[caller], (CLIENT, PRODUCER))
    answered, outer = np.zeros(len(spans), dtype=bool), np.zeros(len(spans), dtype=bool)
    answered[parent[arrives | ((parent >= 0) & np.isin(spans.kind, (SERVER, CONSUMER)))]] = True
    outer[parent[(parent >= 0) & ~arrives & (spans.peer_kind.codes == spans.peer_kind.codes[parent])]] = True
    departs = np.flatnonzero(has_peer & ~outer & (knows_in | knows_out | ~answered))
    own, peer = ends.of_row, ends.peer_of_row
    departs = departs[own[departs] != peer[departs]]
    return _Calls(
        source=np.concatenate(
            (np.where(knows_out[caller], peer[caller], own[caller]), np.where(knows_in, peer, own)[departs])
        ),
        target=np.concatenate(
            (np.where(knows_in[callee], peer[callee], own[callee]), np.where(knows_in, own, peer)[departs])
        ),
        row=np.concatenate((callee, departs)),
        failed=np.concatenate((is_error[callee] | (is_error[caller] & sent), is_error[departs])),
        rejected=np.concatenate((rejected[callee] | rejected[caller], rejected[departs])),
    )


def _services(analysis: Analysis) -> list[Row]:
    """Those of the trace, in the order of their first row."""
    spans, parent = analysis.spans, analysis.tree.parent
    codes, count = spans.service.codes, len(spans.service.texts)
    entries = np.flatnonzero((parent < 0) | (codes != codes[parent]))
    found, first, group = np.unique(codes[entries], return_index=True, return_inverse=True)
    longest = entries[Ranked(group, spans.duration_ns[entries], len(found)).greatest()]
    by_row = np.argsort(first)
    present = found[by_row]
    columns = {
        "spans": np.bincount(codes, minlength=count),
        "errors": counted(codes, spans.failed, count),
        "rejected": counted(codes, spans.rejected != 0, count),
        "total_ns": summed(codes[entries], spans.duration_ns[entries], count),
        "self_ns": summed(codes, analysis.self_ns, count),
        "critical_ns": summed(codes, analysis.critical_ns, count),
    }
    values = zip(*(column[present].tolist() for column in columns.values()), longest[by_row].tolist(), strict=True)
    return [
        {
            "id": node_id("service", name),
            "name": name,
            "kind": "service",
            **dict(zip((*columns, "row"), one, strict=True)),
        }
        for name, one in zip((spans.service.texts[code] for code in present.tolist()), values, strict=True)
    ]
