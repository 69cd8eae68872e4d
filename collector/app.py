"""The collector put together: store, committer, roll-ups, retention, receivers and API, in one process."""

import asyncio
import contextlib
import json
import logging
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import anyio.to_thread
import uvicorn

from collector.api.app import build_api
from collector.api.stream import ChangeFeed
from collector.conventions import sql as conventions
from collector.conventions.breakers import may_tell_of_transition
from collector.errors import CollectorError
from collector.model import Signal
from collector.probes.poller import HealthPoller
from collector.probes.targets import read_targets
from collector.queries.breaker_job import BreakerJob
from collector.queries.breaker_mapping import BreakerMapping, read_mapping
from collector.queries.health import HealthView
from collector.queries.health_job import HealthJob
from collector.queries.health_metrics import HealthMetricsReader
from collector.queries.health_reports import HealthReports
from collector.queries.rollups import RollupJob
from collector.queries.tracing.analysis import warm_up
from collector.receivers.grpc import build_grpc_server
from collector.receivers.http import build_otlp_http_app
from collector.receivers.normalise import normalise
from collector.settings import Settings
from collector.store.committer import Committer
from collector.store.engine import Store
from collector.store.interrupted import InterruptedCommits
from collector.store.retention import Retention
from collector.store.uploads import Uploads

log = logging.getLogger(__name__)

_REPAIR_INTERVAL_S = 5.0


@dataclass(frozen=True)
class Addresses:
    """Where the collector answers; `off` for receivers of a read-only store."""

    api: str
    otlp_http: str
    otlp_grpc: str

    def ready_line(self) -> str:
        return f"ready api={self.api} otlp_http={self.otlp_http} otlp_grpc={self.otlp_grpc}"


class Collector:
    """Opens the store at once; `serve` runs until `stop` is called from its event loop, then drains and closes."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._stopping = asyncio.Event()
        self.feed = ChangeFeed(lambda: self.rollups.behind_s)
        self.store = Store(settings, conventions.words())
        self.rollups = RollupJob(self.store, settings, self.feed.publish)
        mapping = _mapping(settings.breakers_file)
        self.breakers = BreakerJob(self.store, settings, mapping, self._breakers_changed)
        self.health_view = HealthView(self.store, settings)
        changed_health = partial(self.feed.publish_names, "health")
        self.reports = HealthReports(
            self.store, settings.health_expires_min_s, lambda is_news: self.health.wake(is_news)
        )
        health_metrics = HealthMetricsReader(self.store, self.reports, mapping.service_of_url)
        self.health = HealthJob(self.store, settings, self.health_view, health_metrics.run_once, changed_health)
        targets = read_targets(settings.health_targets, settings.health_targets_file)
        self.poller = HealthPoller(settings, targets, self.reports)
        self.retention = Retention(self.store, settings)
        self.interrupted = InterruptedCommits(self.store)
        self.uploads = Uploads(self.store, settings, conventions.words())
        self.committer = Committer(self.store, settings, normalise, self._committed, self._failed, _is_urgent)

    def stop(self) -> None:
        self._stopping.set()

    async def serve(self, on_ready: Any = lambda addresses: None) -> None:
        """Calls `on_ready(addresses)` when everything answers."""
        loop = asyncio.get_running_loop()
        self.feed.attach(loop)
        anyio.to_thread.current_default_thread_limiter().total_tokens = self._settings.query_threads
        api = build_api(
            self.store,
            self._settings,
            self.feed,
            (self.health_view, self.reports),
            (self.uploads, self.committer),
            self._figures,
            version("spanscape"),
        )
        async with contextlib.AsyncExitStack() as running:
            running.push_async_callback(loop.run_in_executor, None, self._close)
            api_url = await running.enter_async_context(_serving(api, self._settings.host, self._settings.api_port))
            otlp_http = otlp_grpc = "off"
            if not self.store.read_only:
                self.rollups.thread.start()
                self.breakers.start()
                self.health.thread.start()
                self.retention.start()
                repairs = asyncio.create_task(self._repair_interrupted())
                running.callback(repairs.cancel)
                running.callback(asyncio.create_task(self.poller.run()).cancel)
                origins = [origin.strip() for origin in self._settings.cors_origins.split(",") if origin.strip()]
                receiver = build_otlp_http_app(
                    self.committer, max_body_bytes=self._settings.max_body_bytes, cors_origins=origins
                )
                otlp_http = await running.enter_async_context(
                    _serving(receiver, self._settings.host, self._settings.otlp_http_port)
                )
                otlp_grpc = await running.enter_async_context(self._serving_grpc())
            on_ready(Addresses(api_url, otlp_http, otlp_grpc))
            await loop.run_in_executor(None, warm_up, self.store)
            await self._stopping.wait()
            self.feed.close()

    @contextlib.asynccontextmanager
    async def _serving_grpc(self) -> Any:
        host, port = self._settings.host, self._settings.otlp_grpc_port
        _bound(host, port).close()
        server, bound = build_grpc_server(
            self.committer, _address(host, port), max_body_bytes=self._settings.max_body_bytes
        )
        await server.start()
        try:
            yield _address(host, bound)
        finally:
            await server.stop(grace=5)

    def _committed(self, signal: Signal, is_urgent: bool) -> None:
        if signal is Signal.TRACES:
            self.rollups.wake()
        self.breakers.wake(is_urgent)
        if signal is Signal.METRICS:
            self.health.wake(is_news=False)  # the job reads them first

    def _breakers_changed(self, ids: list[str]) -> None:
        self.health.wake()  # first: who hears of it asks for what is new
        self.feed.publish_names("breakers", ids)

    def _failed(self, signal: Signal) -> None:
        if signal is Signal.TRACES:
            self.interrupted.note()

    async def _repair_interrupted(self) -> None:
        while True:
            if await asyncio.get_running_loop().run_in_executor(None, self.interrupted.repair):
                self.rollups.thread.wake()
            await asyncio.sleep(_REPAIR_INTERVAL_S)

    def _close(self) -> None:
        """Receivers are closed by now. What was accepted is written, then the rest stops."""
        if left := self.committer.close():
            log.error("%d requests were not written in time; their senders were told to retry", left)
        if not self.store.read_only:
            self.rollups.thread.close()
            self.breakers.close()
            self.health.thread.close()
            self.retention.close()
        self.uploads.close()
        self.store.close()

    def _figures(self) -> Mapping[str, tuple[str, str, float]]:
        counts = self.committer.counts
        return {
            "requests_total": ("counter", "Export requests committed.", counts["requests"]),
            "request_bytes_total": ("counter", "Bytes of export requests committed, decompressed.", counts["bytes"]),
            "commits_total": ("counter", "Commits, each of one or more requests.", counts["commits"]),
            "requests_normalised_total": (
                "counter",
                "Requests that the engine could not take as they were.",
                counts["normalised"],
            ),
            "refused_total": (
                "counter",
                "Spans, points and records refused, as told in partial_success.",
                counts["refused"],
            ),
            "requests_failed_total": ("counter", "Requests whose commit failed.", counts["failed"]),
            "requests_turned_away_total": (
                "counter",
                "Requests turned away because the queue was full.",
                counts["turned_away"],
            ),
            "queue_bytes": ("gauge", "Bytes that wait for a commit or are in one.", self.committer.queued_bytes),
            "rollup_runs_total": ("counter", "Runs of the roll-up job that changed something.", self.rollups.runs),
            "rollup_busy_seconds_total": ("counter", "Time spent in these runs.", self.rollups.busy_s),
            "rollup_behind_seconds": (
                "gauge",
                "For how long spans are stored that roll-ups do not have.",
                self.rollups.behind_s,
            ),
            "breaker_runs_total": ("counter", "Looks of the breaker job at new rows.", self.breakers.runs),
            "breaker_busy_seconds_total": ("counter", "Time spent in these looks.", self.breakers.busy_s),
            "health_reports_total": ("counter", "Health reports kept.", self.reports.count),
            "health_polls_total": ("counter", "Targets asked for their health.", self.poller.asked),
            "health_polls_failed_total": ("counter", "Of these, without an answer.", self.poller.failed),
        }


def _is_urgent(signal: Signal, body: bytes) -> bool:
    return signal is Signal.LOGS and may_tell_of_transition(body)


def _mapping(path: str) -> BreakerMapping:
    """What the operator says of breakers. Raises CollectorError that names the file."""
    if not path:
        return BreakerMapping()
    try:
        return read_mapping(json.loads(Path(path).read_text()))
    except (OSError, ValueError) as error:
        raise CollectorError(f"SPANSCAPE_BREAKERS_FILE {path}: {error}") from error


class _QuietServer(uvicorn.Server):
    """Leaves signals to the collector, which serves several ports."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextlib.asynccontextmanager
async def _serving(app: Any, host: str, port: int) -> Any:
    """Serve an ASGI app; yields its URL when it answers. Raises CollectorError when the port is taken."""
    listener = _bound(host, port)
    config = uvicorn.Config(
        app,
        log_config=None,
        access_log=False,
        lifespan="off",
        timeout_graceful_shutdown=5,
        timeout_keep_alive=75,
        backlog=2048,
    )
    server = _QuietServer(config)
    task = asyncio.create_task(server.serve([listener]))
    while not server.started:
        if task.done():
            await task
        await asyncio.sleep(0.005)
    try:
        yield f"http://{_address(host, listener.getsockname()[1])}"
    finally:
        server.should_exit = True
        await task


def _address(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _bound(host: str, port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise CollectorError(
            f"cannot listen on {_address(host, port)}: {error.strerror}; choose another port"
        ) from error
    return listener
