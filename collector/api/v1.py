"""The HTTP API, version 1: parse parameters, ask one question, shape the answer."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

import orjson
from fastapi import APIRouter, Header, Path, Query, Response
from fastapi.responses import StreamingResponse

from collector.api import models
from collector.api.stream import ChangeFeed
from collector.api.times import parse_duration_ns, parse_range
from collector.errors import BadRequest
from collector.queries import services, spans, topology, trace, traces
from collector.queries.filter_language import parse
from collector.queries.filter_sql import to_sql
from collector.queries.time_range import TimeRange
from collector.queries.traces import TraceQuery
from collector.settings import Settings
from collector.store.engine import Store

Start = Annotated[str, Query(description="RFC 3339, relative such as -15m, or epoch nanoseconds", examples=["-15m"])]
End = Annotated[str, Query(description="as start; not included", examples=["now"])]
ServiceName = Annotated[str, Path(description="a service's name", examples=["orders"])]
TraceId = Annotated[str, Path(description="32 hexadecimal digits", pattern="^[0-9a-fA-F]{32}$", examples=["4bf92f3577b34da6a3ce929d0e0e4736"])]
Filter = Annotated[str, Query(description="filter language, see docs/filter-language.md", examples=["service=orders status=error"])]

_PROBLEMS: dict[int | str, dict[str, Any]] = {
    400: {"model": models.Problem, "description": "The request is wrong; `detail` says where"},
    503: {"model": models.Problem, "description": "Try again, or ask for less"},
}
_NOT_FOUND: dict[int | str, dict[str, Any]] = {404: {"model": models.Problem, "description": "Nothing by that name or id"}}


def _json(content: object) -> Response:
    return Response(orjson.dumps(content, default=spans.base64_text), media_type="application/json")


def _answer(model: type) -> dict[int | str, dict[str, Any]]:
    return {200: {"model": model, "description": "The answer"}, **_PROBLEMS}


def build_router(store: Store, settings: Settings, feed: ChangeFeed) -> APIRouter:
    """All calls of version 1. Plain functions run in the thread pool, so that no query holds up the event loop."""
    router = APIRouter(prefix="/api/v1")

    def window_of(start: str, end: str) -> TimeRange:
        return parse_range(start, end, settings.query_max_range_days)

    @router.get("/services", summary="Services that were seen", responses=_answer(models.Services), tags=["services"])
    def list_services(start: Start = "-15m", end: End = "now") -> Response:
        return _json({"services": services.list_services(store, window_of(start, end))})

    @router.get("/services/{name:path}/operations", summary="A service's operations", responses=_answer(models.Operations), tags=["services"])
    def list_operations(name: ServiceName, start: Start = "-15m", end: End = "now") -> Response:
        return _json({"operations": services.list_operations(store, name, window_of(start, end))})

    @router.get("/services/{name:path}/timeseries", summary="A service's RED series", responses=_answer(models.TimeSeries), tags=["services"])
    def get_timeseries(
        name: ServiceName, start: Start = "-1h", end: End = "now", step: Annotated[str, Query(description="whole minutes", examples=["1m"])] = "1m"
    ) -> Response:
        window, step_s = window_of(start, end), parse_duration_ns(step, "step") // 10**9
        if step_s < 60 or step_s % 60:
            raise BadRequest(f"step: expected whole minutes, got {step}")
        if (window.end_ns - window.start_ns) // (step_s * 10**9) > settings.query_max_rows:
            raise BadRequest(f"step: {step} makes more than {settings.query_max_rows} points; choose a longer one")
        return _json({"step_s": step_s, "points": services.list_points(store, name, window, step_s)})

    @router.get("/topology", summary="The dependency graph", responses=_answer(models.Topology), tags=["topology"])
    def get_topology(
        start: Start = "-15m",
        end: End = "now",
        service: Annotated[str, Query(description="only what is near this service")] = "",
        hops: Annotated[int, Query(ge=1, le=20, description="how near")] = 1,
        q: Filter = "",
    ) -> Response:
        window = window_of(start, end)
        around = topology.Neighbourhood(service, hops) if service else None
        condition = to_sql(parse(q)) if q.strip() else None
        graph = topology.get_topology(store, window, settings.query_max_rows, around, condition)
        return _json({"start": _text(window.start_ns), "end": _text(window.end_ns), **graph})

    @router.get("/traces", summary="Search traces, newest first", responses=_answer(models.Traces), tags=["traces"])
    def find_traces(
        start: Start = "-1h",
        end: End = "now",
        service: str = "",
        operation: str = "",
        q: Filter = "",
        min_duration: Annotated[str, Query(description="of the span that matches", examples=["200ms"])] = "",
        max_duration: str = "",
        status: Literal["", "unset", "ok", "error"] = "",
        limit: Annotated[int, Query(ge=1, le=1000)] = 20,
        cursor: Annotated[str, Query(description="`next` of the page before; keep the other parameters and absolute times")] = "",
    ) -> Response:
        query = TraceQuery(
            window_of(start, end),
            service,
            operation,
            status,
            q,
            parse_duration_ns(min_duration, "min_duration") if min_duration else None,
            parse_duration_ns(max_duration, "max_duration") if max_duration else None,
        )
        return _json(traces.find_traces(store, query, limit, cursor))

    @router.get("/traces/{trace_id}", summary="One trace", responses={**_answer(models.Trace), **_NOT_FOUND}, tags=["traces"])
    def get_trace(
        trace_id: TraceId,
        format: Annotated[Literal["", "otlp"], Query(description="`otlp` answers an OTLP/JSON export request")] = "",
    ) -> Response:
        found = trace.get_trace(store, trace_id.lower(), settings.trace_max_spans)
        return _json(spans.otlp_json(found["spans"]) if format == "otlp" else found)

    @router.get("/traces/{trace_id}/logs", summary="A trace's log records", responses=_answer(models.Logs), tags=["traces"])
    def list_logs(trace_id: TraceId) -> Response:
        return _json({"logs": trace.list_logs(store, trace_id.lower(), settings.query_max_rows)})

    @router.get("/stream", summary="What changes, as server-sent events", response_class=StreamingResponse, tags=["stream"],
                responses={200: {"content": {"text/event-stream": {"example": 'event: topology\nid: 7\ndata: {"changed_minutes":[]}\n\n'}}}})  # fmt: skip
    async def stream(
        topics: Annotated[str, Query(description="comma-separated", examples=["topology"])] = "topology",
        last_event_id: Annotated[str | None, Header()] = None,
    ) -> StreamingResponse:
        names = [topic.strip() for topic in topics.split(",") if topic.strip()]
        if unknown := sorted(set(names) - {"topology"}):
            raise BadRequest(f"topics: expected topology, got {', '.join(unknown)[:100]}")
        last_id = int(last_event_id) if last_event_id and last_event_id.isdecimal() else None
        return StreamingResponse(feed.follow(names, last_id), media_type="text/event-stream", headers={"Cache-Control": "no-store"})

    return router


def _text(moment_ns: int) -> str:
    return datetime.fromtimestamp(moment_ns / 1e9, UTC).isoformat()
