"""Who called whom: the rules of topology in plain Python, over all spans at once.

The collector computes the same in SQL, minute by minute, in any order of arrival (collector/queries/sql/edges.sql.inc);
tests show that both agree. Times are epoch nanoseconds; a minute is the number of whole minutes since the epoch.

Ids are taken as a span's own: where several services use one id, their spans of that id start in the same minute.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import urlsplit

from otlp_requests import Span

MINUTE_NS = 60 * 10**9
_DAY_NS = 24 * 60 * MINUTE_NS
_SENDING, _TAKING = ("client", "producer"), ("server", "consumer")

# Attribute names, current and older. Of those that a span has, its first counts.
_PEER_SERVICE = ("service.peer.name", "peer.service")
_ADDRESS = ("server.address", "net.peer.name", "net.sock.peer.name", "network.peer.address", "net.peer.ip", "http.host")
_PORT = ("server.port", "net.peer.port")
_URL = ("url.full", "http.url")
_RPC_SERVICE = ("rpc.service",)
_DB_SYSTEM = ("db.system.name", "db.system")
_DB_NAMESPACE = ("db.namespace", "db.name", "db.redis.database_index")
_MESSAGING_SYSTEM = ("messaging.system",)
_DESTINATION = ("messaging.destination.name", "messaging.destination")
_OPERATION = ("messaging.operation.type", "messaging.operation")
_ERROR_TYPE = ("error.type", "exception.type")
_HTTP_STATUS = ("http.response.status_code", "http.status_code")


class Edge(NamedTuple):
    """In the minute of the span that counts: the callee's of a pair, else the caller's. The environment of an end is where
    its service ran in this call; what is no service has none."""

    minute: int
    source_kind: str
    source: str
    target_kind: str
    target: str
    source_environment: str = ""
    target_environment: str = ""


class Operation(NamedTuple):
    minute: int
    service: str
    name: str
    kind: str
    is_entry: bool
    environment: str = ""


class Counts(NamedTuple):
    """`errors` are those of the calls that failed and were not rejected."""

    calls: int = 0
    errors: int = 0
    rejected: int = 0

    def add(self, error: bool, rejected: bool) -> "Counts":
        return Counts(self.calls + 1, self.errors + (error and not rejected), self.rejected + rejected)

    def plus(self, other: "Counts") -> "Counts":
        return Counts(*(a + b for a, b in zip(self, other, strict=True)))


@dataclass(frozen=True)
class Call:
    edge: Edge
    error: bool
    rejected: bool


def link(spans: Iterable[Span], settled_ns: int = 2**63 - 1) -> dict[Edge, Counts]:
    """The edges between services, databases, brokers and peers that send no spans themselves.

    A client span that ended after `settled_ns` may still be answered, so it is no call to something unknown yet.
    """
    counts: defaultdict[Edge, Counts] = defaultdict(Counts)
    for call in _Linker(unique(spans), settled_ns).calls():
        counts[call.edge] = counts[call.edge].add(call.error, call.rejected)
    return dict(counts)


def count_operations(spans: Iterable[Span]) -> dict[Operation, Counts]:
    """How often each service did what. Entries are what a service was asked for, or started by itself."""
    counts: defaultdict[Operation, Counts] = defaultdict(Counts)
    for span in unique(spans):
        is_entry = span.kind in _TAKING or not span.parent
        operation = Operation(
            minute_of(span), span.service, span.name or span.id, span.kind, is_entry, span.environment
        )
        counts[operation] = counts[operation].add(span.error, is_rejected(span))
    return dict(counts)


def count_entries(spans: Iterable[Span]) -> dict[tuple[int, str, str], Counts]:
    """How often each service was asked in a minute and an environment."""
    counts: defaultdict[tuple[int, str, str], Counts] = defaultdict(Counts)
    for operation, some in count_operations(spans).items():
        if operation.is_entry:
            key = operation.minute, operation.service, operation.environment
            counts[key] = counts[key].plus(some)
    return dict(counts)


def map_of(spans: Iterable[Span], environment: str = "") -> dict[tuple[str, str], Counts]:
    """Calls by their two ends, of all times: all of them, or those of which a service at one end ran in an environment."""
    counts: defaultdict[tuple[str, str], Counts] = defaultdict(Counts)
    for edge, some in link(spans).items():
        if not environment or environment in (edge.source_environment, edge.target_environment):
            ends = f"{edge.source_kind}:{edge.source}", f"{edge.target_kind}:{edge.target}"
            counts[ends] = counts[ends].plus(some)
    return dict(counts)


def asked_of(spans: Iterable[Span], environment: str = "") -> dict[str, Counts]:
    """How often each service was asked at all times: everywhere, or in an environment."""
    counts: defaultdict[str, Counts] = defaultdict(Counts)
    for (_, service, where), some in count_entries(spans).items():
        if environment in ("", where):
            counts[service] = counts[service].plus(some)
    return dict(counts)


def unique(spans: Iterable[Span]) -> list[Span]:
    """A span that was sent twice counts once. Of copies that differ: the earliest, the longest, the failed, the rejected; of
    those that differ only in their environment, the first by its name."""
    copies: defaultdict[tuple[str, str, str, int], list[Span]] = defaultdict(list)
    for span in spans:
        copies[span.trace, span.id, span.service, minute_of(span)].append(span)
    return [
        min(same, key=lambda s: (s.start_ns, -s.duration_ns, not s.error, not is_rejected(s), s.environment))
        for same in copies.values()
    ]


def minute_of(span: Span) -> int:
    return span.start_ns // MINUTE_NS


class _Linker:
    def __init__(self, spans: list[Span], settled_ns: int) -> None:
        self._spans, self._settled_ns = spans, settled_ns
        self._by_id: defaultdict[tuple[str, str], list[Span]] = defaultdict(list)
        self._children: defaultdict[tuple[str, str], list[Span]] = defaultdict(list)
        for span in spans:
            self._by_id[span.trace, span.id].append(span)
            if span.parent:
                self._children[span.trace, span.parent].append(span)

    def calls(self) -> Iterator[Call]:
        for span in self._spans:
            yield from self._calls_that_reach(span)
            yield from self._call_to_a_peer(span)

    def _calls_that_reach(self, callee: Span) -> Iterator[Call]:
        """From a parent of another service, whatever the kinds; a consumer is also called by what it links to.

        A broker that one half knows stands between them, for the half that does not. Where both know theirs, each half
        is a call to or from its broker already.
        """
        for caller in self._callers(callee):
            from_broker, by_broker = peer_kind(caller) == "broker_out", peer_kind(callee) == "broker_in"
            if caller.service == callee.service or (from_broker and by_broker):
                continue
            source = ("messaging", peer(caller) or "unknown") if from_broker else ("service", caller.service)
            target = ("messaging", peer(callee) or "unknown") if by_broker else ("service", callee.service)
            ran = "" if from_broker else caller.environment, "" if by_broker else callee.environment
            yield Call(
                Edge(minute_of(callee), *source, *target, *ran),
                error=callee.error or (caller.error and caller.kind in _SENDING),
                rejected=is_rejected(callee) or is_rejected(caller),
            )

    def _callers(self, callee: Span) -> Iterator[Span]:
        """Where several services have a span of an id, the one that goes on to call is no client or producer."""
        ids = {(callee.trace, callee.parent)} if self._arrives(callee) else set()
        if callee.kind == "consumer" or peer_kind(callee) == "broker_in":
            ids |= set(callee.links) - {(callee.trace, callee.parent)}
        for id_ in ids:
            if id_ in self._by_id:
                yield min(self._by_id[id_], key=lambda s: (s.kind in _SENDING, s.service, s.start_ns))

    def _arrives(self, span: Span) -> bool:
        """Its parent is not a span of its own service: what a service does within itself is no call."""
        own = any(parent.service == span.service for parent in self._by_id.get((span.trace, span.parent), ()))
        return bool(span.parent) and not own

    def _call_to_a_peer(self, span: Span) -> Iterator[Call]:
        """To or from what sends no spans: a database, a broker, something external, or not even named."""
        kind = peer_kind(span)
        if (kind == "none" and span.kind != "client") or self._is_outer(span, kind):
            return
        if kind in ("database", "external", "none") and self._is_answered(span):
            return
        if kind in ("external", "none") and span.start_ns + min(span.duration_ns, _DAY_NS) > self._settled_ns:
            return
        edge = Edge(minute_of(span), "service", span.service, *_target(span), span.environment)
        if kind == "broker_in":
            broker = peer(span) or "unknown"
            edge = Edge(minute_of(span), "messaging", broker, "service", span.service, "", span.environment)
        yield Call(edge, span.error, is_rejected(span))

    def _is_outer(self, span: Span, kind: str) -> bool:
        """Of nested spans of one service about the same kind of peer only the innermost is a call."""
        within = [
            child
            for child in self._children.get((span.trace, span.id), ())
            if child.service == span.service and child.id != span.id
        ]
        if kind == "none":
            return any(child.kind in _SENDING for child in within)
        return any(peer_kind(child) == kind for child in within)

    def _is_answered(self, span: Span) -> bool:
        children = self._children.get((span.trace, span.id), ())
        return any(child.kind in _TAKING or self._arrives(child) for child in children)


def _target(span: Span) -> tuple[str, str]:
    name = peer(span)
    match peer_kind(span):
        case "database":
            return "database", name or "unknown"
        case "broker_out":
            return "messaging", name or "unknown"
        case "external" if name:
            return "external", name
    return "unknown", ""


def peer_kind(span: Span) -> str:
    """Only what sends or consumes has a peer: none, database, broker_out, broker_in or external."""
    if span.kind not in ("client", "producer", "consumer"):
        return "none"
    if _has(span, _MESSAGING_SYSTEM):
        takes = span.kind == "consumer" or _value(span, _OPERATION) in ("receive", "process", "deliver")
        return "broker_in" if takes else "broker_out"
    if span.kind == "consumer":
        return "none"
    if _has(span, _DB_SYSTEM):
        return "database"
    return "external" if any(_has(span, names) for names in (_PEER_SERVICE, _ADDRESS, _URL, _RPC_SERVICE)) else "none"


def peer(span: Span) -> str:
    """`system/destination` of a broker, `system/namespace@address` of a database.

    Another peer is named by its service, else its address and port, else the host and port of the URL, else the RPC
    service.
    """
    address = _value(span, _ADDRESS) + _after(":", span, _PORT)
    match peer_kind(span):
        case "none":
            return ""
        case "database":
            at = f"@{address}" if _has(span, _ADDRESS) else ""
            return _value(span, _DB_SYSTEM) + _after("/", span, _DB_NAMESPACE) + at
        case "broker_in" | "broker_out":
            return _value(span, _MESSAGING_SYSTEM) + _after("/", span, _DESTINATION)
    if _has(span, _PEER_SERVICE):
        return _value(span, _PEER_SERVICE)
    if _has(span, _ADDRESS):
        return address
    return urlsplit(_value(span, _URL)).netloc.rpartition("@")[2] if _has(span, _URL) else _value(span, _RPC_SERVICE)


def is_rejected(span: Span) -> bool:
    """A breaker, bulkhead or limiter refused it. One type name of each is enough here; the rest is a list of words."""
    refused = any(word in _value(span, _ERROR_TYPE) for word in ("CallNotPermittedException", "BulkheadFullException"))
    return _value(span, _HTTP_STATUS) == "429" or (span.error and refused)


def _has(span: Span, names: tuple[str, ...]) -> bool:
    return any(name in names for name in span.attributes)


def _value(span: Span, names: tuple[str, ...]) -> str:
    return next((str(value) for name, value in span.attributes.items() if name in names), "")


def _after(mark: str, span: Span, names: tuple[str, ...]) -> str:
    return mark + _value(span, names) if _has(span, names) else ""
