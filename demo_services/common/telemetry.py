"""Sets up traces, metrics and logs, once per process, in main().

Calls to peers are instrumented here; what only some processes have, its own module instruments: requests served in
`serving.py`, the database in `database.py`. Nobody imports a framework just to instrument it.
"""

import os
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from opentelemetry import metrics, trace
from opentelemetry._logs import set_logger_provider
from opentelemetry.instrumentation.requests import RequestsInstrumentor
from opentelemetry.sdk._logs import LoggerProvider
from opentelemetry.sdk._logs.export import BatchLogRecordProcessor, LogRecordExporter
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import MetricExporter, PeriodicExportingMetricReader
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter

from demo_services.catalogue import NAMESPACE, version_of
from demo_services.common.logs import start_logging
from demo_services.common.peers import describe_client_span
from demo_services.common.settings import ServiceSettings

_SCHEDULE_DELAY_MS = 500  # the default of 5 s would make a live map lag
_METRICS_INTERVAL_MS = 5_000
_EXPORT_TIMEOUT_S = 5  # covers two retries: a collector that restarts quickly costs no spans
_FLUSH_TIMEOUT_S = 2.0


@dataclass(frozen=True)
class _Exporters:
    spans: SpanExporter
    metrics: MetricExporter
    logs: LogRecordExporter


@contextmanager
def telemetry(name: str, settings: ServiceSettings) -> Iterator[None]:
    """Reports as service `name` while the block runs. What is still queued at its end gets two seconds to leave;
    an absent collector never delays or fails a request, because exporting happens on threads of its own.
    """
    os.environ.setdefault("OTEL_SEMCONV_STABILITY_OPT_IN", "http,database")  # read when instrumentation starts
    resource = _resource(name, settings.environment)
    exporters = _http_exporters(settings) if settings.otlp_protocol == "http/protobuf" else _grpc_exporters(settings)
    tracer_provider = TracerProvider(resource=resource, shutdown_on_exit=False)
    tracer_provider.add_span_processor(BatchSpanProcessor(exporters.spans, schedule_delay_millis=_SCHEDULE_DELAY_MS))
    reader = PeriodicExportingMetricReader(exporters.metrics, export_interval_millis=_METRICS_INTERVAL_MS)
    meter_provider = MeterProvider(resource=resource, metric_readers=[reader], shutdown_on_exit=False)
    logger_provider = LoggerProvider(resource=resource, shutdown_on_exit=False)
    logger_provider.add_log_record_processor(
        BatchLogRecordProcessor(exporters.logs, schedule_delay_millis=_SCHEDULE_DELAY_MS)
    )
    trace.set_tracer_provider(tracer_provider)
    metrics.set_meter_provider(meter_provider)
    set_logger_provider(logger_provider)
    start_logging(logger_provider)
    RequestsInstrumentor().instrument(request_hook=describe_client_span)
    try:
        yield
    finally:
        _shut_down(tracer_provider, meter_provider, logger_provider)


def _resource(name: str, environment: str) -> Resource:
    return Resource.create(
        {
            "service.name": name,
            "service.namespace": NAMESPACE,
            "service.version": version_of(name),
            "service.instance.id": str(uuid.uuid4()),
            "deployment.environment.name": environment,
        }
    )


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


def _shut_down(*providers: TracerProvider | MeterProvider | LoggerProvider) -> None:
    """All at once, on daemon threads: the SDK itself would wait up to 30 s for each."""
    threads = [threading.Thread(target=provider.shutdown, daemon=True) for provider in providers]
    for thread in threads:
        thread.start()
    deadline_s = time.monotonic() + _FLUSH_TIMEOUT_S
    for thread in threads:
        thread.join(max(0.0, deadline_s - time.monotonic()))
