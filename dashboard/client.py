"""Every HTTP call to the collector: timeouts, connection reuse, sharing of answers and "unreachable" live here."""

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar, cast
from urllib.parse import quote

import dash
import orjson
import requests
from requests.adapters import HTTPAdapter

from dashboard.api_types import LogRecord, Service, Topology, TracePage, Version
from dashboard.errors import CollectorProblem, CollectorUnreachable
from dashboard.scope import EVERYTHING, Scope
from dashboard.time_range import TimeRange

_CONNECT_TIMEOUT_S = 2.0
_READ_TIMEOUT_S = 10.0
_RELAY_TIMEOUT_S = 30.0  # views of huge traces are computed once, then kept by the collector
_CONNECTIONS = 8
_POLL_SHARE_S = 8.0  # viewers of the same range share one request until something changes
_PAST_SHARE_S = 20.0  # late spans change the past rarely
_LIST_SHARE_S = 5.0
_ROUGH_SHARE_S = 30.0
_KEPT_ANSWERS = 200
_SILENT = "1h"  # how long before a range a service may have fallen silent and still be shown
_LOGS = "50"

Answer = TypeVar("Answer")


@dataclass(frozen=True)
class TraceFilters:
    """Which traces to list. Empty strings and None do not restrict."""

    service: str = ""
    operation: str = ""
    q: str = ""
    status: str = ""
    min_duration_ms: float | None = None

    def params(self) -> dict[str, str]:
        """Query parameters of `GET /api/v1/traces`."""
        given = {"service": self.service, "operation": self.operation, "q": self.q, "status": self.status}
        if self.min_duration_ms:
            given["min_duration"] = f"{self.min_duration_ms:.6f}".rstrip("0").rstrip(".") + "ms"
        return {name: value for name, value in given.items() if value}


class CollectorClient:
    """Asks one collector. Use it from one event loop; requests run in its own threads, never on the loop."""

    def __init__(self, url: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.url = url.rstrip("/")
        self._clock = clock
        self._session = requests.Session()
        self._session.trust_env = False  # the collector is a neighbour: never through a proxy
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, HTTPAdapter(pool_maxsize=_CONNECTIONS))
        self._threads = ThreadPoolExecutor(_CONNECTIONS, thread_name_prefix="collector-client")
        self._answers: dict[str, tuple[float, asyncio.Future[Any]]] = {}
        self._changed_at = 0.0

    async def topology(
        self, window: TimeRange, scope: Scope = EVERYTHING, traces: str = "", *, old_s: float = 0.0
    ) -> Topology:
        """The graph of calls in the window, with services that fell silent shortly before it; of the traces that match the
        filter `traces`, if that is not empty. `old_s`: data that came so shortly ago may be missing."""
        not_before = min(self._changed_at, self._clock() - old_s) if window.is_live else 0.0
        params = {**window.params(), **_of_map(scope, traces)}
        return cast(Topology, await self._get("/api/v1/topology", params, _share_s(window), not_before))

    async def shown_topology(self, window: TimeRange, scope: Scope = EVERYTHING, traces: str = "") -> Topology:
        """As `topology`, but what a map may show already is new enough, although data came since."""
        params = {**window.params(), **_of_map(scope, traces)}
        return cast(Topology, await self._get("/api/v1/topology", params, _POLL_SHARE_S))

    def data_changed(self) -> None:
        """Answers about the present that were asked for before now are not shared any more."""
        self._changed_at = self._clock()

    async def lamps(
        self, window: TimeRange, scope: Scope = EVERYTHING, ids: Sequence[str] = ()
    ) -> list[dict[str, Any]]:
        """Breakers in short, of all breakers or those with these ids."""
        params = {**window.params(), **scope.params(), "id": list(ids)}
        not_before = self._changed_at if window.is_live else 0.0
        answer = await self._get("/api/v1/breakers/lamps", params, _POLL_SHARE_S, not_before)
        return cast(list[dict[str, Any]], answer["lamps"])

    async def service_names(self, window: TimeRange) -> list[str]:
        """Names of the services seen in the window, sorted, each once."""
        answer = await self._get("/api/v1/services", window.params(), _LIST_SHARE_S)
        return sorted({service["name"] for service in answer["services"]})

    async def services(self, window: TimeRange, scope: Scope = EVERYTHING) -> list[Service]:
        """What is known of every service seen in the window or shortly before it."""
        answer = await self._about("/api/v1/services", window, **scope.params(), silent=_SILENT)
        return cast(list[Service], answer["services"])

    async def operations(self, service: str, window: TimeRange, scope: Scope = EVERYTHING) -> list[dict[str, Any]]:
        """Operations of a service, most calls first."""
        path = f"/api/v1/services/{quote(service, safe='')}/operations"
        return cast(list[dict[str, Any]], (await self._about(path, window, **scope.params()))["operations"])

    async def service_points(
        self, service: str, window: TimeRange, scope: Scope = EVERYTHING, *, roughly: bool = False
    ) -> dict[str, Any]:
        """{step_s, points}: rate, errors and durations of a service over time. `roughly`: may be half a minute old."""
        path, wanted = f"/api/v1/services/{quote(service, safe='')}/timeseries", {"step": window.step, **scope.params()}
        if roughly:
            return cast(dict[str, Any], await self._get(path, {**window.params(), **wanted}, _ROUGH_SHARE_S))
        return cast(dict[str, Any], await self._about(path, window, **wanted))

    async def edge_points(
        self, window: TimeRange, scope: Scope = EVERYTHING, *, source: str = "", target: str = ""
    ) -> dict[str, Any]:
        """{step_s, points}: of the calls from and to these nodes over time; "" is any."""
        wanted = {"source": source, "target": target, "step": window.step, **scope.params()}
        return await self.aside("/api/v1/topology/timeseries", window, **wanted)

    async def versions(self, service: str, window: TimeRange, scope: Scope = EVERYTHING) -> list[Version]:
        """A service's versions side by side, the newest first, as of half a minute ago: they are counted from spans."""
        path = f"/api/v1/services/{quote(service, safe='')}/versions"
        found = await self._get(path, {**window.params(), **scope.params()}, _ROUGH_SHARE_S)
        return cast(list[Version], found["versions"])

    async def service_logs(
        self, service: str, window: TimeRange, severity: str, scope: Scope = EVERYTHING
    ) -> list[LogRecord]:
        """Its newest log records of this severity or worse; empty for any."""
        path = f"/api/v1/services/{quote(service, safe='')}/logs"
        found = await self._about(path, window, severity=severity, limit=_LOGS, **scope.params())
        return cast(list[LogRecord], found["logs"])

    async def optional(self, path: str, window: TimeRange, **more: str) -> dict[str, Any] | None:
        """The answer of a call that a collector may not know: None where it answers 404."""
        try:
            return cast(dict[str, Any], await self._about(path, window, **more))
        except CollectorProblem as problem:
            if problem.status == 404:
                return None
            raise

    async def aside(self, path: str, window: TimeRange, **more: str) -> dict[str, Any]:
        """As `optional`, for what only adds to a view: empty where the collector has a problem with it."""
        try:
            return await self.optional(path, window, **more) or {}
        except CollectorProblem:
            return {}

    async def fallbacks(self, window: TimeRange, scope: Scope = EVERYTHING) -> frozenset[tuple[str, str]]:
        """Ends of the calls that their caller has a fallback for, as of half a minute ago; none where that is not known."""
        try:
            wanted = {**window.params(), **scope.params()}
            answer = await self._get("/api/v1/topology/fallbacks", wanted, _ROUGH_SHARE_S)
        except CollectorProblem:
            return frozenset()
        return frozenset((each["source"], each["target"]) for each in answer["fallbacks"])

    async def find_traces(
        self, filters: TraceFilters, window: TimeRange, scope: Scope = EVERYTHING, *, limit: int = 50
    ) -> TracePage:
        """Newest first, at most `limit`. Raises CollectorProblem when a filter, such as `q`, is wrong."""
        params = filters.params() | window.params() | scope.params() | {"limit": str(limit)}
        return cast(TracePage, await self._get("/api/v1/traces", params, 0.0))

    def close(self) -> None:
        """Lets go of threads and connections; requests under way end by their own timeout."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._session.close()

    async def _about(self, path: str, window: TimeRange, **more: str) -> Any:
        """An answer about a range, shared by all who ask for it until the collector has new data."""
        not_before = self._changed_at if window.is_live else 0.0
        return await self._get(path, {**window.params(), **more}, _share_s(window), not_before)

    async def _get(self, path: str, params: Mapping[str, Any], share_s: float, not_before: float = 0.0) -> Any:
        """The decoded answer. A request under way, or an answer younger than `share_s`, is shared by all who ask, unless
        it was asked for before `not_before`."""
        key = requests.Request("GET", self.url + path, params=params).prepare().url or path
        asked_at, answer = self._answers.get(key, (0.0, None))
        old = asked_at < not_before
        if answer is None or old or (answer.done() and (answer.exception() or self._clock() - asked_at > share_s)):
            answer = asyncio.get_running_loop().run_in_executor(self._threads, self._fetch, key)
            answer.add_done_callback(_mark_retrieved)
            self._remember(key, answer)
        return await asyncio.shield(answer)

    def _remember(self, key: str, answer: asyncio.Future[Any]) -> None:
        self._answers.pop(key, None)
        self._answers[key] = (self._clock(), answer)
        while len(self._answers) > _KEPT_ANSWERS:
            del self._answers[next(iter(self._answers))]

    def open(self, target: str) -> requests.Response:
        """The answer to a path with query, whatever its status, its body not yet read; the caller closes it.

        Blocks: call it from a thread. Raises CollectorUnreachable.
        """
        return self._ask(self.url + target, _RELAY_TIMEOUT_S, stream=True)

    def hand_in(self, target: str, body: bytes) -> requests.Response:
        """The answer to a POST of `body`, as `open` gives it."""
        return self._ask(self.url + target, _RELAY_TIMEOUT_S, stream=True, method="POST", body=body)

    def _fetch(self, url: str) -> Any:
        return _decode(self._ask(url, _READ_TIMEOUT_S))

    def _ask(
        self, url: str, timeout_s: float, *, stream: bool = False, method: str = "GET", body: bytes | None = None
    ) -> requests.Response:
        timeout = (_CONNECT_TIMEOUT_S, timeout_s)
        try:
            return self._session.request(method, url, data=body, timeout=timeout, stream=stream, allow_redirects=False)
        except requests.Timeout as error:
            words = f"{self.url} did not answer in time."
            raise CollectorUnreachable("Collector is too slow", words, slow=True) from error
        except requests.RequestException as error:
            raise CollectorUnreachable("Collector is away", f"Nothing answers at {self.url}.") from error


def _share_s(window: TimeRange) -> float:
    return _POLL_SHARE_S if window.is_live else _PAST_SHARE_S


def _of_map(scope: Scope, traces: str) -> dict[str, str]:
    return {**scope.params(), **({"q": traces} if traces else {"silent": _SILENT})}


def current() -> CollectorClient:
    """The client of the running app; call it inside a callback."""
    return cast(CollectorClient, dash.get_app().server.state.collector)


def _decode(response: requests.Response) -> Any:
    try:
        body = orjson.loads(response.content)
    except orjson.JSONDecodeError as error:
        detail = f"{response.url} answered {response.status_code} without JSON: is this a Spanscape collector?"
        raise CollectorProblem("Unexpected answer", detail, response.status_code) from error
    if response.ok:
        return body
    problem = body if isinstance(body, dict) else {}
    title = str(problem.get("title") or response.reason or "Error")
    detail = str(problem.get("detail") or f"the collector answered {response.status_code}")
    raise CollectorProblem(title, detail, response.status_code)


def _mark_retrieved(answer: asyncio.Future[Any]) -> None:
    """Reads the outcome, so that a failure nobody waited for (a closed tab) is not logged as lost."""
    if not answer.cancelled():
        answer.exception()
