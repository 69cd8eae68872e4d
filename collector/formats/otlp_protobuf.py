"""OTLP as protobuf: an `ExportTraceServiceRequest`, or a `TracesData`, which is the same on the wire.

Requests that were appended to one another are one request on the wire, so such files need no special case.
"""

from collections.abc import Iterator

from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import ResourceSpans

from collector.formats.errors import MalformedTelemetry
from collector.formats.ids import SPAN_ID_BYTES, TRACE_ID_BYTES

_RESOURCE_SPANS_TAG = 0x0A
# First bytes that can follow inside a ResourceSpans: its resource, scope_spans or schema_url.
_INNER_TAGS = frozenset((0x0A, 0x12, 0x1A))


def looks_like(head: bytes) -> bool:
    """Whether the first bytes of a file can begin an OTLP request. Cheap; `parse` has the last word."""
    if len(head) < 3 or head[0] != _RESOURCE_SPANS_TAG:
        return False
    try:
        length, start = _read_length(head, 1)
    except MalformedTelemetry:
        return False
    return length == 0 or (start < len(head) and head[start] in _INNER_TAGS)


def parse(data: bytes) -> Iterator[ExportTraceServiceRequest]:
    """One request per ResourceSpans, so that a fault can be placed at a byte offset."""
    offset, index = 0, 0
    while offset < len(data):
        place = f"offset {offset}: resource_spans[{index}]"
        if data[offset] != _RESOURCE_SPANS_TAG:
            raise MalformedTelemetry(f"offset {offset}", f"expected resource_spans (0x0a), got 0x{data[offset]:02x}")
        length, start = _read_length(data, offset + 1)
        offset = start + length
        if offset > len(data):
            raise MalformedTelemetry(place, f"cut off: {length} bytes announced, {len(data) - start} are there")
        yield _parse_resource_spans(data[start:offset], place)
        index += 1


def _parse_resource_spans(chunk: bytes, place: str) -> ExportTraceServiceRequest:
    try:
        resource_spans = ResourceSpans.FromString(chunk)
    except DecodeError as error:
        raise MalformedTelemetry(place, f"not an OTLP ResourceSpans ({error})") from None
    for scope_index, scope_spans in enumerate(resource_spans.scope_spans):
        for span_index, span in enumerate(scope_spans.spans):
            if len(span.trace_id) != TRACE_ID_BYTES or len(span.span_id) != SPAN_ID_BYTES:
                sizes = f"{len(span.trace_id)} and {len(span.span_id)}"
                raise MalformedTelemetry(
                    f"{place}.scope_spans[{scope_index}].spans[{span_index}]",
                    f"expected ids of 16 and 8 bytes, got {sizes}: not trace data?",
                )
    return ExportTraceServiceRequest(resource_spans=[resource_spans])


def _read_length(data: bytes, offset: int) -> tuple[int, int]:
    """The varint at `offset` and the offset behind it."""
    value, shift = 0, 0
    for position in range(offset, min(offset + 10, len(data))):
        value |= (data[position] & 0x7F) << shift
        if data[position] < 0x80:
            return value, position + 1
        shift += 7
    raise MalformedTelemetry(f"offset {offset}", "expected a length")
