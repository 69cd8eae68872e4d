"""Small recordings in each format, made here."""

import json
from typing import Any

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

START_NS = 1_600_000_000_000_000_000


def otlp(
    spans: int = 1, service: str = "orders", first: int = 1, start_ns: int = START_NS
) -> ExportTraceServiceRequest:
    """A trace per span, numbered from `first`; each span lasts 1 µs and starts 1 µs after the one before."""
    request = ExportTraceServiceRequest()
    resource_spans = request.resource_spans.add(schema_url="r")
    resource_spans.resource.attributes.add(key="service.name").value.string_value = service
    scope_spans = resource_spans.scope_spans.add(schema_url="s")
    scope_spans.scope.name = "scope"
    for number in range(first, first + spans):
        scope_spans.spans.add(
            trace_id=number.to_bytes(16, "big"),
            span_id=number.to_bytes(8, "big"),
            name=f"span {number}",
            start_time_unix_nano=start_ns + 1_000 * (number - first),
            end_time_unix_nano=start_ns + 1_000 * (number - first + 1),
        )
    return request


def otlp_json(number: int = 1) -> dict[str, Any]:
    span = {"traceId": f"{number:032x}", "spanId": f"{number:016x}", "name": f"span {number}"}
    return {"resourceSpans": [{"scopeSpans": [{"spans": [span]}]}]}


def jaeger(number: int = 1) -> dict[str, Any]:
    span = {"traceID": f"{number:x}", "spanID": f"{number:x}", "processID": "p1", "startTime": 5, "duration": 1}
    return {"data": [{"traceID": f"{number:x}", "spans": [span], "processes": {"p1": {"serviceName": "orders"}}}]}


def zipkin(number: int = 1) -> list[dict[str, Any]]:
    return [{"traceId": f"{number:x}", "id": f"{number:x}", "timestamp": 5, "localEndpoint": {"serviceName": "orders"}}]


def text(document: object, indent: int | None = None) -> bytes:
    return json.dumps(document, indent=indent).encode()
