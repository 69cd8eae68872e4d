"""No field of OTLP is dropped: a request with every field filled goes in, and every value is found in the stored rows.

The requests are built from the descriptors of opentelemetry-proto, so that a newer version with one more field fails
here until a column holds it. What is not stored is listed in EXCEPTIONS, with the reason.
"""

import json
import re
from base64 import b64encode
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from typing import Any

import pytest
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue
from otlp_requests import any_value
from store_ways import Way, open_way

from collector.model import Receipt, Signal
from collector.store.schema import SCHEMA_DIR

REQUESTS = {
    Signal.TRACES: ExportTraceServiceRequest,
    Signal.LOGS: ExportLogsServiceRequest,
    Signal.METRICS: ExportMetricsServiceRequest,
}
TABLES = {
    Signal.TRACES: ("otel_traces",),
    Signal.LOGS: ("otel_logs",),
    Signal.METRICS: tuple(
        f"otel_metrics_{kind}" for kind in ("gauge", "sum", "histogram", "exponential_histogram", "summary")
    ),
}
EXCEPTIONS = {
    "KeyValue.key_strindex": "only in profiles: an index into a table that the other signals do not have",
    "AnyValue.string_value_strindex": "only in profiles",
}
STORED_AS = {
    "Span.kind": "Consumer",
    "Status.code": "Error",
    "Span.end_time_unix_nano": "1000001",
    "Sum.is_monotonic": "True",
}
"""Values that a column holds in another form: the kind and status by name, the end of a span as its duration."""

_F = FieldDescriptor
_KEYWORDS = {
    _F.TYPE_STRING: "string",
    _F.TYPE_BYTES: "bytes",
    _F.TYPE_BOOL: "bool",
    _F.TYPE_DOUBLE: "double",
    _F.TYPE_INT32: "int32",
    _F.TYPE_UINT32: "uint32",
    _F.TYPE_SINT32: "sint32",
    _F.TYPE_ENUM: "int32",
    _F.TYPE_INT64: "int64",
    _F.TYPE_UINT64: "uint64",
    _F.TYPE_FIXED64: "fixed64",
    _F.TYPE_SFIXED64: "sfixed64",
    _F.TYPE_FIXED32: "fixed32",
}
_BASE_NS = 1_700_000_000_000_000_000


@pytest.fixture(scope="module")
def way(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Way]:
    with open_way("embedded", tmp_path_factory.mktemp("coverage")) as opened:
        yield opened


@pytest.mark.parametrize("signal", REQUESTS)
def test_the_inbox_reads_every_field(signal: Signal) -> None:
    text = re.sub(r"//.*", "", (SCHEMA_DIR / f"otlp_{signal}.proto").read_text())
    read = dict(re.findall(r"message (\w+) \{(.*?)\}", text, re.DOTALL))
    assert list(_unread(REQUESTS[signal].DESCRIPTOR, "ExportRequest", read)) == []


def _unread(descriptor: Descriptor, message: str, read: dict[str, str]) -> Iterator[str]:
    """The fields of `descriptor` that the inbox's `message` lacks or has with another number or type."""
    fields = {
        name: (bool(repeated), kind, int(number))
        for repeated, kind, name, number in _DECLARATION.findall(read[message])
    }
    for field in descriptor.fields:
        name = f"{descriptor.name}.{field.name}"
        if name in EXCEPTIONS:
            continue
        repeated, kind, number = fields.get(field.name, (False, "", 0))
        is_value = field.message_type is not None and field.message_type.name == "AnyValue"
        expected = "bytes" if is_value else kind if field.message_type else _KEYWORDS[field.type]
        if (repeated, kind, number) != (field.is_repeated, expected, field.number):
            yield f"{name} = {field.number}, read as {kind or 'nothing'} = {number}"
        elif field.message_type and not is_value:
            yield from _unread(field.message_type, kind, read)


_DECLARATION = re.compile(r"(repeated )?(\w+) (\w+) = (\d+);")


@pytest.mark.parametrize("signal", REQUESTS)
def test_every_value_reaches_a_column(way: Way, signal: Signal) -> None:
    request, filler = REQUESTS[signal](), _Filler()
    filler.fill(request)
    assert way.committer.submit(signal, request.SerializeToString()).result(60) == Receipt()
    stored = {table: set(_leaves(_rows(way, table))) for table in TABLES[signal]}
    missing = [
        f"{name}: {text!r} in {table}"
        for table, name, text in filler.expected
        if not any(text in stored[at] for at in _where(table, signal))
    ]
    assert missing == []


def test_every_kind_of_value_is_tried() -> None:
    kinds = {f"AnyValue.{field.name}" for field in AnyValue.DESCRIPTOR.fields}
    assert kinds - set(EXCEPTIONS) == {f"AnyValue.{value.WhichOneof('value')}" for value, _ in _values(1)}


def _where(metric: str, signal: Signal) -> tuple[str, ...]:
    """The tables that must hold a value: that of its metric's kind, or all of the signal's together."""
    return (f"otel_metrics_{metric}",) if metric else TABLES[signal]


def _rows(way: Way, table: str) -> list[Any]:
    found = way.store.query(f"SELECT formatRowNoNewline('JSONEachRow', *) AS row FROM {table}")  # noqa: S608
    return [json.loads(row["row"]) for row in found]


def _leaves(value: Any) -> Iterator[str]:
    """Everything in a row as text, keys of maps and what lies in JSON text too."""
    match value:
        case dict():
            yield from (leaf for item in value.items() for part in item for leaf in _leaves(part))
        case list():
            yield from (leaf for item in value for leaf in _leaves(item))
        case str() if value[:1] in ("[", "{"):
            yield from _leaves(json.loads(value))
        case _:
            yield str(value)


def _values(number: int) -> list[tuple[AnyValue, str]]:
    """A value of each kind, and the text that must be found of it."""
    plain = [
        (number, str(number)),
        (number + 0.25, f"{number}.25"),
        (True, "true"),
        (f"text {number}", f"text {number}"),
    ]
    nested = [([f"item {number}"], f"item {number}"), ({f"inner {number}": 1}, f"inner {number}")]
    data = b"\xff%d" % number
    return [(any_value(value), text) for value, text in [*plain, *nested, (data, b64encode(data).decode())]]


class _Filler:
    """Fills messages with values that occur once; `expected` says (kind of metric or "", field, stored text)."""

    def __init__(self) -> None:
        self._numbers = count(101)
        self._metric = ""
        self.expected: list[tuple[str, str, str]] = []

    def fill(self, message: Message, choice: FieldDescriptor | None = None) -> None:
        """`choice`: which field of the message's oneof to fill, if it has one."""
        if choice is not None and message.DESCRIPTOR.name == "Metric":
            self._metric = choice.name
        for field in message.DESCRIPTOR.fields:
            of_oneof = field.containing_oneof is not None and len(field.containing_oneof.fields) > 1
            if f"{message.DESCRIPTOR.name}.{field.name}" not in EXCEPTIONS and (not of_oneof or field == choice):
                self._fill_field(message, field)

    def _fill_field(self, message: Message, field: FieldDescriptor) -> None:
        kind, held = field.message_type, getattr(message, field.name)
        if kind is None:
            value = self._value(f"{message.DESCRIPTOR.name}.{field.name}", field)
            held.append(value) if field.is_repeated else setattr(message, field.name, value)
        elif kind.name == "KeyValue":
            for value, _ in self._known(message, field):
                held.add(key=self._text(message, field)).value.CopyFrom(value)
        elif kind.name == "AnyValue":
            held.CopyFrom(self._known(message, field)[0][0])
        elif field.is_repeated:
            for choice in _choices(kind):
                self.fill(held.add(), choice)
        else:
            held.SetInParent()
            self.fill(held)

    def _known(self, message: Message, field: FieldDescriptor) -> list[tuple[AnyValue, str]]:
        values = _values(next(self._numbers))
        expected = values[:1] if field.message_type.name == "AnyValue" else values
        self.expected += [(self._metric, f"{message.DESCRIPTOR.name}.{field.name}", text) for _, text in expected]
        return values

    def _text(self, message: Message, field: FieldDescriptor) -> str:
        text = f"key {next(self._numbers)}"
        self.expected.append((self._metric, f"{message.DESCRIPTOR.name}.{field.name}", text))
        return text

    def _value(self, name: str, field: FieldDescriptor) -> Any:
        number = next(self._numbers)
        value: Any = number
        match field.type:
            case _F.TYPE_STRING:
                value = f"text {number}"
            case _F.TYPE_BYTES:
                value = number.to_bytes(16 if name.endswith("trace_id") else 8)
            case _F.TYPE_BOOL:
                value = True
            case _F.TYPE_DOUBLE:
                value = number + 0.5
            case _F.TYPE_ENUM:
                value = max(field.enum_type.values_by_number)
            case _F.TYPE_FIXED64 if name.endswith("_nano"):
                value = _BASE_NS + number + (0 if "start_" in name else 1_000_000)
        self.expected.append((self._metric, name, STORED_AS.get(name, _stored(value, name))))
        return value


def _stored(value: Any, name: str) -> str:
    if name.endswith("_nano"):
        return f"{datetime.fromtimestamp(value // 10**9, UTC):%Y-%m-%d %H:%M:%S}.{value % 10**9:09}"
    return value.hex() if isinstance(value, bytes) else str(value)


def _choices(kind: Descriptor) -> list[FieldDescriptor | None]:
    """The fields of a message's oneof, one of which a message can have; [None] where it has no oneof."""
    return [field for oneof in kind.oneofs if len(oneof.fields) > 1 for field in oneof.fields] or [None]
