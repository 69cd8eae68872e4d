"""Protobuf by hand, for bodies that no generated code writes."""

import struct

from otlp_requests import Span, request, span_id, trace_id

START_NS = 1_700_000_000_000_000_000


def varint(number: int) -> bytes:
    """Negative numbers as protobuf has them, in ten bytes."""
    number &= 2**64 - 1
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes([*out, number])


def padded(number: int) -> bytes:
    """A varint of under 128 in three bytes, as some streaming encoders write lengths."""
    return bytes([number | 128, 128, 0])


def number(field: int, value: int) -> bytes:
    return varint(field << 3) + varint(value)


def fixed64(field: int, value: int) -> bytes:
    return varint(field << 3 | 1) + struct.pack("<Q", value)


def fixed32(field: int, value: int) -> bytes:
    return varint(field << 3 | 5) + struct.pack("<I", value)


def part(field: int, content: bytes) -> bytes:
    """A string, bytes or a message."""
    return varint(field << 3 | 2) + varint(len(content)) + content


def group(field: int, content: bytes) -> bytes:
    """What proto2 had before nested messages; a parser passes over it."""
    return varint(field << 3 | 3) + content + varint(field << 3 | 4)


UNKNOWN = {
    "varint": number(200, 7),
    "negative varint": number(200, -1),
    "fixed64": fixed64(200, 7),
    "fixed32": fixed32(200, 7),
    "bytes": part(200, b"xyz"),
    "group": group(200, number(1, 5) + part(2, b"abc")),
    "nested group": group(200, group(3, fixed64(1, 1))),
    "largest field number": number(2**29 - 1, 1),
}


def key_value(key: bytes, value: bytes, more: bytes = b"") -> bytes:
    return part(1, key) + part(2, value) + more


def span_fields(trace: str, extra: bytes = b"") -> bytes:
    """A server span with an attribute, then `extra`."""
    return (
        part(1, trace_id(trace))
        + part(2, span_id("wire"))
        + part(5, b"wire")
        + number(6, 2)
        + fixed64(7, START_NS)
        + fixed64(8, START_NS + 5)
        + part(9, key_value(b"kept", part(1, b"value")))
        + extra
    )


def traces(span: bytes, around: bytes = b"") -> bytes:
    """A request with this span; `around` is added to every message that holds it."""
    resource = part(1, key_value(b"service.name", part(1, b"wire"), around))
    scope_spans = part(1, part(1, b"scope") + around) + part(2, span) + around
    return part(1, part(1, resource + around) + part(2, scope_spans) + around) + around


def good_body(trace: str) -> bytes:
    return request([Span("good", "one", trace=trace, attributes={"n": 5})]).SerializeToString()
