"""Calls that look at one trace in other ways: found spans, statistics, flame graph, service graph, comparison."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from collector.api import trace_view_models as models
from collector.api.answers import answers, json_answer
from collector.api.problems import NOT_FOUND
from collector.api.times import parse_range
from collector.api.trace_parameters import Skew, TraceId
from collector.errors import BadRequest
from collector.queries import sources
from collector.queries.time_range import TimeRange
from collector.queries.tracing.alike import find_alike
from collector.queries.tracing.analysis import Traces
from collector.queries.tracing.compare import compare
from collector.queries.tracing.events import span_events
from collector.queries.tracing.find import find_spans
from collector.queries.tracing.flame import flame
from collector.queries.tracing.service_graph import service_graph
from collector.queries.tracing.statistics import by_attribute, by_operation, by_service, statistics
from collector.settings import Settings
from collector.store.engine import Store

MostRows = Annotated[int, Query(ge=1, le=10_000, description="how many rows at most")]
MostNodes = Annotated[int, Query(ge=1, le=10_000, description="how many nodes at most")]
MostEdges = Annotated[int, Query(ge=1, le=10_000, description="how many edges at most")]
Grouping = Annotated[
    str,
    Query(
        description="service, operation, or attribute:KEY",
        max_length=300,
        examples=["operation", "attribute:http.route"],
    ),
]
_ATTRIBUTE = "attribute:"
_HOUR_NS = 3600 * 10**9


def add_trace_views(router: APIRouter, store: Store, settings: Settings, kept: Traces) -> None:
    _add_find(router, store, kept)
    _add_events(router, store, kept)
    _add_statistics(router, store, kept)
    _add_graphs(router, store, kept)
    _add_compare(router, store, settings, kept)


def _add_find(router: APIRouter, store: Store, kept: Traces) -> None:
    @router.get(
        "/traces/{trace_id}/find",
        summary="Find spans inside a trace",
        responses=answers(models.Found, NOT_FOUND),
        tags=["traces"],
    )
    def find_in_trace(
        trace_id: TraceId,
        q: Annotated[
            str,
            Query(
                description="filter language; a word alone is looked for in all that a span says",
                min_length=1,
                examples=["status=error"],
            ),
        ],
        skew: Skew = "correct",
        limit: Annotated[int, Query(ge=1, le=100_000, description="how many rows at most")] = 10_000,
    ) -> Response:
        source = sources.stored(store)
        analysis = kept.get(source, trace_id.lower(), skew == "correct")
        return json_answer(find_spans(store, source, trace_id.lower(), q, analysis, limit))


def _add_events(router: APIRouter, store: Store, kept: Traces) -> None:
    @router.get(
        "/traces/{trace_id}/events",
        summary="When the events of a trace's spans happened",
        responses=answers(models.SpanEvents, NOT_FOUND),
        tags=["traces"],
    )
    def list_span_events(
        trace_id: TraceId,
        skew: Skew = "correct",
        limit: Annotated[int, Query(ge=1, le=100_000, description="how many events at most")] = 20_000,
    ) -> Response:
        source = sources.stored(store)
        analysis = kept.get(source, trace_id.lower(), skew == "correct")
        return json_answer(span_events(store, source, trace_id.lower(), analysis, limit))


def _add_statistics(router: APIRouter, store: Store, kept: Traces) -> None:
    @router.get(
        "/traces/{trace_id}/statistics",
        summary="A trace's spans in numbers, by service, operation or attribute",
        responses=answers(models.Statistics, NOT_FOUND),
        tags=["traces"],
    )
    def get_trace_statistics(
        trace_id: TraceId, by: Grouping = "operation", skew: Skew = "correct", limit: MostRows = 500
    ) -> Response:
        source = sources.stored(store)
        analysis = kept.get(source, trace_id.lower(), skew == "correct")
        if by == "service":
            groups = by_service(analysis)
        elif by == "operation":
            groups = by_operation(analysis)
        elif by.startswith(_ATTRIBUTE) and len(by) > len(_ATTRIBUTE):
            key = by.removeprefix(_ATTRIBUTE)
            groups = by_attribute(store, source, trace_id.lower(), key, analysis)
        else:
            raise BadRequest(f"by: expected service, operation or attribute:KEY, got {by!r}")
        return json_answer({"by": by, **statistics(analysis, *groups, limit)})


def _add_graphs(router: APIRouter, store: Store, kept: Traces) -> None:
    @router.get(
        "/traces/{trace_id}/flame",
        summary="A trace's call tree, merged by path",
        responses=answers(models.Flame, NOT_FOUND),
        tags=["traces"],
    )
    def get_trace_flame(trace_id: TraceId, skew: Skew = "correct", limit: MostNodes = 2000) -> Response:
        return json_answer(flame(kept.get(sources.stored(store), trace_id.lower(), skew == "correct"), limit))

    @router.get(
        "/traces/{trace_id}/graph",
        summary="The services of a trace and who called whom",
        responses=answers(models.Graph, NOT_FOUND),
        tags=["traces"],
    )
    def get_trace_graph(trace_id: TraceId, skew: Skew = "correct", limit: MostEdges = 2000) -> Response:
        return json_answer(service_graph(kept.get(sources.stored(store), trace_id.lower(), skew == "correct"), limit))


def _add_compare(router: APIRouter, store: Store, settings: Settings, kept: Traces) -> None:
    @router.get(
        "/traces/{trace_id}/compare",
        summary="What differs between a trace and another, or what is typical",
        responses=answers(models.Comparison, NOT_FOUND),
        tags=["traces"],
    )
    def compare_trace(
        trace_id: TraceId,
        with_: Annotated[
            str,
            Query(
                alias="with",
                description="the other trace's id, or typical: the median of recent traces of its operation",
                pattern="^([0-9a-fA-F]{32}|typical)$",
                examples=["typical"],
            ),
        ],
        start: Annotated[str, Query(description="of typical traces; an hour before the trace's start")] = "",
        end: Annotated[str, Query(description="as start, not included; an hour after the trace's start")] = "",
        tolerance: Annotated[float, Query(ge=0, le=100, description="a part of the time that may differ")] = 0.1,
        skew: Skew = "correct",
        limit: MostNodes = 2000,
    ) -> Response:
        source, correct = sources.stored(store), skew == "correct"
        here = kept.get(source, trace_id.lower(), correct)
        if with_ == "typical":
            window = _window(here.start_ns, start, end, settings.query_max_range_days)
            others = find_alike(store, source, trace_id.lower(), here, window, settings, correct)
        else:
            others = [kept.get(source, with_.lower(), correct)]
        about = {
            "kind": "typical" if with_ == "typical" else "trace",
            "trace_id": None if with_ == "typical" else with_.lower(),
            "traces": len(others),
            "service": here.spans.service[here.root],
            "operation": here.spans.name[here.root],
        }
        return json_answer({"other": about, **compare(here, others, tolerance, limit)})


def _window(moment_ns: int, start: str, end: str, max_days: int) -> TimeRange:
    first_ns, last_ns = max(0, moment_ns - _HOUR_NS), moment_ns + _HOUR_NS
    if not start and not end:
        return TimeRange(first_ns, last_ns)
    return parse_range(start or str(first_ns), end or str(last_ns), max_days)
