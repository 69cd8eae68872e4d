"""Calls about health: reports come in, and what they and everything else tell is answered."""

from time import time_ns
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response
from fastapi.concurrency import run_in_threadpool

from collector.api import health_models as models
from collector.api.answers import At, End, InScope, Service, ServiceName, Start, answers, json_answer
from collector.api.badge import badge
from collector.api.problems import FORBIDDEN, PROBLEMS, TOO_LARGE, Responses
from collector.api.times import parse_range, parse_time_ns
from collector.errors import BadRequest, PayloadTooLarge
from collector.queries import health
from collector.queries.health import HealthView
from collector.queries.health_formats import normalised
from collector.queries.health_reports import HealthReports, Reporter
from collector.queries.moments import moment_text
from collector.settings import Settings
from collector.store.engine import Store

Instance = Annotated[str, Query(max_length=200, description="the instance's id; empty for the service as such")]
Namespace = Annotated[str, Query(max_length=200, description="the service's namespace")]
Format = Annotated[
    Literal[
        "", "actuator", "microprofile", "health+json", "aspnet", "grpc", "kubernetes", "consul", "eureka", "httpcheck"
    ],
    Query(description="the format of the body; detected when it is not said", examples=["health+json"]),
]
Kind = Annotated[
    Literal["overall", "liveness", "readiness", "startup"], Query(description="which probe the report is of")
]
_BODY = {
    "requestBody": {
        "description": "a health report in any of the formats",
        "required": True,
        "content": {
            "application/health+json": {"schema": {"type": "object"}, "example": {"status": "pass"}},
            "application/json": {"schema": {}, "example": {"status": "UP"}},
            "text/plain": {"schema": {"type": "string"}, "example": "Healthy"},
        },
    }
}
_SVG: Responses = {
    200: {
        "description": "A picture",
        "content": {"image/svg+xml": {"schema": {"type": "string"}, "example": badge("health", "healthy")}},
    }
}


class Svg(Response):
    media_type = "image/svg+xml"


def add_health(router: APIRouter, store: Store, settings: Settings, view: HealthView, reports: HealthReports) -> None:
    _add_push(router, settings, reports)
    _add_pictures(router, view)

    @router.get(
        "/health",
        summary="Health of services and instances, with reasons",
        responses=answers(models.SystemHealth),
        tags=["health"],
    )
    def get_health(scope: InScope, at: At = "now") -> Response:
        at_ns = parse_time_ns(at, "at", time_ns())
        services = view.services(at_ns, scope)
        return json_answer({"at": moment_text(at_ns), "services": services})

    @router.get(
        "/health/history",
        summary="Changes of health, newest first",
        responses=answers(models.HealthChanges),
        tags=["health"],
    )
    def list_health_changes(scope: InScope, start: Start = "-24h", end: End = "now", service: Service = "") -> Response:
        window = parse_range(start, end, settings.query_max_range_days)
        changes = health.list_changes(store, window, service, settings.query_max_rows, scope)
        return json_answer({"changes": changes})


def _add_push(router: APIRouter, settings: Settings, reports: HealthReports) -> None:
    @router.post(
        "/health/{service:path}",
        summary="Report health, in any format",
        status_code=202,
        responses=answers(models.HealthReport, FORBIDDEN, TOO_LARGE, status=202),
        openapi_extra=_BODY,
        tags=["health"],
    )
    async def report_health(
        request: Request,
        service: ServiceName,
        instance: Instance = "",
        namespace: Namespace = "",
        format: Format = "",
        kind: Kind = "overall",
    ) -> Response:
        body = await _limited(request, settings.health_max_body_bytes)
        media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        report = normalised(body, media_type, format, kind)
        reporter = Reporter(service, instance, namespace)
        return json_answer(await run_in_threadpool(reports.record, reporter, report), 202)


def _add_pictures(router: APIRouter, view: HealthView) -> None:
    @router.get(
        "/health/summary",
        summary="The whole system's health in a few words",
        responses=answers(models.HealthSummary),
        tags=["health"],
    )
    def get_health_summary(scope: InScope) -> Response:
        return json_answer(health.summary(view.services(time_ns(), scope)))

    @router.get(
        "/health/badge.svg",
        summary="The health of a service, or of all, as a badge",
        responses={**_SVG, **PROBLEMS},
        response_class=Svg,
        tags=["health"],
    )
    def get_health_badge(scope: InScope, service: Service = "") -> Response:
        services = view.services(time_ns(), scope)
        status = health.summary(services)["status"]
        if service:
            status = next((row["status"] for row in services if row["name"] == service), "unknown")
        return Svg(badge(service or "health", status), headers={"Cache-Control": "no-store"})


async def _limited(request: Request, most: int) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            raise PayloadTooLarge(f"the report is larger than SPANSCAPE_HEALTH_MAX_BODY_BYTES ({most} bytes)")
    if not body:
        raise BadRequest("the body is empty; expected a health report")
    return bytes(body)
