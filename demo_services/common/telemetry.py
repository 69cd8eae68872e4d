"""Sets up traces, metrics and logs, once per process, in main().

Calls to peers are instrumented here; what only some processes have, its own module instruments: requests served in
`serving.py`, the database in `database.py`, Redis in `cache.py`. Nobody imports a framework just to instrument it.
"""

import copy
import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from opentelemetry import baggage, metrics, trace
from opentelemetry._logs import set_logger_provider
from opentelemetry.context import Context
from opentelemetry.instrumentation.requests import RequestsInstrumentor
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor, LogRecordExporter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import MetricExporter, PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, Span, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased

from demo_services.common.logs import start_logging
from demo_services.common.peers import describe_client_span
from demo_services.common.settings import ServiceSettings
from demo_services.services import NAMESPACE, REPORTING, SHOPPER, version_of

_SCHEDULE_DELAY_MS = 500  # the default of 5 s would make a live map lag
_EXPORT_TIMEOUT_S = 5  # covers two retries: a collector that restarts quickly costs no spans
_FLUSH_TIMEOUT_S = 2.0
BAGGAGE_KEYS = ("shop.journey", "shop.user.id")
"""Baggage that callers send along and every span carries as attributes."""


@dataclass
class _TelemetryClock:
    """How far the clock of this process's spans is off: a fault of the demo's."""

    skew_ns: int = 0


telemetry_clock = _TelemetryClock()


@dataclass(frozen=True)
class _Exporters:
    spans: SpanExporter
    metrics: MetricExporter
    logs: LogRecordExporter


@dataclass(frozen=True)
class Telemetry:
    """What has been set up. `flush` waits at most two seconds for what is queued."""

    tracers: TracerProvider
    meters: MeterProvider
    loggers: LoggerProvider

    def flush(self) -> None:
        _all_at_once(self.tracers.force_flush, self.meters.force_flush, self.loggers.force_flush)

    def shut_down(self) -> None:
        _all_at_once(self.tracers.shutdown, self.meters.shutdown, self.loggers.shutdown)


@contextmanager
def telemetry(name: str, settings: ServiceSettings) -> Iterator[Telemetry]:
    """Reports as service `name` while the block runs. What is still queued at its end gets two seconds to leave;
    an absent collector never delays or fails a request, because exporting happens on threads of its own.
    """
    os.environ.setdefault("OTEL_SEMCONV_STABILITY_OPT_IN", "http,database")  # read when instrumentation starts
    resource = _resource(name, settings)
    exporters = _http_exporters(settings) if settings.otlp_protocol == "http/protobuf" else _grpc_exporters(settings)
    tracers = _tracers(resource, exporters.spans, settings)
    interval_ms = settings.metrics_interval_s * 1e3
    reader = PeriodicExportingMetricReader(exporters.metrics, export_interval_millis=interval_ms)
    meters = MeterProvider(resource=resource, metric_readers=[reader], shutdown_on_exit=False)
    loggers = LoggerProvider(resource=resource, shutdown_on_exit=False)
    loggers.add_log_record_processor(BatchLogRecordProcessor(exporters.logs, schedule_delay_millis=_SCHEDULE_DELAY_MS))
    set_logger_provider(loggers)
    reports = name in REPORTING or name == SHOPPER
    start_logging(loggers if reports else None)
    if reports:
        trace.set_tracer_provider(tracers)
        metrics.set_meter_provider(meters)
        RequestsInstrumentor().instrument(request_hook=describe_client_span)
    ready = Telemetry(tracers, meters, loggers)
    try:
        yield ready
    finally:
        ready.shut_down()


def instance_of(name: str, settings: ServiceSettings) -> str:
    return settings.instance or f"{name}-{settings.container_name or os.getpid()}"


def release_of(name: str, settings: ServiceSettings) -> str:
    return settings.version or version_of(name)


def _resource(name: str, settings: ServiceSettings) -> Resource:
    return Resource.create(
        {
            "service.name": name,
            "service.namespace": NAMESPACE,
            "service.version": release_of(name, settings),
            "service.instance.id": instance_of(name, settings),
            "deployment.environment.name": settings.environment,
        }
    )


def _tracers(resource: Resource, exporter: SpanExporter, settings: ServiceSettings) -> TracerProvider:
    tracers = TracerProvider(
        resource=resource, sampler=ParentBased(TraceIdRatioBased(settings.sample_ratio)), shutdown_on_exit=False
    )
    tracers.add_span_processor(_BaggageOnSpans())
    tracers.add_span_processor(BatchSpanProcessor(_Skewed(exporter), schedule_delay_millis=_SCHEDULE_DELAY_MS))
    return tracers


class _BaggageOnSpans(SpanProcessor):
    def on_start(self, span: Span, parent_context: Context | None = None) -> None:
        for key in BAGGAGE_KEYS:
            if value := baggage.get_baggage(key, parent_context):
                span.set_attribute(key, str(value))


class _Skewed(SpanExporter):
    """Shifts times by the telemetry clock's error, when it has one."""

    def __init__(self, exporter: SpanExporter) -> None:
        self._exporter = exporter

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        if skew_ns := telemetry_clock.skew_ns:
            spans = [_shifted(span, skew_ns) for span in spans]
        return self._exporter.export(spans)

    def shutdown(self) -> None:
        self._exporter.shutdown()

    def force_flush(self, timeout_millis: int = 30_000) -> bool:
        return self._exporter.force_flush(timeout_millis)


def _shifted(span: ReadableSpan, skew_ns: int) -> ReadableSpan:
    """A copy; the SDK offers no other way than these fields."""
    shifted = copy.copy(span)
    shifted._start_time = (span.start_time or 0) + skew_ns
    shifted._end_time = (span.end_time or 0) + skew_ns
    return shifted


def _http_exporters(settings: ServiceSettings) -> _Exporters:
    from opentelemetry.exporter.otlp.proto.http._log_exporter import OTLPLogExporter
    from opentelemetry.exporter.otlp.proto.http.metric_exporter import OTLPMetricExporter
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

    base = settings.otlp_endpoint.rstrip("/")
    return _Exporters(
        OTLPSpanExporter(f"{base}/v1/traces", timeout=_EXPORT_TIMEOUT_S),
        OTLPMetricExporter(f"{base}/v1/metrics", timeout=_EXPORT_TIMEOUT_S),
        OTLPLogExporter(f"{base}/v1/logs", timeout=_EXPORT_TIMEOUT_S),
    )


def _grpc_exporters(settings: ServiceSettings) -> _Exporters:
    """Imported only on request: gRPC costs each process some 12 MB and a tenth of a second."""
    from opentelemetry.exporter.otlp.proto.grpc._log_exporter import OTLPLogExporter
    from opentelemetry.exporter.otlp.proto.grpc.metric_exporter import OTLPMetricExporter
    from opentelemetry.exporter.otlp.proto.grpc.trace_exporter import OTLPSpanExporter

    endpoint = settings.otlp_endpoint
    return _Exporters(
        OTLPSpanExporter(endpoint, timeout=_EXPORT_TIMEOUT_S),
        OTLPMetricExporter(endpoint, timeout=_EXPORT_TIMEOUT_S),
        OTLPLogExporter(endpoint, timeout=_EXPORT_TIMEOUT_S),
    )


def _all_at_once(*actions: Callable[[], object]) -> None:
    """On daemon threads: the SDK itself would wait up to 30 s for each."""
    threads = [threading.Thread(target=action, daemon=True) for action in actions]
    for thread in threads:
        thread.start()
    deadline_s = time.monotonic() + _FLUSH_TIMEOUT_S
    for thread in threads:
        thread.join(max(0.0, deadline_s - time.monotonic()))
