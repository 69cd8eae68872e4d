"""OTLP as JSON: https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding

Taken alone, in a list, or inside `{"result": …}` as Jaeger's query API v3 answers. Field names may be lowerCamelCase
or snake_case, enums numbers or names, 64-bit numbers text; ids are hexadecimal. Unknown fields are ignored, as OTLP
demands.
"""

import base64
import re
from collections.abc import Iterator
from typing import Any

from google.protobuf.json_format import ParseDict, ParseError
from google.protobuf.message import Message
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans, ScopeSpans, Span

from collector.formats.attributes import Attributes
from collector.formats.errors import MalformedTelemetry
from collector.formats.fields import JsonObject, as_object
from collector.formats.ids import SPAN_ID_BYTES, TRACE_ID_BYTES

RESOURCE_SPANS = ("resourceSpans", "resource_spans")
_SCOPE_SPANS = ("scopeSpans", "scope_spans")
_TRACE_ID = ("traceId", "trace_id")
_SPAN_ID = ("spanId", "span_id")
_PARENT_SPAN_ID = ("parentSpanId", "parent_span_id")
_ATTRIBUTES = ("attributes",)

_SAFE_INT64_DIGITS = 18
# ParseDict wraps its message once for every field on the way down.
_PARSE_ERROR_FIELD = re.compile(r"Failed to parse (\w+) field: ")


def parse(document: object) -> Iterator[ExportTraceServiceRequest]:
    """One request per entry of `resourceSpans`."""
    if isinstance(document, list):
        for index, item in enumerate(document):
            yield from _parse_request(as_object(item, f"[{index}]"), f"[{index}].")
    else:
        yield from _parse_request(as_object(document, ""), "")


def _parse_request(document: JsonObject, place: str) -> Iterator[ExportTraceServiceRequest]:
    if isinstance(document.get("result"), dict):
        document, place = document["result"], f"{place}result."
    for resource_place, resource_spans in _items(document, RESOURCE_SPANS, place):
        request = ExportTraceServiceRequest()
        _fill_resource_spans(request.resource_spans.add(), resource_spans, resource_place)
        yield request


def _fill_resource_spans(target: ResourceSpans, record: JsonObject, place: str) -> None:
    resource = as_object(record.get("resource") or {}, f"{place}.resource")
    _fill(target, {**_without(record, _SCOPE_SPANS), "resource": _without(resource, _ATTRIBUTES)}, place)
    _fill_attributes(target.resource.attributes, resource, f"{place}.resource")
    for scope_place, scope_spans in _items(record, _SCOPE_SPANS, f"{place}."):
        _fill_scope_spans(target.scope_spans.add(), scope_spans, scope_place)


def _fill_scope_spans(target: ScopeSpans, record: JsonObject, place: str) -> None:
    _fill(target, _without(record, ("spans",)), place)
    for span_place, span in _items(record, ("spans",), f"{place}."):
        _fill_span(target.spans.add(), span, span_place)


def _fill_span(target: Span, record: JsonObject, place: str) -> None:
    _fill(target, _with_binary_ids(record, place), place)
    _fill_attributes(target.attributes, record, place)


def _fill_attributes(target: Attributes, record: JsonObject, place: str) -> None:
    for attribute_place, attribute in _items(record, _ATTRIBUTES, f"{place}."):
        _fill_attribute(target.add(), attribute, attribute_place)


def _fill_attribute(target: KeyValue, record: JsonObject, place: str) -> None:
    """Plain text and integers are set directly, everything else by ParseDict.

    Most of a recording is attributes: with ParseDict alone, converting took more than twice as long.
    """
    match record:
        case {"key": str(key), "value": {"stringValue": str(text), **others}} if not others and key.isascii():
            if text.isascii():
                target.key, target.value.string_value = key, text
                return
        case {"key": str(key), "value": {"intValue": str(digits), **others}} if not others and key.isascii():
            if len(digits) <= _SAFE_INT64_DIGITS and digits.isdecimal():
                target.key, target.value.int_value = key, int(digits)
                return
    _fill(target, record, place)


def _with_binary_ids(span: JsonObject, place: str) -> JsonObject:
    """The span as protobuf's own JSON mapping wants it: there, bytes are base64."""
    converted = {
        **_without(span, (*_TRACE_ID, *_SPAN_ID, *_PARENT_SPAN_ID, "links", *_ATTRIBUTES)),
        **_trace_and_span_id(span, place),
        "links": [
            {**_without(link, (*_TRACE_ID, *_SPAN_ID)), **_trace_and_span_id(link, link_place)}
            for link_place, link in _items(span, ("links",), f"{place}.")
        ],
    }
    if _pick(span, _PARENT_SPAN_ID):
        converted["parentSpanId"] = _hex_to_base64(span, _PARENT_SPAN_ID, SPAN_ID_BYTES, place)
    return converted


def _trace_and_span_id(record: JsonObject, place: str) -> JsonObject:
    return {
        "traceId": _hex_to_base64(record, _TRACE_ID, TRACE_ID_BYTES, place),
        "spanId": _hex_to_base64(record, _SPAN_ID, SPAN_ID_BYTES, place),
    }


def _hex_to_base64(record: JsonObject, names: tuple[str, ...], size_bytes: int, place: str) -> str:
    value = _pick(record, names)
    try:
        decoded = bytes.fromhex(value)
    except (TypeError, ValueError):
        decoded = b""
    if len(decoded) != size_bytes:
        raise MalformedTelemetry(f"{place}.{names[0]}", f"expected {2 * size_bytes} hex digits, got {value!r}")
    return base64.b64encode(decoded).decode()


def _items(record: JsonObject, names: tuple[str, ...], place: str) -> Iterator[tuple[str, JsonObject]]:
    """The objects of a list field, each with its place."""
    value = _pick(record, names)
    if value is None:
        return
    if not isinstance(value, list):
        raise MalformedTelemetry(f"{place}{names[0]}", f"expected a list, got {type(value).__name__}")
    for index, item in enumerate(value):
        item_place = f"{place}{names[0]}[{index}]"
        yield item_place, as_object(item, item_place)


def _pick(record: JsonObject, names: tuple[str, ...]) -> Any:
    return next((record[name] for name in names if record.get(name) is not None), None)


def _without(record: JsonObject, names: tuple[str, ...]) -> JsonObject:
    return {key: value for key, value in record.items() if key not in names}


def _fill(target: Message, record: JsonObject, place: str) -> None:
    try:
        ParseDict(record, target, ignore_unknown_fields=True)
    except ParseError as error:
        fields = _PARSE_ERROR_FIELD.findall(str(error))
        reason = _PARSE_ERROR_FIELD.sub("", str(error)).rstrip(".")
        raise MalformedTelemetry(".".join([place, *fields]), reason) from None
    except SystemError:  # what the parser makes of half a surrogate pair where it expects the name of an enum
        raise MalformedTelemetry(place, "text that UTF-8 cannot hold") from None
