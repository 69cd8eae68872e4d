"""Reading loosely typed JSON records: each function checks one field and names it when it is not what it should be.

A missing field and `null` are the same thing: the empty value of the wanted type.
"""

from typing import Any

from collector.formats.errors import MalformedTelemetry

JsonObject = dict[str, Any]

# Half of what OTLP's unsigned 64 bits hold, so that a start plus a duration fits too: until the year 2262.
_MAX_NS = 2**63 - 1
_NS_PER_US = 1_000
_MAX_DIGITS = 20


def as_object(value: object, place: str) -> JsonObject:
    if isinstance(value, dict):
        return value
    raise _unexpected(place, "an object", value)


def get_object(record: JsonObject, key: str) -> JsonObject:
    value = record.get(key)
    return {} if value is None else as_object(value, key)


def get_list(record: JsonObject, key: str) -> list[Any]:
    value = record.get(key)
    if value is None:
        return []
    if isinstance(value, list):
        return value
    raise _unexpected(key, "a list", value)


def get_objects(record: JsonObject, key: str) -> list[JsonObject]:
    return [as_object(item, f"{key}[{index}]") for index, item in enumerate(get_list(record, key))]


def get_text(record: JsonObject, key: str) -> str:
    value = record.get(key)
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    raise _unexpected(key, "text", value)


def get_whole_number(record: JsonObject, key: str) -> int:
    """Also takes the number as decimal text, as recorders write what JavaScript could not hold exactly."""
    value = record.get(key)
    if value is None:
        return 0
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, str) and len(value) <= _MAX_DIGITS and value.removeprefix("-").isdecimal():
        return int(value)
    raise _unexpected(key, "a whole number", value)


def get_us_as_ns(record: JsonObject, key: str) -> int:
    """A time or duration recorded in microseconds, as nanoseconds, never negative."""
    value_ns = get_whole_number(record, key) * _NS_PER_US
    if 0 <= value_ns <= _MAX_NS:
        return value_ns
    raise MalformedTelemetry(key, f"{record[key]} µs is outside of what OTLP can hold")


def _unexpected(place: str, expected: str, value: object) -> MalformedTelemetry:
    shown = repr(value)
    return MalformedTelemetry(place, f"expected {expected}, got {shown if len(shown) <= 60 else shown[:57] + '...'}")
