"""What differs between traces, metrics and logs on the wire, as one table."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from google.protobuf.message import DecodeError, Message
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest, ExportLogsServiceResponse
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import (
    ExportMetricsServiceRequest,
    ExportMetricsServiceResponse,
)
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

from collector.errors import BadRequest
from collector.model import Signal


@dataclass(frozen=True, slots=True)
class SignalProtocol:
    """Names and messages of one signal. `noun` is what partial_success counts, in the singular."""

    request: type[Message]
    response: type[Message]
    http_path: str
    grpc_service: str
    noun: str
    rejected_field: str
    resource_groups: str
    scope_groups: str
    records: str


PROTOCOLS: Mapping[Signal, SignalProtocol] = MappingProxyType(
    {
        Signal.TRACES: SignalProtocol(
            request=ExportTraceServiceRequest,
            response=ExportTraceServiceResponse,
            http_path="/v1/traces",
            grpc_service="opentelemetry.proto.collector.trace.v1.TraceService",
            noun="span",
            rejected_field="rejected_spans",
            resource_groups="resource_spans",
            scope_groups="scope_spans",
            records="spans",
        ),
        Signal.METRICS: SignalProtocol(
            request=ExportMetricsServiceRequest,
            response=ExportMetricsServiceResponse,
            http_path="/v1/metrics",
            grpc_service="opentelemetry.proto.collector.metrics.v1.MetricsService",
            noun="data point",
            rejected_field="rejected_data_points",
            resource_groups="resource_metrics",
            scope_groups="scope_metrics",
            records="metrics",
        ),
        Signal.LOGS: SignalProtocol(
            request=ExportLogsServiceRequest,
            response=ExportLogsServiceResponse,
            http_path="/v1/logs",
            grpc_service="opentelemetry.proto.collector.logs.v1.LogsService",
            noun="log record",
            rejected_field="rejected_log_records",
            resource_groups="resource_logs",
            scope_groups="scope_logs",
            records="log_records",
        ),
    }
)


class NestedTooDeep(BadRequest):
    """The body may be a good request, but its messages nest deeper than the C parser follows (100)."""


def parse_request(signal: Signal, body: bytes) -> Message:
    """The request in `body`. Raises NestedTooDeep, or BadRequest when it is no serialised request of this signal."""
    request: Message = parse(PROTOCOLS[signal].request, body)
    return request


def parse(message_type: type[Message], body: bytes) -> Any:
    """The message in `body`, with the errors of parse_request."""
    try:
        return message_type.FromString(body)
    except DecodeError as error:
        problem = str(error)
    if "MaxDepth" in problem:  # the parser has one exception for everything; a test sends 50 nested arrays to hold this
        raise NestedTooDeep(f"body nests messages too deeply for {message_type.DESCRIPTOR.name}")
    raise BadRequest(f"body is not a valid {message_type.DESCRIPTOR.name}: {problem.rpartition(': ')[2]}")


def scope_groups(signal: Signal, request: Message) -> Iterator[tuple[Any, Any]]:
    """Each (ResourceSpans, ScopeSpans) of the request, or what the signal calls them."""
    protocol = PROTOCOLS[signal]
    for resource_group in getattr(request, protocol.resource_groups):
        for scope_group in getattr(resource_group, protocol.scope_groups):
            yield resource_group, scope_group


def holds_nothing(signal: Signal, request: Message) -> bool:
    """Whether there is no span, metric or log record in the request. It looks no further than the first."""
    records = PROTOCOLS[signal].records
    return not any(getattr(scope_group, records) for _, scope_group in scope_groups(signal, request))
