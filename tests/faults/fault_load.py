"""Senders that keep a collector busy and know what it acknowledged."""

import itertools
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import grpc
import requests
from otlp_requests import Span, request, span_id, trace_id
from running_collector import PROTOBUF, RunningCollector

GRPC_EXPORT = "/opentelemetry.proto.collector.{0}.v1.{1}Service/Export"
SPANS_OF_A_REQUEST = 12
"""A call from one service to another, and ten spans inside."""


def call_request(trace: str, caller: str = "front", callee: str = "back", start_ns: int = 0) -> bytes:
    """One trace in one request: `caller` calls `callee`, which does ten things."""
    start_ns = start_ns or time.time_ns()
    spans = [
        Span(caller, "call", trace=trace, kind="client", start_ns=start_ns),
        Span(callee, "serve", parent="call", trace=trace, kind="server", start_ns=start_ns),
        *(Span(callee, f"step {n}", parent="serve", trace=trace, start_ns=start_ns) for n in range(10)),
    ]
    return request(spans).SerializeToString()


def ids_of(trace: str) -> set[tuple[str, str]]:
    """(trace id, span id) of all spans of `call_request(trace)`."""
    names = ["call", "serve", *(f"step {n}" for n in range(10))]
    return {(trace_id(trace).hex(), span_id(f"{trace}/{name}").hex()) for name in names}


def grpc_export(channel: grpc.Channel, signal: str = "trace") -> Callable[..., Any]:
    """The bare Export method: takes and gives bytes, raises grpc.RpcError."""
    same = bytes
    return channel.unary_unary(  # type: ignore[no-any-return]
        GRPC_EXPORT.format(signal, signal.capitalize()), request_serializer=same, response_deserializer=same
    )


class Load:
    """Threads that send one trace after another until their collector dies or `running` ends."""

    def __init__(self, http: int = 3, grpc: int = 2) -> None:
        self._kinds = ["http"] * http + ["grpc"] * grpc
        self._numbers = itertools.count()
        self._ending = threading.Event()
        self.sent: set[str] = set()
        self.acknowledged: set[str] = set()
        self.answers: Counter[str] = Counter()
        self.slowest_s = 0.0

    @contextmanager
    def running(self, collector: RunningCollector) -> Iterator[None]:
        self._ending.clear()
        targets = {"http": self._over_http, "grpc": self._over_grpc}
        threads = [threading.Thread(target=targets[kind], args=(collector,)) for kind in self._kinds]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._ending.set()
            for thread in threads:
                thread.join(60)
            assert not any(thread.is_alive() for thread in threads), "a sender waits for an answer that does not come"

    def _over_http(self, collector: RunningCollector) -> None:
        with requests.Session() as session:

            def export(body: bytes) -> str:
                answer = session.post(f"{collector.otlp_http}/v1/traces", data=body, headers=PROTOBUF, timeout=60)
                return str(answer.status_code)

            self._send(export, requests.RequestException, accepted="200")

    def _over_grpc(self, collector: RunningCollector) -> None:
        with grpc.insecure_channel(collector.otlp_grpc, options=[("grpc.enable_retries", 0)]) as channel:
            call = grpc_export(channel)

            def export(body: bytes) -> str:
                call(body, timeout=60)
                return "OK"

            self._send(export, grpc.RpcError, accepted="OK")

    def _send(self, export: Callable[[bytes], str], broken: type[Exception], accepted: str) -> None:
        while not self._ending.is_set():
            trace = f"load {next(self._numbers)}"
            body = call_request(trace)
            self.sent.add(trace)
            started = time.monotonic()
            try:
                answer = export(body)
            except broken as error:
                self.answers[_name(error)] += 1
                return
            self.slowest_s = max(self.slowest_s, time.monotonic() - started)
            self.answers[answer] += 1
            if answer == accepted:
                self.acknowledged.add(trace)


def _name(error: Exception) -> str:
    """A gRPC status by its name, anything else by its type."""
    return error.code().name if isinstance(error, grpc.RpcError) else type(error).__name__
