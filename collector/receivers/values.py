"""The form in which the store takes attribute values: an AnyValue with exactly one simple field, or empty.

Arrays and maps, which the engine cannot unfold at any depth, become compact JSON text in field 15 of AnyValue, a number
OTLP does not use: `{"a":[1,2.5,null]}`. Inside that text bytes are base64, NaN and infinities are strings.
"""

import base64
import json
import math
from typing import Any

from opentelemetry.proto.common.v1.common_pb2 import AnyValue

from collector.errors import BadRequest
from collector.receivers.loose_schema import STORED_VALUE_FIELD_NUMBER, loose_type
from collector.receivers.signals import NestedTooDeep, parse

MAX_VALUE_DEPTH = 100

# Each level that is taken off copies all below it: 100 levels of 256 KiB are 75 MiB of copies.
_MAX_DEEP_VALUE_BYTES = 2**18

_LENGTH_DELIMITED = 2
_STORED_TAG = bytes([STORED_VALUE_FIELD_NUMBER << 3 | _LENGTH_DELIMITED])
_STRING_TAG = 0x0A


def store_form(value: bytes) -> bytes:
    """A serialised AnyValue in the store's form. Applied twice it changes nothing.

    Raises BadRequest when the bytes are no AnyValue or nest deeper than MAX_VALUE_DEPTH.
    """
    if _is_short_string(value):
        return value
    message = parse(loose_type("AnyValue"), value)
    match message.WhichOneof("value"):
        case "array_value" | "kvlist_value":
            return stored_json(_read(value, depth=1))
        case "string_value_strindex" | None:  # an index into the table of a profile, which these signals do not have
            return b""
    message.DiscardUnknownFields()
    return bytes(message.SerializeToString())


def stored_json(container: object) -> bytes:
    """The serialised AnyValue for a list or dict. Raises UnicodeEncodeError for a string with a lone surrogate."""
    text = json.dumps(container, ensure_ascii=False, separators=(",", ":")).encode()
    return _STORED_TAG + _varint(len(text)) + text


def plain_float(value: float) -> float | str:
    """A float as JSON can hold it: NaN and infinities by name, as protobuf's JSON mapping writes them."""
    if math.isfinite(value):
        return value
    return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def require_depth(depth: int) -> None:
    if depth > MAX_VALUE_DEPTH:
        raise BadRequest(f"an attribute value nests more than {MAX_VALUE_DEPTH} arrays or maps")


def _is_short_string(value: bytes) -> bool:
    """Whether it is a string of under 128 bytes and nothing else: most values are, and that is the store's form."""
    return len(value) >= 2 and value[0] == _STRING_TAG and value[1] < 128 and len(value) == value[1] + 2


def _read(value: bytes, depth: int) -> object:
    """The serialised AnyValue as Python's json module takes it."""
    try:
        return _plain(parse(AnyValue, value), depth)
    except NestedTooDeep:
        return _peel(value, depth)


def _peel(value: bytes, depth: int) -> object:
    """The same for a value that nests deeper than the C parser follows: one level is taken off at a time."""
    require_depth(depth)
    if len(value) > _MAX_DEEP_VALUE_BYTES:
        raise BadRequest(f"an attribute value nests deeply and has more than {_MAX_DEEP_VALUE_BYTES} bytes")
    message = parse(loose_type("AnyValue"), value)
    match message.WhichOneof("value"):
        case "array_value":
            return [_read(v, depth + 1) for v in parse(loose_type("ArrayValue"), message.array_value).values]
        case "kvlist_value":
            entries = parse(loose_type("KeyValueList"), message.kvlist_value).values
            return {entry.key: _read(entry.value, depth + 1) for entry in entries}
    return _plain(message, depth)


def _plain(value: Any, depth: int) -> object:
    kind = value.WhichOneof("value")
    match kind:
        case "array_value":
            require_depth(depth)
            return [_plain(item, depth + 1) for item in value.array_value.values]
        case "kvlist_value":
            require_depth(depth)
            return {entry.key: _plain(entry.value, depth + 1) for entry in value.kvlist_value.values}
        case "bytes_value":
            return base64.b64encode(value.bytes_value).decode()
        case "double_value":
            return plain_float(value.double_value)
        case "string_value" | "bool_value" | "int_value":
            return getattr(value, kind)
    return None


def _varint(number: int) -> bytes:
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    out.append(number)
    return bytes(out)
