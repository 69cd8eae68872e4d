"""OTLP requests for the receiver tests: each factory shows only what matters."""

from typing import Any

from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue
from opentelemetry.proto.logs.v1.logs_pb2 import LogRecord
from opentelemetry.proto.metrics.v1.metrics_pb2 import Exemplar, Metric, NumberDataPoint
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from collector.model import Signal

TRACE_ID = bytes(range(16))
SPAN_ID = bytes(range(8))
START_NS = 1_700_000_000_000_000_000
REQUEST_TYPES = {
    Signal.TRACES: ExportTraceServiceRequest,
    Signal.METRICS: ExportMetricsServiceRequest,
    Signal.LOGS: ExportLogsServiceRequest,
}


def span(**fields: Any) -> Span:
    sound = {
        "trace_id": TRACE_ID,
        "span_id": SPAN_ID,
        "name": "GET /cart",
        "start_time_unix_nano": START_NS,
        "end_time_unix_nano": START_NS + 5_000_000,
    }
    return Span(**(sound | fields))


def log_record(**fields: Any) -> LogRecord:
    return LogRecord(**({"time_unix_nano": START_NS, "body": AnyValue(string_value="hello")} | fields))


def point(**fields: Any) -> NumberDataPoint:
    return NumberDataPoint(**({"time_unix_nano": START_NS, "as_int": 1} | fields))


def exemplar(**fields: Any) -> Exemplar:
    return Exemplar(**({"time_unix_nano": START_NS, "trace_id": TRACE_ID, "span_id": SPAN_ID} | fields))


def attribute(key: str, value: object) -> KeyValue:
    return KeyValue(key=key, value=any_value(value))


def any_value(value: object) -> AnyValue:
    """The AnyValue of a Python value; dicts and lists nest."""
    match value:
        case AnyValue():
            return value
        case bool():
            return AnyValue(bool_value=value)
        case str():
            return AnyValue(string_value=value)
        case int():
            return AnyValue(int_value=value)
        case float():
            return AnyValue(double_value=value)
        case bytes():
            return AnyValue(bytes_value=value)
    message = AnyValue()
    if isinstance(value, dict):
        message.kvlist_value.values.extend([attribute(key, item) for key, item in value.items()])
        message.kvlist_value.SetInParent()
    elif isinstance(value, list):
        message.array_value.values.extend([any_value(item) for item in value])
        message.array_value.SetInParent()
    return message


def traces(*spans: Span, resource: dict[str, object] | None = None) -> ExportTraceServiceRequest:
    request = ExportTraceServiceRequest()
    group = request.resource_spans.add()
    group.resource.attributes.extend(attribute(k, v) for k, v in (resource or {"service.name": "cart"}).items())
    group.scope_spans.add().spans.extend(spans)
    return request


def logs(*records: LogRecord) -> ExportLogsServiceRequest:
    request = ExportLogsServiceRequest()
    request.resource_logs.add().scope_logs.add().log_records.extend(records)
    return request


def metrics(*found: Metric) -> ExportMetricsServiceRequest:
    request = ExportMetricsServiceRequest()
    request.resource_metrics.add().scope_metrics.add().metrics.extend(found)
    return request


def gauge(*points: NumberDataPoint) -> Metric:
    metric = Metric(name="queue.length")
    metric.gauge.data_points.extend(points)
    return metric


def body_of(signal: Signal) -> bytes:
    """A small sound request of the signal."""
    request = {Signal.TRACES: traces(span()), Signal.METRICS: metrics(gauge(point())), Signal.LOGS: logs(log_record())}
    return request[signal].SerializeToString()


def delimited(tag: int, payload: bytes) -> bytes:
    """A length-delimited field on the wire."""
    size, rest = bytearray(), len(payload)
    while rest > 127:
        size.append(rest & 127 | 128)
        rest >>= 7
    return bytes([tag, *size, rest]) + payload


def nested_arrays(depth: int, text: bytes = b"x") -> bytes:
    """The serialised AnyValue `[[...["x"]...]]`."""
    value = delimited(0x0A, text)
    for _ in range(depth):
        value = delimited(0x2A, delimited(0x0A, value))
    return value


def traces_with_raw_value(value: bytes) -> bytes:
    """A request whose only span has the attribute `k` with this serialised AnyValue, valid or not."""
    entry = delimited(0x0A, b"k") + delimited(0x12, value)
    raw_span = span().SerializeToString() + delimited(0x4A, entry)
    return delimited(0x0A, delimited(0x12, delimited(0x12, raw_span)))
