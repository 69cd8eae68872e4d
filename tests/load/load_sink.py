"""A small OTLP/HTTP receiver on a real socket, which keeps what it gets and can be told to misbehave."""

import gzip
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)
from opentelemetry.proto.trace.v1.trace_pb2 import Span

PROTOBUF = "application/x-protobuf"


@dataclass(frozen=True)
class Answer:
    status: int = 200
    body: bytes = b""
    content_type: str = PROTOBUF
    headers: dict[str, str] = field(default_factory=dict)


HANG_UP = Answer(status=0)


def partial_success(rejected: int, message: str) -> Answer:
    response = ExportTraceServiceResponse()
    response.partial_success.rejected_spans = rejected
    response.partial_success.error_message = message
    return Answer(body=response.SerializeToString())


class Sink:
    """`script` holds the answers to the next requests; once it is empty, `default` is given. 200 keeps the request."""

    def __init__(self) -> None:
        self.script: deque[Answer] = deque()
        self.default = Answer()
        self.max_spans = 1_000_000  # more are answered with 413
        self.attempts: list[dict[str, str]] = []
        self.requests: list[ExportTraceServiceRequest] = []
        self.url = ""
        self._lock = threading.Lock()

    def receive(self, path: str, headers: dict[str, str], body: bytes) -> Answer:
        with self._lock:
            self.attempts.append({**headers, "path": path})
            answer = self.script.popleft() if self.script else self.default
            request = ExportTraceServiceRequest.FromString(
                gzip.decompress(body) if headers.get("Content-Encoding") == "gzip" else body
            )
            if len(spans_of(request)) > self.max_spans:
                return Answer(413, b"too large", "text/plain")
            if answer.status == 200:
                self.requests.append(request)
            return answer

    @property
    def spans(self) -> list[Span]:
        return [span for request in self.requests for span in spans_of(request)]


def spans_of(request: ExportTraceServiceRequest) -> list[Span]:
    return [span for resource in request.resource_spans for scope in resource.scope_spans for span in scope.spans]


@contextmanager
def running_sink() -> Iterator[Sink]:
    sink = Sink()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            answer = sink.receive(self.path, dict(self.headers), body)
            if answer == HANG_UP:
                self.close_connection = True
                return
            self.send_response(answer.status)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Type", answer.content_type)
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    sink.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield sink
    finally:
        server.shutdown()
        thread.join(60)
        server.server_close()
