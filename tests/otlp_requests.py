"""Small OTLP requests for tests: each call shows only what matters."""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, ArrayValue, KeyValue, KeyValueList

KINDS = {"unspecified": 0, "internal": 1, "server": 2, "client": 3, "producer": 4, "consumer": 5}


@dataclass(frozen=True)
class Span:
    """A span by names: ids are derived from `trace` and `id`, so that equal names are equal ids."""

    service: str
    id: str
    parent: str = ""
    trace: str = "t1"
    name: str = ""
    kind: str = "internal"
    start_ns: int = 0
    duration_ns: int = 1_000_000
    error: bool = False
    attributes: dict[str, Any] = field(default_factory=dict)
    links: tuple[tuple[str, str], ...] = ()
    """(trace, id) of linked spans."""
    events: tuple[str, ...] = ()
    """Names of events, at the start of the span."""
    environment: str = ""
    """Where its resource says that it ran."""


def trace_id(name: str) -> bytes:
    return blake2b(name.encode(), digest_size=16).digest()


def span_id(name: str) -> bytes:
    return blake2b(name.encode(), digest_size=8).digest()


def any_value(value: Any) -> AnyValue:
    match value:
        case bool():
            return AnyValue(bool_value=value)
        case int():
            return AnyValue(int_value=value)
        case float():
            return AnyValue(double_value=value)
        case bytes():
            return AnyValue(bytes_value=value)
        case list():
            return AnyValue(array_value=ArrayValue(values=[any_value(item) for item in value]))
        case dict():
            return AnyValue(kvlist_value=KeyValueList(values=key_values(value)))
        case None:
            return AnyValue()
        case _:
            return AnyValue(string_value=value)


def key_values(attributes: dict[str, Any]) -> list[KeyValue]:
    return [KeyValue(key=key, value=any_value(value)) for key, value in attributes.items()]


def request(spans: Iterable[Span], resource: dict[str, Any] | None = None) -> ExportTraceServiceRequest:
    """One export request; spans without a start begin now. `resource` is added to each span's service.name."""
    message = ExportTraceServiceRequest()
    now_ns = time.time_ns()
    for span in spans:
        resource_spans = message.resource_spans.add()
        names = {"service.name": span.service} if span.service else {}
        names |= {"deployment.environment.name": span.environment} if span.environment else {}
        resource_spans.resource.attributes.extend(key_values({**names, **(resource or {})}))
        one = resource_spans.scope_spans.add().spans.add()
        one.trace_id, one.span_id = trace_id(span.trace), span_id(f"{span.trace}/{span.id}")
        if span.parent:
            one.parent_span_id = span_id(f"{span.trace}/{span.parent}")
        one.name, one.kind = span.name or span.id, KINDS[span.kind]
        one.start_time_unix_nano = span.start_ns or now_ns
        one.end_time_unix_nano = one.start_time_unix_nano + span.duration_ns
        one.status.code = 2 if span.error else 0
        one.attributes.extend(key_values(span.attributes))
        for event in span.events:
            one.events.add(name=event, time_unix_nano=one.start_time_unix_nano)
        for linked_trace, linked_id in span.links:
            one.links.add(trace_id=trace_id(linked_trace), span_id=span_id(f"{linked_trace}/{linked_id}"))
    return message
