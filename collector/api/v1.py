"""The HTTP API, version 1: parse parameters, ask one question, shape the answer."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Header, Query, Response
from fastapi.responses import StreamingResponse

from collector.api import models
from collector.api.answers import (
    End,
    Environment,
    Filter,
    InScope,
    Silent,
    Start,
    Step,
    answers,
    json_answer,
    time_series,
)
from collector.api.breakers import add_breakers
from collector.api.health import add_health
from collector.api.overview import add_overview
from collector.api.problems import PROBLEMS
from collector.api.search import add_search
from collector.api.services import add_services
from collector.api.stream import TOPICS, ChangeFeed
from collector.api.times import parse_range, parse_silent_ns, parse_step_s
from collector.api.traces import add_traces
from collector.errors import BadRequest
from collector.model import Sink
from collector.queries import fallbacks, health_job, overlay, topology
from collector.queries.health import HealthView
from collector.queries.health_reports import HealthReports
from collector.queries.scope import Scope
from collector.queries.traces import TraceQuery, newest_ids
from collector.settings import Settings
from collector.store.engine import Store
from collector.store.uploads import Uploads

_STREAM_EXAMPLE = 'event: topology\nid: 7\ndata: {"changed_minutes":["2026-01-31T12:00:00+00:00"],"behind_s":0.3}\n\n'


def build_router(
    store: Store,
    settings: Settings,
    feed: ChangeFeed,
    health: tuple[HealthView, HealthReports],
    uploads: tuple[Uploads, Sink],
    behind_s: Callable[[], float],
) -> APIRouter:
    """All calls of version 1. `behind_s()` says for how long spans are stored that roll-ups do not have.

    Plain functions run in the thread pool, so that no query holds up the event loop."""
    router = APIRouter(prefix="/api/v1")
    view, reports = health
    add_services(router, store, settings, view)
    _add_topology(router, store, settings, view, behind_s)
    _add_calls(router, store, settings)
    add_search(router, store, settings)  # before one trace, whose id its paths could be taken for
    add_traces(router, store, settings, *uploads)
    add_breakers(router, store, settings)
    add_health(router, store, settings, view, reports)
    add_overview(router, store, settings)
    _add_stream(router, feed)
    return router


def _add_topology(
    router: APIRouter, store: Store, settings: Settings, view: HealthView, behind_s: Callable[[], float]
) -> None:
    beside = ThreadPoolExecutor(2 * settings.query_threads, "beside the map")
    # Where a job judges, it tells when it judges otherwise.
    judged_within_ns = 10**9 if settings.store_readonly else health_job.longest_ns(settings)

    @router.get("/topology", summary="The dependency graph", responses=answers(models.Topology), tags=["topology"])
    def get_topology(
        scope: InScope,
        start: Start = "-15m",
        end: End = "now",
        service: Annotated[str, Query(description="only what is near this service", examples=["orders"])] = "",
        hops: Annotated[int, Query(ge=1, le=20, description="how near, in calls", examples=[1])] = 1,
        q: Filter = "",
        silent: Silent = "",
    ) -> Response:
        window = parse_range(start, end, settings.query_max_range_days)
        around = topology.Neighbourhood(service, hops) if service else None
        ids, more = None, False
        if q.strip():
            found = TraceQuery(window, q=q, environment=scope.environment)
            ids, more = newest_ids(store, found, settings.topology_max_traces)
        part = topology.Part(around, ids, scope, parse_silent_ns(silent))
        judged = beside.submit(view.state, window.end_ns, judged_within_ns, Scope(scope.environment))
        graph = topology.get_topology(store, window, settings.query_max_rows, part, beside)
        state = judged.result()
        overlay.paint_map(graph, state.services, state.breakers)
        shown = {"traces": None if ids is None else len(ids), "more_traces": more, "behind_s": round(behind_s(), 1)}
        return json_answer({"start": _text(window.start_ns), "end": _text(window.end_ns), **graph, **shown})

    @router.get(
        "/topology/fallbacks",
        summary="Calls whose failures the caller took another way around",
        responses=answers(models.Fallbacks),
        tags=["topology"],
    )
    def list_fallbacks(start: Start = "-15m", end: End = "now", environment: Environment = "") -> Response:
        window = parse_range(start, end, settings.query_max_range_days)
        found = fallbacks.list_fallbacks(store, window, settings.query_max_rows, environment)
        return json_answer({"fallbacks": found})


def _add_calls(router: APIRouter, store: Store, settings: Settings) -> None:
    @router.get(
        "/topology/timeseries",
        summary="Rate, errors and durations of the calls between two nodes over time",
        responses=answers(models.TimeSeries),
        tags=["topology"],
    )
    def get_calls_timeseries(
        source: Annotated[
            str, Query(description="id of the calling node; any if empty", examples=["service:gateway"])
        ] = "",
        target: Annotated[
            str, Query(description="id of the called node; any if empty", examples=["service:orders"])
        ] = "",
        start: Start = "-1h",
        end: End = "now",
        step: Step = "1m",
        environment: Environment = "",
    ) -> Response:
        window = parse_range(start, end, settings.query_max_range_days)
        step_s = parse_step_s(step, window, settings)
        return time_series(
            step_s, lambda: topology.list_edge_points(store, source, target, window, step_s, environment)
        )


def _add_stream(router: APIRouter, feed: ChangeFeed) -> None:
    @router.get(
        "/stream",
        summary="What changes, as server-sent events",
        responses={
            200: {"description": "Events", "content": {"text/event-stream": {"example": _STREAM_EXAMPLE}}},
            **PROBLEMS,
        },
        response_class=StreamingResponse,
        tags=["stream"],
    )
    async def stream(
        topics: Annotated[str, Query(description="comma-separated", examples=["topology"])] = "topology",
        last_event_id: Annotated[
            str | None, Header(description="of the last event seen: those after it come first")
        ] = None,
    ) -> StreamingResponse:
        names = [topic.strip() for topic in topics.split(",")]
        if unknown := sorted(set(names) - set(TOPICS)):
            raise BadRequest(f'topics: expected {", ".join(TOPICS)}, got "{", ".join(unknown)[:100]}"')
        last_id = int(last_event_id) if last_event_id and re.fullmatch("[0-9]{1,19}", last_event_id) else None
        headers = {"Cache-Control": "no-store"}
        return StreamingResponse(feed.follow(names, last_id), media_type="text/event-stream", headers=headers)


def _text(moment_ns: int) -> str:
    return datetime.fromtimestamp(moment_ns / 1e9, UTC).isoformat()
