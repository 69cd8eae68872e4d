"""Jaeger JSON, as its UI downloads and its HTTP API answers: `{"data": [{"traceID", "spans", "processes"}]}`.

Also a single trace, or a list of traces. What becomes of what follows the OpenTelemetry specification's mapping,
https://opentelemetry.io/docs/specs/otel/trace/sdk_exporters/jaeger/, read backwards.
"""

import base64
import binascii
from collections.abc import Iterator

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, ScopeSpans, Span, Status

from collector.formats.attributes import Attributes, AttributeValue, add_attribute, clean_text
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
from collector.formats.ids import to_parent_id, to_span_id, to_trace_id

_KINDS = {
    "internal": Span.SPAN_KIND_INTERNAL,
    "server": Span.SPAN_KIND_SERVER,
    "client": Span.SPAN_KIND_CLIENT,
    "producer": Span.SPAN_KIND_PRODUCER,
    "consumer": Span.SPAN_KIND_CONSUMER,
}
_STATUS_CODES = {"OK": Status.STATUS_CODE_OK, "ERROR": Status.STATUS_CODE_ERROR, "UNSET": Status.STATUS_CODE_UNSET}
_PROCESS_TAGS = {"hostname": "host.name", "client-uuid": "service.instance.id"}
_SCOPE_NAME_TAGS = ("otel.scope.name", "otel.library.name")
_SCOPE_VERSION_TAGS = ("otel.scope.version", "otel.library.version")
_SAMPLED_FLAG = 0x01


def parse(document: object) -> Iterator[ExportTraceServiceRequest]:
    """One request per trace."""
    for place, trace in _traces(document):
        yield _convert_trace(trace, place)


def _traces(document: object) -> Iterator[tuple[str, JsonObject]]:
    if isinstance(document, list):
        yield from ((f"[{index}]", as_object(trace, f"[{index}]")) for index, trace in enumerate(document))
        return
    wrapper = as_object(document, "")
    if "spans" in wrapper:
        yield "", wrapper
        return
    yield from ((f"data[{index}]", trace) for index, trace in enumerate(get_objects(wrapper, "data")))


def _convert_trace(trace: JsonObject, place: str) -> ExportTraceServiceRequest:
    request = ExportTraceServiceRequest()
    by_process: dict[str, ResourceSpans] = {}
    by_scope: dict[tuple[str, str, str], ScopeSpans] = {}
    span_place = ""
    try:
        processes = get_object(trace, "processes")
        for index, record in enumerate(get_objects(trace, "spans")):
            span_place = f"spans[{index}]"
            process_id = get_text(record, "processID")
            if "process" in record:  # as in stored spans, each with its own copy
                process_id = repr(record["process"])
            if process_id not in by_process:
                by_process[process_id] = request.resource_spans.add()
                _fill_resource(by_process[process_id].resource, _process(record, processes, process_id))
            tags = _tags(record, "tags")
            scope_key = (process_id, _take_text(tags, _SCOPE_NAME_TAGS), _take_text(tags, _SCOPE_VERSION_TAGS))
            if scope_key not in by_scope:
                by_scope[scope_key] = by_process[process_id].scope_spans.add()
                by_scope[scope_key].scope.name, by_scope[scope_key].scope.version = scope_key[1:]
            _fill_span(by_scope[scope_key].spans.add(), record, tags)
    except MalformedTelemetry as error:
        error = error.within(span_place) if span_place else error
        raise (error.within(place) if place else error) from None
    return request


def _process(record: JsonObject, processes: JsonObject, process_id: str) -> JsonObject:
    if "process" in record:
        return get_object(record, "process")
    if process_id in processes:
        return get_object(processes, process_id)
    raise MalformedTelemetry("processID", f"{process_id!r} is not among the trace's processes")


def _fill_resource(resource: Resource, process: JsonObject) -> None:
    service = get_text(process, "serviceName")
    if service:
        add_attribute(resource.attributes, "service.name", service)
    for key, value in _tags(process, "tags").items():
        add_attribute(resource.attributes, _PROCESS_TAGS.get(key, key), value)


def _fill_span(span: Span, record: JsonObject, tags: dict[str, AttributeValue]) -> None:
    span.trace_id = to_trace_id(_required_text(record, "traceID"))
    span.span_id = to_span_id(_required_text(record, "spanID"))
    span.name = clean_text(get_text(record, "operationName"))
    span.flags = get_whole_number(record, "flags") & _SAMPLED_FLAG
    span.start_time_unix_nano = get_us_as_ns(record, "startTime")
    span.end_time_unix_nano = span.start_time_unix_nano + get_us_as_ns(record, "duration")
    _fill_parent_and_links(span, record)
    _fill_events(span, record)
    span.kind = _take_kind(tags)
    span.trace_state = _take_text(tags, ("w3c.tracestate",))
    _fill_status(span.status, tags)
    _add_all(span.attributes, tags)


def _fill_parent_and_links(span: Span, record: JsonObject) -> None:
    """The first CHILD_OF within the trace is the parent, else the first FOLLOWS_FROM within it; the rest are links."""
    references = get_objects(record, "references")
    own_trace = get_text(record, "traceID")
    local = [ref for ref in references if get_text(ref, "traceID") == own_trace]
    parent = next((ref for ref in local if ref.get("refType") == "CHILD_OF"), local[0] if local else None)
    for reference in references:
        span_id = _required_text(reference, "spanID")
        if reference is parent:
            span.parent_span_id = to_parent_id(span_id)
            continue
        trace_id = to_trace_id(_required_text(reference, "traceID"))
        link = span.links.add(trace_id=trace_id, span_id=to_span_id(span_id))
        add_attribute(link.attributes, "opentracing.ref_type", get_text(reference, "refType").lower())
    if parent is None:
        span.parent_span_id = to_parent_id(get_text(record, "parentSpanID"))


def _fill_events(span: Span, record: JsonObject) -> None:
    for index, log in enumerate(get_objects(record, "logs")):
        try:
            fields = _tags(log, "fields")
            event = span.events.add(time_unix_nano=get_us_as_ns(log, "timestamp"))
        except MalformedTelemetry as error:
            raise error.within(f"logs[{index}]") from None
        event.name = _take_text(fields, ("event",)) or "log"
        _add_all(event.attributes, fields)


def _take_kind(tags: dict[str, AttributeValue]) -> Span.SpanKind.ValueType:
    kind = _KINDS.get(str(tags.get("span.kind", "")).lower())
    if kind is None:
        return Span.SPAN_KIND_UNSPECIFIED
    del tags["span.kind"]
    return kind


def _fill_status(status: Status, tags: dict[str, AttributeValue]) -> None:
    """`error` counts when it is true; other text in it (a class, a side) describes something and stays a tag."""
    if str(tags.get("error", "")).lower() == "true":
        del tags["error"]
        status.code = Status.STATUS_CODE_ERROR
    code = _STATUS_CODES.get(str(tags.get("otel.status_code", "")).upper())
    if code is not None:
        del tags["otel.status_code"]
        status.code = code
    status.message = _take_text(tags, ("otel.status_description",))


def _tags(record: JsonObject, key: str) -> dict[str, AttributeValue]:
    """Typed values by key. A repeated key keeps its last value: OTLP wants keys to be unique."""
    tags: dict[str, AttributeValue] = {}
    for index, tag in enumerate(get_objects(record, key)):
        name = tag.get("key")
        if not isinstance(name, str):
            raise MalformedTelemetry(f"{key}[{index}].key", f"expected text, got {name!r}")
        tags[name] = _typed(tag.get("type"), tag.get("value"))
    return tags


def _typed(declared: object, value: object) -> AttributeValue:
    """The value in the declared type. Recorders write large numbers as text; what does not fit its type stays text."""
    try:
        match declared, value:
            case "int64", str():
                return int(value)
            case "float64", str() | int() if not isinstance(value, bool):
                return float(value)
            case "bool", str() if value.lower() in ("true", "false"):
                return value.lower() == "true"
            case "binary", str():
                return base64.b64decode(value, validate=True)
            case "string", bool() | int() | float():
                return str(value).lower() if isinstance(value, bool) else str(value)
    except (ValueError, OverflowError, binascii.Error):
        return str(value)
    return value if isinstance(value, str | bool | int | float) else "" if value is None else str(value)


def _take_text(tags: dict[str, AttributeValue], keys: tuple[str, ...]) -> str:
    """Removes the keys; the first that is there gives the text."""
    found = [str(tags.pop(key)) for key in keys if key in tags]
    return clean_text(found[0]) if found else ""


def _required_text(record: JsonObject, key: str) -> str:
    text = get_text(record, key)
    if not text:
        raise MalformedTelemetry(key, "missing")
    return text


def _add_all(attributes: Attributes, values: dict[str, AttributeValue]) -> None:
    for key, value in values.items():
        add_attribute(attributes, key, value)
