"""What the benchmarks send: traces of eight spans through four of twenty services, as OTLP requests with gaps.

gateway -> one of 4 -> one of 6 -> one of 9, each hop a client and a server span, the last one sometimes a producer and
a consumer; then a database, an internal step or an external peer. The gaps are sentinels of eight bytes each, where
`rounds.py` later puts ids, times and numbers.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import cast

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, Status
from opentelemetry.proto.trace.v1.trace_pb2 import Span as SpanMessage

SPANS_PER_TRACE = 8
INTERNAL, SERVER, CLIENT, PRODUCER, CONSUMER = 1, 2, 3, 4, 5
LAYERS = (
    ("gateway",),
    ("cart", "orders", "search", "accounts"),
    ("pricing", "stock", "payments", "shipping", "offers", "profiles"),
    ("tax", "currency", "warehouse", "carrier", "fraud", "ledger", "mail", "images", "audit"),
)
SERVICES = tuple(name for layer in LAYERS for name in layer)
ROUTES = 30

Value = str | int


@dataclass(frozen=True)
class Draft:
    """A span before it has ids and times. `index` counts through the round; `parent` is an index, or -1."""

    index: int
    parent: int
    service: str
    name: str
    kind: int
    attributes: dict[str, Value]
    delay_ns: int
    """From the start of the trace."""
    duration_ns: int
    is_error: bool
    has_event: bool


@dataclass
class _Trace:
    """Spans of one trace under construction; each new span is the child of the one before, and lies within it."""

    first_index: int
    rnd: random.Random
    small: bool
    drafts: list[Draft] = field(default_factory=list)

    def add(self, service: str, kind: int, name: str, attributes: dict[str, Value]) -> None:
        place = len(self.drafts)
        if not self.small:
            attributes = {**attributes, "server.port": 8080, "user_agent.original": "python-requests/2.34"}
        last = self.drafts[-1] if self.drafts else None
        self.drafts.append(
            Draft(
                index=self.first_index + place,
                parent=last.index if last else -1,
                service=service,
                name=name,
                kind=kind,
                attributes={**attributes, "customer.id": number_gap(self.first_index + place)},
                delay_ns=last.delay_ns + last.duration_ns // 20 if last else 0,
                duration_ns=last.duration_ns * 9 // 10 if last else self.rnd.randrange(4_000_000, 200_000_000),
                is_error=self.rnd.random() < 0.03,
                has_event=self.rnd.random() < 0.05,
            )
        )

    def http(self, service: str, kind: int, server: str) -> None:
        route = f"/api/v1/{server}/{self.rnd.randrange(ROUTES)}"
        attributes: dict[str, Value] = {
            "http.request.method": "GET",
            "http.route": route,
            "http.response.status_code": self.rnd.choice((200, 200, 200, 404, 500)),
        }
        if self.small:
            attributes["url.scheme"] = "http"
        else:
            attributes["url.path"] = f"{route}/{number_gap(self.first_index + len(self.drafts))}"
            attributes["server.address"] = f"{server}-{self.rnd.randrange(3)}.example.internal"
        self.add(service, kind, f"GET {route}", attributes)

    def message(self, service: str, kind: int, topic: str) -> None:
        attributes: dict[str, Value] = {
            "messaging.system": "kafka",
            "messaging.destination.name": topic,
            "messaging.operation.type": "send" if kind == PRODUCER else "process",
        }
        if not self.small:
            attributes["messaging.message.id"] = f"{topic}-{number_gap(self.first_index + len(self.drafts))}"
            attributes["server.address"] = "kafka-0.example.internal"
        self.add(service, kind, f"{'send' if kind == PRODUCER else 'process'} {topic}", attributes)

    def database(self, service: str) -> None:
        attributes: dict[str, Value] = {
            "db.system.name": "postgresql",
            "db.namespace": service,
            "db.operation.name": "SELECT",
        }
        if not self.small:
            gap = number_gap(self.first_index + len(self.drafts))
            attributes["db.query.text"] = " ".join(("SELECT * FROM", service, "WHERE id =", gap))
            attributes["server.address"] = "postgres-0.example.internal"
        self.add(service, CLIENT, f"SELECT {service}", attributes)


def sentinel(letter: str, index: int) -> bytes:
    """Eight bytes that mark a gap of the span `index` (at most 99,999): T and U the trace id, S the span's id, P the
    parent's, B and E its begin and end, X its event's time, N a number."""
    return f"~{letter}~{index:05d}".encode()


def number_gap(index: int) -> str:
    return sentinel("N", index).decode()


def draft_traces(count: int, small: bool, rnd: random.Random) -> list[Draft]:
    """`count` traces, one after the other, parents before children."""
    return [draft for number in range(count) for draft in _draft_trace(number * SPANS_PER_TRACE, small, rnd)]


def _draft_trace(first_index: int, small: bool, rnd: random.Random) -> list[Draft]:
    trace = _Trace(first_index, rnd, small)
    gateway, second, third, fourth = (rnd.choice(layer) for layer in LAYERS)
    trace.http(gateway, SERVER, gateway)
    trace.http(gateway, CLIENT, second)
    trace.http(second, SERVER, second)
    trace.http(second, CLIENT, third)
    trace.http(third, SERVER, third)
    if rnd.random() < 0.2:
        trace.message(third, PRODUCER, f"{fourth}-events")
        trace.message(fourth, CONSUMER, f"{fourth}-events")
    else:
        trace.http(third, CLIENT, fourth)
        trace.http(fourth, SERVER, fourth)
    match rnd.randrange(5):
        case 0:
            trace.http(fourth, INTERNAL, fourth)
        case 1:
            trace.http(fourth, CLIENT, f"partner-{rnd.randrange(4)}")
        case _:
            trace.database(fourth)
    return trace.drafts


def serialise(drafts: Sequence[Draft], rnd: random.Random) -> bytes:
    """One ExportTraceServiceRequest. Give the drafts of a service in a row, they share a resource."""
    request = ExportTraceServiceRequest()
    for service, spans in groupby(drafts, lambda draft: draft.service):
        group = request.resource_spans.add()
        _describe_resource(group, service, rnd)
        scope_spans = group.scope_spans.add()
        scope_spans.scope.name, scope_spans.scope.version = "opentelemetry.instrumentation.fastapi", "0.66b0"
        for draft in spans:
            _fill(scope_spans.spans.add(), draft)
    return request.SerializeToString()


def _describe_resource(group: ResourceSpans, service: str, rnd: random.Random) -> None:
    group.resource.attributes.extend(
        _key_value(key, value)
        for key, value in {
            "service.name": service,
            "service.namespace": "bench",
            "service.version": "1.2.3",
            "service.instance.id": f"{service}-{rnd.randrange(3)}",
            "telemetry.sdk.language": "python",
        }.items()
    )


def _fill(span: SpanMessage, draft: Draft) -> None:
    span.trace_id = sentinel("T", draft.index) + sentinel("U", draft.index)
    span.span_id = sentinel("S", draft.index)
    if draft.parent >= 0:
        span.parent_span_id = sentinel("P", draft.index)
    span.name, span.kind, span.flags = draft.name, cast(SpanMessage.SpanKind.ValueType, draft.kind), 257
    span.start_time_unix_nano = int.from_bytes(sentinel("B", draft.index), "little")
    span.end_time_unix_nano = int.from_bytes(sentinel("E", draft.index), "little")
    span.attributes.extend(_key_value(key, value) for key, value in draft.attributes.items())
    if draft.is_error:
        span.status.code, span.status.message = Status.STATUS_CODE_ERROR, "the peer did not answer in time"
    if draft.has_event:
        event = span.events.add(name="exception", time_unix_nano=int.from_bytes(sentinel("X", draft.index), "little"))
        event.attributes.append(_key_value("exception.type", "TimeoutError"))


def _key_value(key: str, value: Value) -> KeyValue:
    pair = KeyValue(key=key)
    if isinstance(value, int):
        pair.value.int_value = value
    else:
        pair.value.string_value = value
    return pair
