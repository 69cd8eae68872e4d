"""JSON documents of any kind of traces: decoded with the place of what is wrong, recognised by their content."""

import json
from collections.abc import Callable, Iterator

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from collector.formats import jaeger, otlp_json, zipkin
from collector.formats.errors import MalformedTelemetry, NotTelemetry

PARSERS: dict[str, Callable[[object], Iterator[ExportTraceServiceRequest]]] = {
    "OTLP JSON": otlp_json.parse,
    "Jaeger": jaeger.parse,
    "Zipkin": zipkin.parse,
}
BOM = b"\xef\xbb\xbf"
_OTHER_SIGNALS = {"resourceMetrics": "metrics", "resourceLogs": "logs", "resourceProfiles": "profiles"}


def recognise(document: object) -> str:
    """The document's format, a key of `PARSERS`. Raises NotTelemetry, which says what it is instead."""
    name = json_format(document)
    if name is None:
        keys = document if isinstance(document, dict) else {}
        signals = [signal for key, signal in _OTHER_SIGNALS.items() if key in keys]
        raise NotTelemetry(
            f"OTLP {signals[0]}, only traces are loaded" if signals else "JSON, but neither OTLP nor Jaeger nor Zipkin"
        )
    return name


def json_format(document: object) -> str | None:
    """`OTLP JSON`, `Jaeger` or `Zipkin`; None for any other document. `[]` is how Zipkin answers for no traces."""
    match document:
        case {"resourceSpans": _} | {"resource_spans": _} | {"result": {"resourceSpans": _} | {"resource_spans": _}}:
            return "OTLP JSON"
        case {"data": [{"spans": _}, *_]} | {"data": [] | None, "errors": _}:
            return "Jaeger"
        case {"spans": list(), "traceID": _} | [{"spans": list(), "traceID": _}, *_]:
            return "Jaeger"
        case [] | [[], *_] | [[{"traceId": _, "id": _}, *_], *_] | [{"traceId": _, "id": _}, *_]:
            return "Zipkin"
        case [dict() as first, *_] if json_format(first) == "OTLP JSON":
            return "OTLP JSON"
    return None


def decoded_json(data: bytes, first_line: int = 1) -> object:
    """`first_line` is the number, from 1, of the line at which `data` begins in its file. Raises MalformedTelemetry."""
    try:
        return json.loads(decoded_text(data))
    except json.JSONDecodeError as error:
        raise MalformedTelemetry(f"line {first_line + error.lineno - 1} column {error.colno}", error.msg) from None
    except RecursionError:
        raise MalformedTelemetry(f"line {first_line}", "nested too deeply") from None
    except ValueError as error:  # a number with thousands of digits
        raise MalformedTelemetry(f"line {first_line}", str(error)) from None


def decoded_text(data: bytes) -> str:
    try:
        return data.removeprefix(BOM).decode()
    except UnicodeDecodeError as error:
        raise MalformedTelemetry(f"offset {error.start}", f"not UTF-8 ({error.reason})") from None
