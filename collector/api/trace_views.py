"""Calls that look at one trace in other ways: found spans, statistics, flame graph, service graph."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from collector.api import trace_view_models as models
from collector.api.answers import answers, json_answer
from collector.api.problems import NOT_FOUND
from collector.api.trace_parameters import Skew, TraceId
from collector.errors import BadRequest
from collector.queries import sources
from collector.queries.tracing.analysis import Traces
from collector.queries.tracing.find import find_spans
from collector.queries.tracing.flame import flame
from collector.queries.tracing.service_graph import service_graph
from collector.queries.tracing.statistics import by_attribute, by_operation, by_service, statistics
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


def add_trace_views(router: APIRouter, store: Store, kept: Traces) -> None:
    _add_find(router, store, kept)
    _add_statistics(router, store, kept)
    _add_graphs(router, store, kept)


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
