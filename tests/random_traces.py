"""Traces as hypothesis draws them: anything that senders might say, and how it might arrive."""

from dataclasses import dataclass, replace

from hypothesis import strategies as st
from linker import MINUTE_NS
from otlp_requests import Span

START_NS = 1_700_000_040 * 10**9
"""A whole minute; what is drawn begins here or later."""
SERVICES = ("cart", "orders", "payments")
ENVIRONMENTS = ("", "production", "staging")
MINUTES = (0, 1, 2, 5, 6, 240, 1441)
"""After the start: the same and adjacent minutes, also in another stretch of five, hours apart, and on the next day."""
MOST_REQUESTS = 4
WORLDS = 10
"""Sets of traces that have nothing to do with one another: what is drawn for one run of the engine."""

_KINDS = ("internal", "server", "client", "producer", "consumer", "unspecified")
_ABOUT: tuple[dict[str, str | int], ...] = (
    {},
    {"server.address": "pay.example", "server.port": 443},
    {"net.peer.name": "pay.example", "net.peer.port": 443},
    {"url.full": "https://user:word@pay.example:8443/charge/1?a=b"},
    {"peer.service": "payments", "http.url": "http://elsewhere/"},
    {"rpc.service": "pay.Charge"},
    {"db.system.name": "postgresql", "db.namespace": "shop", "server.address": "db"},
    {"db.system": "postgresql", "db.name": "shop", "net.peer.name": "db"},
    {"messaging.system": "kafka", "messaging.destination.name": "paid"},
    {"messaging.system": "kafka", "messaging.destination": "paid", "messaging.operation": "receive"},
    {"messaging.system": "kafka", "messaging.operation.type": "publish"},
)
_OUTCOMES: tuple[tuple[bool, dict[str, str | int]], ...] = (
    (False, {}),
    (True, {}),
    (True, {"error.type": "io.github.resilience4j.circuitbreaker.CallNotPermittedException"}),
    (False, {"error.type": "CallNotPermittedException"}),
    (True, {"http.response.status_code": 429}),
    (False, {"http.status_code": 429}),
)
_DURATIONS_NS = (0, 1_000_000, 30 * 10**9, 3 * MINUTE_NS)


@dataclass(frozen=True)
class Arrival:
    """One export request; what the roll-up job does after it, and when."""

    spans: list[Span]
    runs: bool
    restarts: bool
    now_minute: int


@st.composite
def spans(draw: st.DrawFn, world: int) -> list[Span]:
    """A few traces. A parent or link is any span of those traces, itself included, or one that never comes."""
    count = draw(st.sampled_from((1, 2, 3, 4, 6, 9, 12)))
    ids = [(f"w{world}t{draw(st.integers(0, 2))}", f"s{number}") for number in range(count)]
    return [_span(draw, trace, id_, ids) for trace, id_ in ids]


def _span(draw: st.DrawFn, trace: str, id_: str, ids: list[tuple[str, str]]) -> Span:
    parents = ["", *(other for same, other in ids if same == trace), "missing"]
    error, outcome = draw(st.sampled_from(_OUTCOMES))
    return Span(
        service=draw(st.sampled_from(SERVICES)),
        id=id_,
        parent=draw(st.sampled_from(parents)),
        trace=trace,
        kind=draw(st.sampled_from(_KINDS)),
        start_ns=START_NS + draw(st.sampled_from(MINUTES)) * MINUTE_NS + draw(st.sampled_from((0, 59 * 10**9))),
        duration_ns=draw(st.sampled_from(_DURATIONS_NS)),
        error=error,
        attributes={**draw(st.sampled_from(_ABOUT)), **outcome},
        links=tuple(draw(st.lists(st.sampled_from([*ids, ("t9", "missing")]), max_size=2))),
        environment=draw(st.sampled_from(ENVIRONMENTS)),
    )


@st.composite
def deliveries(draw: st.DrawFn) -> list[Arrival]:
    """Spans in any order, some sent twice, in several requests, with roll-ups, restarts and a clock in between."""
    groups = [[span] for world in range(WORLDS) for span in draw(spans(world))]
    if draw(st.booleans()):
        groups = [[span, *_twins(draw, span)] for (span,) in groups]
        groups += [group[:1] for group in groups if draw(st.integers(0, 9)) == 9]
    groups = draw(st.permutations(groups))
    arrivals: list[Arrival] = []
    now_minute = 0
    while groups:
        size = len(groups) if len(arrivals) == MOST_REQUESTS - 1 else draw(st.integers(1, len(groups)))
        taken, groups = groups[:size], groups[size:]
        now_minute = max(now_minute, draw(st.sampled_from((*MINUTES, MINUTES[-1] + 60))))
        sent = [span for group in taken for span in group]
        arrivals.append(Arrival(sent, draw(st.booleans()), draw(st.booleans()), now_minute))
    return arrivals


def _twins(draw: st.DrawFn, span: Span) -> list[Span]:
    """Rarely, a copy that differs or another service's span of the same id; either comes together with the first."""
    twin = draw(st.integers(0, 19))
    if twin == 19:
        return [replace(span, duration_ns=span.duration_ns + 5, error=not span.error)]
    if twin == 17:
        return [replace(span, environment=draw(st.sampled_from(ENVIRONMENTS)))]
    if twin == 18:
        other = SERVICES[(SERVICES.index(span.service) + 1) % len(SERVICES)]
        return [replace(span, service=other, kind=draw(st.sampled_from(_KINDS)))]
    return []
