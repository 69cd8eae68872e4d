"""OTLP/JSON to the protobuf messages.

Protobuf's own JSON reader is not used: it takes ids as base64 where OTLP writes hex, and it stops at a depth of 100.
As OTLP asks, names may be lowerCamelCase or snake_case, enums numbers or names, 64-bit integers strings or numbers,
and unknown names are passed over. An id that is no hex stays in the request as an id of the wrong length, so that only
its record is refused later. Arrays and maps become what the store keeps of them at once (`values.py`).
"""

import base64
import binascii
import json
from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

from collector.errors import BadRequest
from collector.model import Signal
from collector.receivers.signals import PROTOCOLS
from collector.receivers.values import plain_float, require_depth, stored_json

_NO_ID = b"\0"  # no id is one byte long
_ID_FIELDS = {"trace_id", "span_id", "parent_span_id"}


class _Misfit(Exception):
    """A value of the wrong type; the path grows while the exception leaves the nested calls."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.path: list[str] = []

    def inside(self, step: str) -> "_Misfit":
        self.path.insert(0, step)
        return self


class _Field(NamedTuple):
    name: str
    repeated: bool
    message: Any  # its descriptor, or None for a scalar
    scalar: Callable[[object], Any]


def read_json(signal: Signal, text: bytes) -> Message:
    """The export request in `text` (UTF-8). Raises BadRequest that says where: "resourceSpans[0].scopeSpans: ..."."""
    request = PROTOCOLS[signal].request()
    try:
        _fill(request, request.DESCRIPTOR, json.loads(text))
    except _Misfit as misfit:
        where = "".join(misfit.path).lstrip(".") or "body"
        raise BadRequest(f"{where}: {misfit}") from None
    except RecursionError:
        raise BadRequest("body nests JSON too deeply") from None
    except ValueError as error:
        raise BadRequest(f"body is not JSON: {error}") from None
    return request


def _fill(message: Any, descriptor: Any, json_object: object) -> None:
    if descriptor.name == "AnyValue":
        _fill_value(message, json_object)
        return
    fields = _fields(descriptor)
    for key, value in _expect(dict, json_object).items():
        field = fields.get(key)
        if field is None or value is None:
            continue
        try:
            _set(message, field, value)
        except _Misfit as misfit:
            raise misfit.inside(f".{key}") from None


def _set(message: Any, field: _Field, value: object) -> None:
    if field.repeated:
        _extend(getattr(message, field.name), field, _expect(list, value))
    elif field.message is not None:
        child = getattr(message, field.name)
        child.SetInParent()
        _fill(child, field.message, value)
    else:
        _assign(message, field.name, field.scalar(value))


def _extend(repeated: Any, field: _Field, items: list[object]) -> None:
    for index, item in enumerate(items):
        try:
            if field.message is None:
                repeated.append(field.scalar(item))
            else:
                _fill(repeated.add(), field.message, item)
        except _Misfit as misfit:
            raise misfit.inside(f"[{index}]") from None
        except (TypeError, ValueError) as error:
            raise _Misfit(str(error)).inside(f"[{index}]") from None


def _assign(message: Any, name: str, value: object) -> None:
    try:
        setattr(message, name, value)
    except (TypeError, ValueError) as error:  # out of range, or text that UTF-8 cannot hold
        raise _Misfit(str(error)) from None


@cache
def _fields(descriptor: Any) -> dict[str, _Field]:
    """By both spellings of the name."""
    fields = [
        (field, _Field(field.name, field.is_repeated, field.message_type, _scalar_reader(field)))
        for field in descriptor.fields
    ]
    return {name: known for field, known in fields for name in (field.name, field.json_name)}


# --- attribute values ------------------------------------------------------------------------------------------------


def _fill_value(message: Any, json_value: object) -> None:
    kind, content = _member(json_value)
    if kind in ("array_value", "kvlist_value"):
        try:
            message.MergeFromString(stored_json(_plain(kind, content, depth=1)))
        except UnicodeEncodeError as error:
            raise _Misfit(str(error)) from None
    elif kind == "string_value":  # nine values of ten
        _assign(message, kind, _expect(str, content))
    elif kind:
        _set(message, _fields(message.DESCRIPTOR)[kind], content)


def _member(json_value: object) -> tuple[str, object]:
    """Which kind of AnyValue it is ("" when empty) and its content. Of several the last counts, as in protobuf."""
    kind, content = "", None
    for key, value in _expect(dict, json_value).items():
        known = _VALUE_MEMBERS.get(key)
        if known is not None and value is not None:
            kind, content = known, value
    return kind, content


_VALUE_MEMBERS = {
    name: kind
    for kind, camel in {
        "string_value": "stringValue",
        "bool_value": "boolValue",
        "int_value": "intValue",
        "double_value": "doubleValue",
        "array_value": "arrayValue",
        "kvlist_value": "kvlistValue",
        "bytes_value": "bytesValue",
    }.items()
    for name in (kind, camel)
}


def _plain(kind: str, content: object, depth: int) -> object:
    """The content of an AnyValue as it is kept inside an array or a map."""
    match kind:
        case "array_value":
            require_depth(depth)
            return [_plain(*_member(item), depth + 1) for item in _values(content)]
        case "kvlist_value":
            require_depth(depth)
            entries = [_expect(dict, entry) for entry in _values(content)]
            return {
                _expect(str, e.get("key") or ""): _plain(*_member(e.get("value") or {}), depth + 1) for e in entries
            }
        case "string_value":
            return _expect(str, content)
        case "bool_value":
            return _expect(bool, content)
        case "int_value":
            return _read_int64(content)
        case "double_value":
            return plain_float(_read_float(content))
        case "bytes_value":
            return base64.b64encode(_read_bytes(content)).decode()
    return None


def _values(content: object) -> list[Any]:
    items: list[Any] = _expect(list, _expect(dict, content).get("values") or [])
    return items


# --- scalars ---------------------------------------------------------------------------------------------------------


def _scalar_reader(field: Any) -> Callable[[object], Any]:
    match field.cpp_type:
        case FieldDescriptor.CPPTYPE_ENUM:
            numbers = {value.name: value.number for value in field.enum_type.values}
            return lambda value: _read_enum(value, numbers)
        case FieldDescriptor.CPPTYPE_DOUBLE | FieldDescriptor.CPPTYPE_FLOAT:
            return _read_float
        case FieldDescriptor.CPPTYPE_BOOL:
            return lambda value: _expect(bool, value)
        case FieldDescriptor.CPPTYPE_STRING if field.type == FieldDescriptor.TYPE_STRING:
            return lambda value: _expect(str, value)
        case FieldDescriptor.CPPTYPE_STRING:
            return _read_id if field.name in _ID_FIELDS else _read_bytes
    return _read_int


def _read_int(value: object) -> int:
    if isinstance(value, str) and value.isascii() and value.removeprefix("-").isdigit() and len(value) <= 20:
        return int(value)
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise _Misfit(f"expected an integer, got {_shown(value)}")


def _read_int64(value: object) -> int:
    number = _read_int(value)
    if not -(2**63) <= number < 2**63:
        raise _Misfit(f"expected a 64-bit integer, got {_shown(value)}")
    return number


def _read_enum(value: object, numbers: dict[str, int]) -> int:
    number = numbers.get(value) if isinstance(value, str) else None
    return _read_int(value) if number is None else number


def _read_float(value: object) -> float:
    if isinstance(value, int | float | str) and not isinstance(value, bool):
        try:
            return float(value)
        except (ValueError, OverflowError):
            pass
    raise _Misfit(f"expected a number, got {_shown(value)}")


def _read_id(value: object) -> bytes:
    try:
        return binascii.unhexlify(_expect(str, value))
    except ValueError:
        return _NO_ID


def _read_bytes(value: object) -> bytes:
    text = _expect(str, value).replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4), validate=True)
    except ValueError:
        raise _Misfit(f"expected base64, got {_shown(value)}") from None


_JSON_NAMES = {dict: "an object", list: "an array", str: "a string", bool: "true or false"}


def _expect(kind: type[Any], value: object) -> Any:
    if isinstance(value, kind):
        return value
    raise _Misfit(f"expected {_JSON_NAMES[kind]}, got {_shown(value)}")


def _shown(value: object) -> str:
    """The value in the words of JSON, cut short."""
    match value:
        case dict():
            return "an object"
        case list():
            return "an array"
    text = json.dumps(value[:40] if isinstance(value, str) else value)
    return text if len(text) <= 40 else f"{text[:40]}..."
