"""The OpenTelemetry SDK's own exporters against the receivers."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import grpc
import pytest
from opentelemetry.exporter.otlp.proto.grpc._log_exporter import OTLPLogExporter as GrpcLogExporter
from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import OTLPMetricExporter as GrpcMetricExporter
from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter as GrpcSpanExporter
from opentelemetry.exporter.otlp.proto.http import Compression
from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter as HttpLogExporter
from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter as HttpMetricExporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter as HttpSpanExporter
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import SimpleLogRecordProcessor
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from receiver_data import REQUEST_TYPES
from receiver_servers import RecordingSink, serving_grpc, serving_http

from collector.errors import Unavailable
from collector.model import Signal
from collector.receivers.normalise import normalise
from collector.receivers.signals import PROTOCOLS

RESOURCE = Resource.create({"service.name": "cart"})
NewExporter = Callable[[Signal], Any]

HTTP_EXPORTERS: dict[Signal, Any] = {
    Signal.TRACES: HttpSpanExporter,
    Signal.METRICS: HttpMetricExporter,
    Signal.LOGS: HttpLogExporter,
}
GRPC_EXPORTERS: dict[Signal, Any] = {
    Signal.TRACES: GrpcSpanExporter,
    Signal.METRICS: GrpcMetricExporter,
    Signal.LOGS: GrpcLogExporter,
}


@contextmanager
def _http(sink: RecordingSink, compression: Any) -> Iterator[NewExporter]:
    with serving_http(sink) as url:
        yield lambda signal: HTTP_EXPORTERS[signal](
            endpoint=url + PROTOCOLS[signal].http_path, compression=compression, timeout=60
        )


@contextmanager
def _grpc(sink: RecordingSink, compression: Any) -> Iterator[NewExporter]:
    with serving_grpc(sink) as target:
        yield lambda signal: GRPC_EXPORTERS[signal](endpoint=target, insecure=True, compression=compression, timeout=60)


TRANSPORTS = {
    "http": (_http, Compression.NoCompression),
    "http gzip": (_http, Compression.Gzip),
    "http deflate": (_http, Compression.Deflate),
    "grpc": (_grpc, grpc.Compression.NoCompression),
    "grpc gzip": (_grpc, grpc.Compression.Gzip),
}


@pytest.fixture(params=TRANSPORTS)
def exporter(sink: RecordingSink, request: pytest.FixtureRequest) -> Iterator[NewExporter]:
    connect, compression = TRANSPORTS[request.param]
    with connect(sink, compression) as new_exporter:
        yield new_exporter


def _received(sink: RecordingSink, signal: Signal) -> Any:
    [(submitted, body)] = sink.submitted
    assert submitted is signal
    assert normalise(signal, body).refused == 0
    return REQUEST_TYPES[signal].FromString(body)


def test_spans_arrive(sink: RecordingSink, exporter: NewExporter) -> None:
    provider = TracerProvider(resource=RESOURCE, shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter(Signal.TRACES)))
    with provider.get_tracer("test").start_as_current_span("GET /cart", attributes={"items": [1, 2]}) as active:
        active.add_event("loaded")
    provider.shutdown()
    [span] = _received(sink, Signal.TRACES).resource_spans[0].scope_spans[0].spans
    assert (span.name, span.trace_id.hex()) == ("GET /cart", f"{active.get_span_context().trace_id:032x}")


def test_metrics_arrive(sink: RecordingSink, exporter: NewExporter) -> None:
    reader = PeriodicExportingMetricReader(exporter(Signal.METRICS), export_interval_millis=3_600_000)
    provider = MeterProvider([reader], resource=RESOURCE, shutdown_on_exit=False)
    provider.get_meter("test").create_counter("orders").add(3, {"kind": "web"})
    provider.shutdown()
    [metric] = _received(sink, Signal.METRICS).resource_metrics[0].scope_metrics[0].metrics
    assert (metric.name, metric.sum.data_points[0].as_int) == ("orders", 3)


def test_logs_arrive(sink: RecordingSink, exporter: NewExporter) -> None:
    provider = LoggerProvider(resource=RESOURCE, shutdown_on_exit=False)
    provider.add_log_record_processor(SimpleLogRecordProcessor(exporter(Signal.LOGS)))
    provider.get_logger("test").emit(timestamp=1, body={"user": {"id": 7}}, attributes={"n": 1})
    provider.shutdown()
    [record] = _received(sink, Signal.LOGS).resource_logs[0].scope_logs[0].log_records
    assert record.body.kvlist_value.values[0].key == "user"


def test_an_exporter_comes_back_when_the_collector_was_busy(sink: RecordingSink, exporter: NewExporter) -> None:
    busy = [Unavailable("the queue is full", retry_after_s=0)]
    original = sink.submit

    def submit(signal: Signal, body: bytes) -> Any:
        if busy:
            raise busy.pop()
        return original(signal, body)

    sink.submit = submit  # type: ignore[method-assign]
    test_spans_arrive(sink, exporter)
    assert busy == []
