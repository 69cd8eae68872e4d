"""Calls about one trace: whole, and in its views."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel

from collector.api import models, trace_models
from collector.api.answers import answers, json_answer
from collector.api.problems import NOT_FOUND
from collector.api.trace_parameters import Skew, SpanId, TraceId
from collector.api.trace_views import add_trace_views
from collector.queries import sources, spans, trace
from collector.queries.tracing.analysis import Traces
from collector.queries.tracing.outline import log_counts, outline
from collector.queries.tracing.span_detail import get_span
from collector.settings import Settings
from collector.store.engine import Store

Form = Annotated[Literal["", "otlp"], Query(description="otlp: as an OTLP/JSON export request")]


def _in_two_forms(model: type[BaseModel], name: str) -> dict[int | str, dict[str, Any]]:
    examples = {
        name: {"value": models.example(model)},
        "otlp": {"summary": "format=otlp", "value": models.example(models.OtlpRequest)},
    }
    return {
        200: {
            "model": model | models.OtlpRequest,
            "description": f"The {name}, or with format=otlp the request that would send it",
            "content": {"application/json": {"examples": examples}},
        }
    }


def add_traces(router: APIRouter, store: Store, settings: Settings) -> None:
    kept = Traces(store, settings)
    _add_whole(router, store, settings)
    _add_outline(router, store, settings, kept)
    add_trace_views(router, store, settings, kept)


def _add_whole(router: APIRouter, store: Store, settings: Settings) -> None:
    @router.get(
        "/traces/{trace_id}",
        summary="One trace",
        responses=answers(models.Trace, _in_two_forms(models.Trace, "trace"), NOT_FOUND),
        tags=["traces"],
    )
    def get_trace(
        trace_id: TraceId,
        format: Form = "",
    ) -> Response:
        found = trace.get_trace(store, sources.stored(store), trace_id.lower(), settings.trace_max_spans)
        return json_answer(spans.otlp_json(found["spans"]) if format == "otlp" else found)

    @router.get(
        "/traces/{trace_id}/logs",
        summary="A trace's log records, earliest first",
        responses=answers(models.Logs),
        tags=["traces"],
    )
    def list_logs(trace_id: TraceId) -> Response:
        return json_answer({"logs": trace.list_logs(store, trace_id.lower(), settings.query_max_rows)})


def _add_outline(router: APIRouter, store: Store, settings: Settings, kept: Traces) -> None:
    @router.get(
        "/traces/{trace_id}/outline",
        summary="A trace's tree, times and critical path in columns, without attributes",
        responses=answers(trace_models.Outline, NOT_FOUND),
        tags=["traces"],
    )
    def get_outline(trace_id: TraceId, skew: Skew = "correct") -> Response:
        analysis = kept.get(sources.stored(store), trace_id.lower(), skew == "correct")
        logs = log_counts(store, trace_id.lower(), analysis)
        return json_answer(outline(analysis, trace_id.lower(), logs))

    @router.get(
        "/traces/{trace_id}/spans/{span_id}",
        summary="One span in full, with its place in the trace",
        responses=answers(trace_models.SpanDetail, _in_two_forms(trace_models.SpanDetail, "span"), NOT_FOUND),
        tags=["traces"],
    )
    def get_trace_span(
        trace_id: TraceId,
        span_id: SpanId,
        skew: Skew = "correct",
        service: Annotated[str, Query(description="whose span, where services share the id", examples=["orders"])] = "",
        format: Form = "",
    ) -> Response:
        source = sources.stored(store)
        analysis = kept.get(source, trace_id.lower(), skew == "correct")
        most_logs = settings.query_max_rows
        span = get_span(store, source, trace_id.lower(), span_id.lower(), analysis, most_logs, service)
        return json_answer(spans.otlp_json([span]) if format == "otlp" else span)
