"""Real servers for the receiver tests, each in its own thread on a free port."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import uvicorn
import uvloop
from waiting import poll_until

from collector.model import Receipt, Signal
from collector.receivers.grpc import build_grpc_server
from collector.receivers.http import build_otlp_http_app


class RecordingSink:
    """Keeps what it gets; `receipt`, `refusal` (at submit) and `failure` (of the commit) set what it answers.

    While `gate` is clear no commit ends.
    """

    def __init__(self) -> None:
        self.submitted: list[tuple[Signal, bytes]] = []
        self.futures: list[Future[Receipt]] = []
        self.receipt = Receipt()
        self.refusal: Exception | None = None
        self.failure: Exception | None = None
        self.gate = threading.Event()
        self.gate.set()
        self._writer = ThreadPoolExecutor(max_workers=4)

    def submit(self, signal: Signal, body: bytes) -> "Future[Receipt]":
        if self.refusal:
            raise self.refusal
        self.submitted.append((signal, body))
        future: Future[Receipt] = Future()
        self.futures.append(future)
        self._writer.submit(self._commit, future)
        return future

    def _commit(self, future: "Future[Receipt]") -> None:
        assert self.gate.wait(60)
        if self.failure:
            future.set_exception(self.failure)
        else:
            future.set_result(self.receipt)

    def close(self) -> None:
        self.gate.set()
        self._writer.shutdown()


@contextmanager
def serving_http(sink: RecordingSink, **settings: Any) -> Iterator[str]:
    """Yields http://127.0.0.1:<free port>."""
    app = build_otlp_http_app(sink, **settings)
    config = uvicorn.Config(
        app,
        host="127.0.0.1",
        port=0,
        loop="uvloop",
        http="httptools",
        log_level="warning",
        timeout_graceful_shutdown=5,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        poll_until(lambda: server.started, "uvicorn to start")
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        thread.join(60)
        assert not thread.is_alive()


@contextmanager
def serving_grpc(sink: RecordingSink, on_uvloop: bool = True, **settings: Any) -> Iterator[str]:
    """Yields 127.0.0.1:<free port>."""
    started: Future[tuple[str, Callable[[], None]]] = Future()

    async def serve() -> None:
        server, port = build_grpc_server(sink, "127.0.0.1:0", **settings)
        await server.start()
        stop, loop = asyncio.Event(), asyncio.get_running_loop()
        started.set_result((f"127.0.0.1:{port}", lambda: loop.call_soon_threadsafe(stop.set)))
        await stop.wait()
        await server.stop(grace=5)

    def run() -> None:
        try:
            with asyncio.Runner(loop_factory=uvloop.new_event_loop if on_uvloop else None) as runner:
                runner.run(serve())
        except BaseException as error:
            if not started.done():
                started.set_exception(error)
            raise

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    target, stop_server = started.result(60)
    try:
        yield target
    finally:
        stop_server()
        thread.join(60)
        assert not thread.is_alive()
