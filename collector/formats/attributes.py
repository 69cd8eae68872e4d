"""Writing OTLP attributes."""

from typing import Protocol

from opentelemetry.proto.common.v1.common_pb2 import KeyValue

AttributeValue = str | bool | int | float | bytes

_MIN_INT64, _MAX_INT64 = -(2**63), 2**63 - 1


class Attributes(Protocol):
    """The repeated attribute field of a resource, span, event or link."""

    def add(self, *, key: str = ...) -> KeyValue: ...


def add_attribute(attributes: Attributes, key: str, value: AttributeValue) -> None:
    """Integers beyond 64 bits become text; lone surrogates, which UTF-8 cannot carry, become question marks."""
    target = attributes.add(key=clean_text(key)).value
    match value:
        case bool():
            target.bool_value = value
        case int() if _MIN_INT64 <= value <= _MAX_INT64:
            target.int_value = value
        case int():
            target.string_value = str(value)
        case float():
            target.double_value = value
        case bytes():
            target.bytes_value = value
        case str():
            target.string_value = clean_text(value)


def clean_text(text: str) -> str:
    return text if text.isascii() else text.encode("utf-8", "replace").decode()
