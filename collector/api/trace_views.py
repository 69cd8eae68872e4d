"""Calls that look at one trace in other ways: found spans, statistics, flame graph, service graph, comparison."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from collector.api import trace_view_models as models
from collector.api.answers import answers, json_answer
from collector.api.problems import NOT_FOUND
from collector.api.times import parse_range
from collector.api.trace_access import InUpload, Opened, Skew, TraceAccess, TraceId
from collector.errors import BadRequest
from collector.queries import sources
from collector.queries.time_range import TimeRange
from collector.queries.tracing.alike import find_alike
from collector.queries.tracing.analysis import Analysis
from collector.queries.tracing.compare import compare
from collector.queries.tracing.events import span_events
from collector.queries.tracing.find import find_spans
from collector.queries.tracing.flame import flame
from collector.queries.tracing.service_graph import service_graph
from collector.queries.tracing.statistics import by_attribute, by_operation, by_service, statistics

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


def add_trace_views(router: APIRouter, access: TraceAccess) -> None:
    _add_find(router, access)
    _add_events(router, access)
    _add_statistics(router, access)
    _add_graphs(router, access)
    _add_compare(router, access)


def _add_find(router: APIRouter, access: TraceAccess) -> None:
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
        upload: InUpload = "",
        limit: Annotated[int, Query(ge=1, le=100_000, description="how many rows at most")] = 10_000,
    ) -> Response:
        opened = access.open(trace_id, skew, upload)
        return json_answer(find_spans(opened.source, opened.trace_id, q, opened.analysis, limit))


def _add_events(router: APIRouter, access: TraceAccess) -> None:
    @router.get(
        "/traces/{trace_id}/events",
        summary="When the events of a trace's spans happened",
        responses=answers(models.SpanEvents, NOT_FOUND),
        tags=["traces"],
    )
    def list_span_events(
        trace_id: TraceId,
        skew: Skew = "correct",
        upload: InUpload = "",
        limit: Annotated[int, Query(ge=1, le=100_000, description="how many events at most")] = 20_000,
    ) -> Response:
        opened = access.open(trace_id, skew, upload)
        return json_answer(span_events(opened.source, opened.trace_id, opened.analysis, limit))


def _add_statistics(router: APIRouter, access: TraceAccess) -> None:
    @router.get(
        "/traces/{trace_id}/statistics",
        summary="A trace's spans in numbers, by service, operation or attribute",
        responses=answers(models.Statistics, NOT_FOUND),
        tags=["traces"],
    )
    def get_trace_statistics(
        trace_id: TraceId,
        by: Grouping = "operation",
        skew: Skew = "correct",
        upload: InUpload = "",
        limit: MostRows = 500,
    ) -> Response:
        opened = access.open(trace_id, skew, upload)
        if by == "service":
            groups = by_service(opened.analysis)
        elif by == "operation":
            groups = by_operation(opened.analysis)
        elif by.startswith(_ATTRIBUTE) and len(by) > len(_ATTRIBUTE):
            groups = by_attribute(opened.source, opened.trace_id, by.removeprefix(_ATTRIBUTE), opened.analysis)
        else:
            raise BadRequest(f"by: expected service, operation or attribute:KEY, got {by!r}")
        return json_answer({"by": by, **statistics(opened.analysis, *groups, limit)})


def _add_graphs(router: APIRouter, access: TraceAccess) -> None:
    @router.get(
        "/traces/{trace_id}/flame",
        summary="A trace's call tree, merged by path",
        responses=answers(models.Flame, NOT_FOUND),
        tags=["traces"],
    )
    def get_trace_flame(
        trace_id: TraceId, skew: Skew = "correct", upload: InUpload = "", limit: MostNodes = 2000
    ) -> Response:
        return json_answer(flame(access.open(trace_id, skew, upload).analysis, limit))

    @router.get(
        "/traces/{trace_id}/graph",
        summary="The services of a trace and who called whom",
        responses=answers(models.Graph, NOT_FOUND),
        tags=["traces"],
    )
    def get_trace_graph(
        trace_id: TraceId, skew: Skew = "correct", upload: InUpload = "", limit: MostEdges = 2000
    ) -> Response:
        return json_answer(service_graph(access.open(trace_id, skew, upload).analysis, limit))


def _add_compare(router: APIRouter, access: TraceAccess) -> None:
    @router.get(
        "/traces/{trace_id}/compare",
        summary="What differs between a trace and another, or what is typical",
        responses=answers(models.Comparison, NOT_FOUND, also=models.NothingToCompare),
        tags=["traces"],
    )
    def compare_trace(
        trace_id: TraceId,
        with_: Annotated[
            str,
            Query(
                alias="with",
                description="the other trace's id, or typical: the median of recent stored traces of its operation",
                pattern="^([0-9a-fA-F]{32}|typical)$",
                examples=["typical"],
            ),
        ],
        start: Annotated[str, Query(description="of typical traces; an hour before the trace's start")] = "",
        end: Annotated[str, Query(description="as start, not included; an hour after the trace's start")] = "",
        tolerance: Annotated[float, Query(ge=0, le=100, description="a part of the time that may differ")] = 0.1,
        skew: Skew = "correct",
        upload: InUpload = "",
        with_upload: InUpload = "",
        limit: MostNodes = 2000,
    ) -> Response:
        here = access.open(trace_id, skew, upload)
        is_typical = with_ == "typical"
        others = (
            _typical(access, here, skew, start, end) if is_typical else [access.open(with_, skew, with_upload).analysis]
        )
        root, spans = here.analysis.root, here.analysis.spans
        if not others:
            reason = f"no other trace of {spans.service[root]} {spans.name[root]} in that time"
            return json_answer({"other": None, "reason": reason})
        about = {
            "kind": "typical" if is_typical else "trace",
            "trace_id": None if is_typical else with_.lower(),
            "traces": len(others),
            "service": spans.service[root],
            "operation": spans.name[root],
        }
        return json_answer({"other": about, **compare(here.analysis, others, tolerance, limit)})


def _typical(access: TraceAccess, here: Opened, skew: str, start: str, end: str) -> list[Analysis]:
    moment_ns, settings = here.analysis.start_ns, access.settings
    first_ns, last_ns = max(0, moment_ns - _HOUR_NS), moment_ns + _HOUR_NS
    window = TimeRange(first_ns, last_ns)
    if start or end:
        window = parse_range(start or str(first_ns), end or str(last_ns), settings.query_max_range_days)
    stored = sources.stored(access.store)
    return find_alike(stored, here.trace_id, here.analysis, window, settings, skew == "correct")
