"""Small OTLP metric and log requests for tests, sent as real requests."""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from otlp_requests import key_values

DELTA, CUMULATIVE = 1, 2


@dataclass(frozen=True)
class Point:
    metric: str
    value: float
    attributes: dict[str, Any] = field(default_factory=dict)
    kind: str = "gauge"
    """gauge, counter (monotonic), updown (non-monotonic sum) or histogram (the value is its count)."""
    at_ns: int = 0
    start_ns: int = 0
    temporality: int = CUMULATIVE
    unit: str = "1"


def metrics(
    service: str, points: Iterable[Point], instance: str = "i1", scope: str = "", **resource: str
) -> ExportMetricsServiceRequest:
    """One export request of one process; points without a time are of now."""
    message = ExportMetricsServiceRequest()
    about = message.resource_metrics.add()
    names = {"service.name": service, "service.instance.id": instance, **resource}
    about.resource.attributes.extend(key_values(names))
    in_scope = about.scope_metrics.add()
    in_scope.scope.name = scope
    for point in points:
        metric = in_scope.metrics.add(name=point.metric, unit=point.unit)
        one: Any
        if point.kind == "gauge":
            one = metric.gauge.data_points.add(as_double=point.value)
        elif point.kind == "histogram":
            one = metric.histogram.data_points.add(count=int(point.value), sum=point.value)
            metric.histogram.aggregation_temporality = point.temporality  # type: ignore[assignment]
        else:
            one = metric.sum.data_points.add(as_double=point.value)
            metric.sum.aggregation_temporality = point.temporality  # type: ignore[assignment]
            metric.sum.is_monotonic = point.kind == "counter"
        one.time_unix_nano = point.at_ns or time.time_ns()
        one.start_time_unix_nano = point.start_ns
        one.attributes.extend(key_values(point.attributes))
    return message


@dataclass(frozen=True)
class Record:
    body: str = ""
    event: str = ""
    attributes: dict[str, Any] = field(default_factory=dict)
    at_ns: int = 0
    trace_id: bytes = b""
    span_id: bytes = b""
    severity: int = 0


def logs(
    service: str, records: Iterable[Record], instance: str = "i1", scope: str = "", **resource: str
) -> ExportLogsServiceRequest:
    message = ExportLogsServiceRequest()
    about = message.resource_logs.add()
    names = {"service.name": service, "service.instance.id": instance, **resource}
    about.resource.attributes.extend(key_values(names))
    in_scope = about.scope_logs.add()
    in_scope.scope.name = scope
    for record in records:
        one = in_scope.log_records.add(event_name=record.event, trace_id=record.trace_id, span_id=record.span_id)
        one.time_unix_nano = record.at_ns or time.time_ns()
        one.body.string_value = record.body
        one.severity_number = record.severity  # type: ignore[assignment]
        one.attributes.extend(key_values(record.attributes))
    return message
