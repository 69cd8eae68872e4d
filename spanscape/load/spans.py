"""Walking over the spans of a request."""

from collections.abc import Iterator

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.resource.v1.resource_pb2 import Resource
from opentelemetry.proto.trace.v1.trace_pb2 import Span

UNKNOWN_SERVICE = "unknown_service"


def each_span(request: ExportTraceServiceRequest) -> Iterator[tuple[str, Span]]:
    """Every span with its service's name; `unknown_service` where the resource has none."""
    for resource_spans in request.resource_spans:
        service = service_name(resource_spans.resource)
        for scope_spans in resource_spans.scope_spans:
            for span in scope_spans.spans:
                yield service, span


def count_spans(request: ExportTraceServiceRequest) -> int:
    return sum(len(scope.spans) for resource in request.resource_spans for scope in resource.scope_spans)


def service_name(resource: Resource) -> str:
    names = (item.value.string_value for item in resource.attributes if item.key == "service.name")
    return next(names, "") or UNKNOWN_SERVICE
