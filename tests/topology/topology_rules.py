"""The rules of topology by example: a sentence, spans of a trace or a few, and the edges that are drawn for them."""

from dataclasses import dataclass
from typing import Any

from otlp_requests import Span
from random_traces import START_NS

Attributes = dict[str, Any]
HTTP: Attributes = {"server.address": "pay.example", "server.port": 443}
DATABASE: Attributes = {"db.system.name": "postgresql", "db.namespace": "shop", "server.address": "db"}
QUEUE: Attributes = {"messaging.system": "kafka", "messaging.destination.name": "paid"}
REFUSED: Attributes = {"error.type": "CallNotPermittedException"}
_HOUR_S = 3600


@dataclass(frozen=True)
class Rule:
    """`edges`: (calls, errors, rejected) by `source -> target`; what is no service has its kind before its name."""

    says: str
    edges: dict[str, tuple[int, int, int]]
    spans: tuple[Span, ...]


def span(
    service: str, id_: str, parent: str = "", kind: str = "internal", about: Attributes | None = None, **other: Any
) -> Span:
    return Span(service, id_, parent, kind=kind, attributes=about or {}, **{"start_ns": START_NS, **other})


def after(seconds: int) -> int:
    return START_NS + seconds * 10**9


def _rule(says: str, edges: dict[str, tuple[int, int, int]], *spans: Span) -> Rule:
    return Rule(says, edges, spans)


_ONE = (1, 0, 0)
_CALL = span("cart", "call", kind="client", about=HTTP)
_SEND = span("cart", "send", kind="producer", about=QUEUE)

RULES = (
    _rule(
        "a span whose parent is of another service is a call",
        {"cart -> orders": _ONE},
        _CALL, span("orders", "s", "call", "server"),
    ),
    _rule("span kinds do not matter for a call", {"cart -> orders": _ONE}, span("cart", "a"), span("orders", "b", "a")),
    _rule("what a service does within itself is no call", {}, span("cart", "a", kind="server"), span("cart", "b", "a")),
    _rule(
        "each span that arrives is a call, also when one client span was retried",
        {"cart -> orders": (2, 0, 0)},
        _CALL, span("orders", "first", "call", "server"), span("orders", "second", "call", "server"),
    ),
    _rule(
        "a span that was sent twice counts once",
        {"cart -> orders": _ONE},
        _CALL, _CALL, span("orders", "s", "call", "server"), span("orders", "s", "call", "server"),
    ),
    _rule(
        "of copies that differ the longest counts",
        {"cart -> orders": (1, 1, 0)},
        _CALL, span("orders", "s", "call", duration_ns=1), span("orders", "s", "call", duration_ns=9, error=True),
    ),
    _rule("a parent that is missing is no caller", {}, span("orders", "s", "nobody", "server")),
    _rule(
        "clocks that disagree by hours do not hide a call",
        {"cart -> orders": _ONE},
        _CALL, span("orders", "s", "call", "server", start_ns=after(-3 * _HOUR_S)),
    ),
    _rule(
        "halves in adjacent minutes are one call",
        {"cart -> orders": _ONE},
        span("cart", "call", kind="client", about=HTTP, start_ns=after(59)),
        span("orders", "s", "call", "server", start_ns=after(61)),
    ),
    _rule(
        "a span that is its own parent calls nobody, and its own call still counts",
        {"cart -> database:postgresql/shop@db": _ONE},
        span("cart", "a", "a", "client", DATABASE),
    ),
    _rule(
        "spans in a circle call one another",
        {"cart -> orders": _ONE, "orders -> cart": _ONE},
        span("cart", "a", "b"), span("orders", "b", "a"),
    ),
    _rule(
        "an id of the own service is the parent before one of another service",
        {},
        span("cart", "x"), span("orders", "x"), span("orders", "b", "x"),
    ),
    _rule(
        "of services that share an id the one that was called goes on to call",
        {"orders -> payments": _ONE},
        span("cart", "x", kind="client"), span("orders", "x", kind="server"), span("payments", "b", "x", "server"),
    ),
    _rule(
        "a callee's error is the call's",
        {"cart -> orders": (1, 1, 0)},
        _CALL, span("orders", "s", "call", "server", error=True),
    ),
    _rule(
        "a client's error is the call's, for the callee may not have noticed",
        {"cart -> orders": (1, 1, 0)},
        span("cart", "call", kind="client", about=HTTP, error=True), span("orders", "s", "call", "server"),
    ),
    _rule(
        "an error further up is not the call's",
        {"cart -> orders": _ONE},
        span("cart", "a", error=True), span("orders", "s", "a", "server"),
    ),
    _rule(
        "a call that a breaker refused is rejected, not failed",
        {"cart -> external:pay.example:443": (1, 0, 1)},
        span("cart", "call", kind="client", about={**HTTP, **REFUSED}, error=True),
    ),
    _rule(
        "HTTP 429 is a rejection",
        {"cart -> orders": (1, 0, 1)},
        _CALL, span("orders", "s", "call", "server", {"http.response.status_code": 429}, error=True),
    ),
    _rule(
        "a database is a node of its own",
        {"cart -> database:postgresql/shop@db": _ONE},
        span("cart", "q", kind="client", about=DATABASE),
    ),
    _rule(
        "older names of a database mean the same",
        {"cart -> database:postgresql/shop@db": _ONE},
        span("cart", "q", kind="client", about={"db.system": "postgresql", "db.name": "shop", "net.peer.name": "db"}),
    ),
    _rule(
        "a database that sends spans itself is a service",
        {"cart -> vitess": _ONE},
        span("cart", "q", kind="client", about=DATABASE), span("vitess", "s", "q", "server"),
    ),
    _rule(
        "of nested spans about the same kind of peer only the innermost is a call",
        {"cart -> database:postgresql/shop@db": _ONE},
        span("cart", "orm", kind="client", about={"db.system": "sqlalchemy"}),
        span("cart", "driver", "orm", "client", DATABASE),
    ),
    _rule(
        "nested spans about different kinds of peers are calls of their own",
        {"cart -> database:elasticsearch": _ONE, "cart -> external:pay.example:443": _ONE},
        span("cart", "search", kind="client", about={"db.system": "elasticsearch"}),
        span("cart", "http", "search", "client", HTTP),
    ),
    _rule("a client without an answer calls something external", {"cart -> external:pay.example:443": _ONE}, _CALL),
    _rule(
        "older names of a peer mean the same",
        {"cart -> external:pay.example:443": _ONE},
        span("cart", "call", kind="client", about={"net.peer.name": "pay.example", "net.peer.port": 443}),
    ),
    _rule(
        "a peer is named by its service before its address",
        {"cart -> external:payments": _ONE},
        span("cart", "call", kind="client", about={**HTTP, "peer.service": "payments"}),
    ),
    _rule(
        "a URL names its host and port, never its user",
        {"cart -> external:pay.example:8443": _ONE},
        span("cart", "call", kind="client", about={"http.url": "https://user:word@pay.example:8443/charge/v1/x?y=z"}),
    ),
    _rule(
        "a client that does not say whom it calls calls the unknown",
        {"cart -> unknown": _ONE},
        span("cart", "call", kind="client"),
    ),
    _rule(
        "a client around another one is no call to the unknown",
        {"cart -> external:pay.example:443": _ONE},
        span("cart", "outer", kind="client"), span("cart", "inner", "outer", "client", HTTP),
    ),
    _rule(
        "a client that is answered is no call to something external, however late",
        {"cart -> orders": _ONE},
        _CALL, span("orders", "s", "call", "server", start_ns=after(9 * _HOUR_S)),
    ),
    _rule(
        "a broker that both halves name stands between them",
        {"cart -> messaging:kafka/paid": _ONE, "messaging:kafka/paid -> orders": _ONE},
        _SEND, span("orders", "take", "send", "consumer", QUEUE),
    ),
    _rule(
        "a broker that only the producer names stands between them",
        {"cart -> messaging:kafka/paid": _ONE, "messaging:kafka/paid -> orders": _ONE},
        _SEND, span("orders", "take", "send", "consumer"),
    ),
    _rule(
        "a broker that only the consumer names stands between them",
        {"cart -> messaging:kafka/paid": _ONE, "messaging:kafka/paid -> orders": _ONE},
        span("cart", "send", kind="producer"), span("orders", "take", "send", "consumer", QUEUE),
    ),
    _rule(
        "without a broker a message is a call",
        {"cart -> orders": _ONE},
        span("cart", "send", kind="producer"), span("orders", "take", "send", "consumer"),
    ),
    _rule(
        "a consumer is called by what it links to, in whatever trace and minute",
        {"cart -> orders": (2, 0, 0)},
        span("cart", "a", kind="producer"),
        span("cart", "b", kind="producer", trace="t2", start_ns=after(-2 * _HOUR_S)),
        span("orders", "take", kind="consumer", trace="t3", links=(("t1", "a"), ("t2", "b"))),
    ),
    _rule(
        "a link to the parent is not a second call",
        {"cart -> orders": _ONE},
        span("cart", "a", kind="producer"), span("orders", "take", "a", "consumer", links=(("t1", "a"), ("t1", "a"))),
    ),
    _rule(
        "links of other spans are no calls",
        {},
        span("cart", "a"), span("orders", "b", kind="server", trace="t2", links=(("t1", "a"),)),
    ),
    _rule(
        "who polls a broker takes from it, whatever the span's kind",
        {"messaging:kafka/paid -> orders": _ONE},
        span("orders", "poll", kind="client", about={**QUEUE, "messaging.operation.type": "receive"}),
    ),
    _rule(
        "a message whose consumer sends no spans still reaches its broker",
        {"cart -> messaging:kafka/paid": _ONE},
        _SEND,
    ),
    _rule(
        "a broker without a name is unknown",
        {"cart -> messaging:unknown": _ONE},
        span("cart", "s", kind="producer", about={"messaging.system": ""}),
    ),
)  # fmt: skip
