"""Calls about one trace: whole, and in its views."""

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel

from collector.api import models, trace_models
from collector.api.answers import answers, json_answer
from collector.api.problems import NOT_FOUND
from collector.api.trace_access import InUpload, Skew, SpanId, TraceAccess, TraceId
from collector.api.trace_views import add_trace_views
from collector.api.uploads import add_uploads
from collector.formats.jaeger_writer import jaeger_json
from collector.model import Sink
from collector.queries import spans, trace
from collector.queries.tracing.analysis import Traces
from collector.queries.tracing.outline import log_counts, outline
from collector.queries.tracing.span_detail import get_span
from collector.settings import Settings
from collector.store.engine import Store
from collector.store.uploads import Uploads

Forms = dict[str, tuple[str, type[BaseModel]]]
"""By the value of `format`: what it is, and its shape."""
OTLP: Forms = {"otlp": ("the request that would send it", models.OtlpRequest)}
JAEGER: Forms = {"jaeger": ("Jaeger JSON", models.JaegerTraces)}


def _in_forms(model: type[BaseModel], name: str, others: Forms) -> dict[int | str, dict[str, Any]]:
    """The documented answer of a call with a parameter `format`."""
    examples: dict[str, dict[str, Any]] = {name: {"value": models.example(model)}}
    either: Any = model
    for form, (_, other) in others.items():
        examples[form] = {"summary": f"format={form}", "value": models.example(other)}
        either = either | other
    words = "".join(f", or with format={form} {what}" for form, (what, _) in others.items())
    content = {"application/json": {"examples": examples}}
    return {200: {"model": either, "description": f"The {name}{words}", "content": content}}


def add_traces(router: APIRouter, store: Store, settings: Settings, uploads: Uploads, sink: Sink) -> None:
    access = TraceAccess(store, settings, uploads, Traces(settings))
    add_uploads(router, store, settings, uploads, sink)
    _add_whole(router, access)
    _add_outline(router, access)
    add_trace_views(router, access)


def _add_whole(router: APIRouter, access: TraceAccess) -> None:
    @router.get(
        "/traces/{trace_id}",
        summary="One trace",
        responses=answers(models.Trace, _in_forms(models.Trace, "trace", OTLP | JAEGER), NOT_FOUND),
        tags=["traces"],
    )
    def get_trace(
        trace_id: TraceId,
        format: Annotated[
            Literal["", "otlp", "jaeger"],
            Query(description="otlp: as an OTLP/JSON export request; jaeger: as Jaeger JSON"),
        ] = "",
        upload: InUpload = "",
    ) -> Response:
        found = trace.get_trace(access.source(upload), trace_id.lower(), access.settings.trace_max_spans)
        return json_answer(_in_form(found, format))

    @router.get(
        "/traces/{trace_id}/logs",
        summary="A trace's log records, earliest first",
        responses=answers(models.Logs),
        tags=["traces"],
    )
    def list_logs(trace_id: TraceId) -> Response:
        return json_answer({"logs": trace.list_logs(access.store, trace_id.lower(), access.settings.query_max_rows)})


def _in_form(found: dict[str, Any], format: str) -> dict[str, Any]:
    match format:
        case "otlp":
            return spans.otlp_json(found["spans"])
        case "jaeger":
            return jaeger_json(found["spans"])
    return found


def _add_outline(router: APIRouter, access: TraceAccess) -> None:
    @router.get(
        "/traces/{trace_id}/outline",
        summary="A trace's tree, times and critical path in columns, without attributes",
        responses=answers(trace_models.Outline, NOT_FOUND),
        tags=["traces"],
    )
    def get_outline(trace_id: TraceId, skew: Skew = "correct", upload: InUpload = "") -> Response:
        opened = access.open(trace_id, skew, upload)
        logs = log_counts(access.store, opened.trace_id, opened.analysis)
        return json_answer(outline(opened.analysis, opened.trace_id, logs))

    @router.get(
        "/traces/{trace_id}/spans/{span_id}",
        summary="One span in full, with its place in the trace",
        responses=answers(trace_models.SpanDetail, _in_forms(trace_models.SpanDetail, "span", OTLP), NOT_FOUND),
        tags=["traces"],
    )
    def get_trace_span(
        trace_id: TraceId,
        span_id: SpanId,
        skew: Skew = "correct",
        service: Annotated[str, Query(description="whose span, where services share the id", examples=["orders"])] = "",
        format: Annotated[Literal["", "otlp"], Query(description="otlp: as an OTLP/JSON export request")] = "",
        upload: InUpload = "",
    ) -> Response:
        opened = access.open(trace_id, skew, upload)
        most_logs = access.settings.query_max_rows
        span = get_span(
            access.store, opened.source, opened.trace_id, span_id.lower(), opened.analysis, most_logs, service
        )
        return json_answer(spans.otlp_json([span]) if format == "otlp" else span)
