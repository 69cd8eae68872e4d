"""A small OTLP backend of the tests' own, over HTTP or gRPC: it decodes and keeps what a shop sends."""

import threading
from collections.abc import Iterator
from concurrent import futures
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import grpc
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status


@dataclass(frozen=True)
class SeenSpan:
    """Ids are lower-case hex, `parent_id` is "" for a root; `kind` is like "client"."""

    service: str
    name: str
    kind: str
    trace_id: str
    span_id: str
    parent_id: str
    attributes: dict[str, Any]
    resource: dict[str, Any]
    links: tuple[str, ...] = ()  # ids of spans
    events: tuple[str, ...] = ()  # names
    failed: bool = False

    @property
    def label(self) -> str:
        """Like "orders server POST /orders"."""
        return f"{self.service} {self.kind} {self.name}"


@dataclass
class Sink:
    url: str
    spans: list[SeenSpan] = field(default_factory=list)
    logs: list[tuple[str, str, str]] = field(default_factory=list)  # service, trace id, body
    events: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)  # service, event name, attributes
    metrics: set[tuple[str, str]] = field(default_factory=set)  # service, metric name

    def trace(self, trace_id: str) -> list[SeenSpan]:
        return [span for span in list(self.spans) if span.trace_id == trace_id]

    def take(self, path: str, body: bytes) -> None:
        {"/v1/traces": self._take_traces, "/v1/logs": self._take_logs, "/v1/metrics": self._take_metrics}[path](body)

    def _take_traces(self, body: bytes) -> None:
        for group in ExportTraceServiceRequest.FromString(body).resource_spans:
            resource = _plain(group.resource.attributes)
            self.spans += [_seen(span, resource) for scope in group.scope_spans for span in scope.spans]

    def _take_logs(self, body: bytes) -> None:
        for group in ExportLogsServiceRequest.FromString(body).resource_logs:
            service = _plain(group.resource.attributes)["service.name"]
            for scope in group.scope_logs:
                self.logs += [(service, log.trace_id.hex(), log.body.string_value) for log in scope.log_records]
                self.events += [
                    (service, log.event_name, _plain(log.attributes)) for log in scope.log_records if log.event_name
                ]

    def _take_metrics(self, body: bytes) -> None:
        for group in ExportMetricsServiceRequest.FromString(body).resource_metrics:
            service = _plain(group.resource.attributes)["service.name"]
            self.metrics |= {(service, metric.name) for scope in group.scope_metrics for metric in scope.metrics}


def _plain(attributes: Any) -> dict[str, Any]:
    def value(pair: KeyValue) -> Any:
        kind = pair.value.WhichOneof("value")
        return getattr(pair.value, kind) if kind else None

    return {pair.key: value(pair) for pair in attributes}


def _seen(span: Span, resource: dict[str, Any]) -> SeenSpan:
    return SeenSpan(
        service=resource["service.name"],
        name=span.name,
        kind=Span.SpanKind.Name(span.kind).removeprefix("SPAN_KIND_").lower(),
        trace_id=span.trace_id.hex(),
        span_id=span.span_id.hex(),
        parent_id=span.parent_span_id.hex(),
        attributes=_plain(span.attributes),
        resource=resource,
        links=tuple(link.span_id.hex() for link in span.links),
        events=tuple(event.name for event in span.events),
        failed=span.status.code == Status.STATUS_CODE_ERROR,
    )


@contextmanager
def otlp_sink() -> Iterator[Sink]:
    """Listens on a free port while the block runs."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            sink.take(self.path, self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.send_header("Content-Type", "application/x-protobuf")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    sink = Sink(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, name="otlp sink", kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield sink
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def grpc_sink() -> Iterator[Sink]:
    """Takes traces only, over gRPC on a free port, while the block runs."""

    def export(body: bytes, _context: grpc.ServicerContext) -> ExportTraceServiceResponse:
        sink.take("/v1/traces", body)
        return ExportTraceServiceResponse()

    handler = grpc.unary_unary_rpc_method_handler(
        export, response_serializer=ExportTraceServiceResponse.SerializeToString
    )
    service = "opentelemetry.proto.collector.trace.v1.TraceService"
    server = grpc.server(futures.ThreadPoolExecutor(2))
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(service, {"Export": handler}),))
    sink = Sink(f"http://127.0.0.1:{server.add_insecure_port('127.0.0.1:0')}")
    server.start()
    try:
        yield sink
    finally:
        server.stop(grace=None).wait()
