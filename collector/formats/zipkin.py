"""Zipkin v2 JSON: a list of spans, or a list of traces (lists of spans). https://zipkin.io/zipkin-api/#/default/post_spans

Zipkin lets the two halves of a call share one span id; OTLP does not. Here the client half keeps the id, the server
half gets one derived from it and becomes the client's child, and the server's own spans are hung beneath the server
half. Halves are found by their kinds, because not every recorder sets `shared`. A server half whose client is not in
the same document keeps its id and parent.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import ScopeSpans, Span, Status

from collector.formats.attributes import add_attribute, clean_text
from collector.formats.errors import MalformedTelemetry
from collector.formats.fields import (
    JsonObject,
    as_object,
    get_object,
    get_objects,
    get_text,
    get_us_as_ns,
    get_whole_number,
)
from collector.formats.ids import derived_span_id, to_parent_id, to_span_id, to_trace_id

_KINDS = {
    "CLIENT": Span.SPAN_KIND_CLIENT,
    "SERVER": Span.SPAN_KIND_SERVER,
    "PRODUCER": Span.SPAN_KIND_PRODUCER,
    "CONSUMER": Span.SPAN_KIND_CONSUMER,
}
_CALLING_KINDS = frozenset((Span.SPAN_KIND_CLIENT, Span.SPAN_KIND_PRODUCER))
_CALLED_KINDS = frozenset((Span.SPAN_KIND_SERVER, Span.SPAN_KIND_CONSUMER))


@dataclass(frozen=True, slots=True)
class _Half:
    """One service's part of a span id. What repeats id, kind and service is the same half, reported again."""

    shared_id: bytes
    kind: Span.SpanKind.ValueType
    service: str


@dataclass(frozen=True, slots=True)
class _Entry:
    """One recorded span. `parent_id` is the recorded one, empty for none."""

    record: JsonObject
    place: str
    trace_id: bytes
    parent_id: bytes
    half: _Half


def parse(document: object) -> Iterator[ExportTraceServiceRequest]:
    """One request per trace id."""
    by_trace: dict[bytes, list[_Entry]] = {}
    for place, record in _records(document):
        try:
            entry = _read_entry(record, place)
        except MalformedTelemetry as error:
            raise error.within(place) from None
        by_trace.setdefault(entry.trace_id, []).append(entry)
    for entries in by_trace.values():
        yield _convert_trace(entries)


def _records(document: object) -> Iterator[tuple[str, JsonObject]]:
    if not isinstance(document, list):
        raise MalformedTelemetry("", "expected a list of spans")
    for index, item in enumerate(document):
        if isinstance(item, list):
            for inner, record in enumerate(item):
                yield f"[{index}][{inner}]", as_object(record, f"[{index}][{inner}]")
        else:
            yield f"[{index}]", as_object(item, f"[{index}]")


def _read_entry(record: JsonObject, place: str) -> _Entry:
    if "binaryAnnotations" in record:
        raise MalformedTelemetry("binaryAnnotations", "this is Zipkin v1; only v2 is read")
    for key in ("traceId", "id"):
        if not get_text(record, key):
            raise MalformedTelemetry(key, "missing")
    half = _Half(
        shared_id=to_span_id(get_text(record, "id")),
        kind=_KINDS.get(get_text(record, "kind").upper(), Span.SPAN_KIND_UNSPECIFIED),
        service=get_text(get_object(record, "localEndpoint"), "serviceName"),
    )
    parent_id = to_parent_id(get_text(record, "parentId"))
    return _Entry(record, place, to_trace_id(get_text(record, "traceId")), parent_id, half)


def _convert_trace(entries: list[_Entry]) -> ExportTraceServiceRequest:
    request = ExportTraceServiceRequest()
    by_service: dict[str, ScopeSpans] = {}
    halves = _Halves(entries)
    for entry in entries:
        service = entry.half.service
        if service not in by_service:
            resource_spans = request.resource_spans.add()
            by_service[service] = resource_spans.scope_spans.add()
            if service:
                add_attribute(resource_spans.resource.attributes, "service.name", service)
        span = by_service[service].spans.add(
            trace_id=entry.trace_id, span_id=halves.span_id(entry.half), parent_span_id=halves.parent_span_id(entry)
        )
        try:
            _fill_span(span, entry)
        except MalformedTelemetry as error:
            raise error.within(entry.place) from None
    return request


class _Halves:
    """Which span id each half of one trace's spans gets, and what is beneath what."""

    def __init__(self, entries: list[_Entry]) -> None:
        self._trace_id = entries[0].trace_id
        self._by_shared_id: dict[bytes, list[_Half]] = {}
        for half in dict.fromkeys(entry.half for entry in entries):
            self._by_shared_id.setdefault(half.shared_id, []).append(half)
        for sharing in self._by_shared_id.values():
            sharing.sort(key=_precedence)  # the first keeps the recorded id

    def span_id(self, half: _Half) -> bytes:
        if self._keeps_id(half):
            return half.shared_id
        return derived_span_id(self._trace_id, half.shared_id, Span.SpanKind.Name(half.kind), half.service)

    def parent_span_id(self, entry: _Entry) -> bytes:
        half = entry.half
        first = self._by_shared_id[half.shared_id][0]
        if half.kind in _CALLED_KINDS and first.kind in _CALLING_KINDS:
            return half.shared_id
        if entry.parent_id:
            return self._parent_among_halves(entry.parent_id, half.service)
        return b"" if self._keeps_id(half) else half.shared_id

    def _parent_among_halves(self, parent_id: bytes, service: str) -> bytes:
        """The half in the child's own service, the called one before the calling; else the called half."""
        sharing = self._by_shared_id.get(parent_id, [])
        called = [half for half in sharing if half.kind in _CALLED_KINDS]
        candidates = [half for half in (*called, *sharing[:1]) if half.service == service] or called or sharing
        return self.span_id(candidates[0]) if candidates else parent_id

    def _keeps_id(self, half: _Half) -> bool:
        return self._by_shared_id[half.shared_id][0] == half


def _precedence(half: _Half) -> int:
    return 0 if half.kind in _CALLING_KINDS else 1 if half.kind in _CALLED_KINDS else 2


def _fill_span(span: Span, entry: _Entry) -> None:
    record = entry.record
    span.name = clean_text(get_text(record, "name"))
    span.kind = entry.half.kind
    _fill_events(span, record)
    span.start_time_unix_nano = get_us_as_ns(record, "timestamp")
    if span.start_time_unix_nano == 0 and span.events:
        span.start_time_unix_nano = min(event.time_unix_nano for event in span.events)
    span.end_time_unix_nano = span.start_time_unix_nano + get_us_as_ns(record, "duration")
    _add_endpoint(span, get_object(record, "localEndpoint"), ("network.local",))
    remote = get_object(record, "remoteEndpoint")
    if peer := get_text(remote, "serviceName"):
        add_attribute(span.attributes, "service.peer.name", peer)
    # A server's peer is its client; callers, producers and consumers (whose peer is the broker) face a server.
    role = "client" if span.kind == Span.SPAN_KIND_SERVER else "server"
    _add_endpoint(span, remote, (role, "network.peer"))
    _fill_tags(span, record)


def _fill_events(span: Span, record: JsonObject) -> None:
    for index, annotation in enumerate(get_objects(record, "annotations")):
        try:
            time_ns, name = get_us_as_ns(annotation, "timestamp"), get_text(annotation, "value")
        except MalformedTelemetry as error:
            raise error.within(f"annotations[{index}]") from None
        span.events.add(time_unix_nano=time_ns, name=clean_text(name))


def _add_endpoint(span: Span, endpoint: JsonObject, prefixes: tuple[str, ...]) -> None:
    address = get_text(endpoint, "ipv4") or get_text(endpoint, "ipv6")
    port = get_whole_number(endpoint, "port")
    for prefix in prefixes if address else ():
        add_attribute(span.attributes, f"{prefix}.address", address)
    for prefix in prefixes if port else ():
        add_attribute(span.attributes, f"{prefix}.port", port)


def _fill_tags(span: Span, record: JsonObject) -> None:
    """An `error` tag means an error whatever it says (Zipkin's rule), except "false", which some recorders write."""
    tags = get_object(record, "tags")
    taken = {attribute.key for attribute in span.attributes}
    for key in tags:
        text = get_text(tags, key) if isinstance(tags[key], str | None) else str(tags[key])
        if key == "error" and text.lower() != "false":
            span.status.code = Status.STATUS_CODE_ERROR
            span.status.message = "" if text.lower() == "true" else clean_text(text)
        elif key not in taken:
            add_attribute(span.attributes, key, text)
