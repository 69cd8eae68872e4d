"""Calls about services."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response

from collector.api import models, service_models
from collector.api.answers import (
    End,
    Environment,
    InScope,
    ServiceName,
    Silent,
    Start,
    Step,
    answers,
    json_answer,
    time_series,
)
from collector.api.times import parse_range, parse_silent_ns, parse_step_s
from collector.queries import overlay, services, sources
from collector.queries.health import HealthView
from collector.queries.log_records import list_service_logs
from collector.queries.moments import moment_text
from collector.queries.scope import Scope
from collector.queries.time_range import TimeRange
from collector.settings import Settings
from collector.store.engine import Store

_VERSIONS_LONGEST_NS = 6 * 3600 * 10**9  # they are counted from spans
_MOST_LOGS = 500
Severity = Annotated[
    Literal["", "trace", "debug", "info", "warn", "error", "fatal"],
    Query(description="only records of this severity or worse", examples=["warn"]),
]
LogLimit = Annotated[int, Query(ge=1, le=_MOST_LOGS, description="how many records", examples=[50])]


def add_services(router: APIRouter, store: Store, settings: Settings, view: HealthView) -> None:
    max_days = settings.query_max_range_days

    @router.get("/services", summary="Services that were seen", responses=answers(models.Services), tags=["services"])
    def list_services(scope: InScope, start: Start = "-15m", end: End = "now", silent: Silent = "") -> Response:
        window = parse_range(start, end, max_days)
        rows = services.list_services(store, sources.rolled_up(store, window), scope)
        rows = services.with_silent(rows, services.list_silent(store, window, parse_silent_ns(silent), scope))
        overlay.paint_services(rows, view.services(window.end_ns, Scope(scope.environment)))
        return json_answer({"services": rows})

    @router.get(
        "/services/{name:path}/operations",
        summary="A service's operations, most calls first",
        responses=answers(models.Operations),
        tags=["services"],
    )
    def list_operations(
        name: ServiceName, start: Start = "-15m", end: End = "now", environment: Environment = ""
    ) -> Response:
        window = parse_range(start, end, max_days)
        return json_answer({"operations": services.list_operations(store, name, window, environment)})

    @router.get(
        "/services/{name:path}/timeseries",
        summary="A service's rate, errors and durations over time",
        responses=answers(models.TimeSeries),
        tags=["services"],
    )
    def get_timeseries(
        name: ServiceName,
        start: Start = "-1h",
        end: End = "now",
        step: Step = "1m",
        environment: Environment = "",
    ) -> Response:
        window = parse_range(start, end, max_days)
        step_s = parse_step_s(step, window, settings)
        return time_series(step_s, lambda: services.list_points(store, name, window, step_s, environment))

    _add_details(router, store, max_days)


def _add_details(router: APIRouter, store: Store, max_days: int) -> None:
    @router.get(
        "/services/{name:path}/versions",
        summary="A service's versions side by side, newest first",
        responses=answers(service_models.Versions),
        tags=["services"],
    )
    def list_versions(
        name: ServiceName, start: Start = "-15m", end: End = "now", environment: Environment = ""
    ) -> Response:
        asked = parse_range(start, end, max_days)
        counted = TimeRange(max(asked.start_ns, asked.end_ns - _VERSIONS_LONGEST_NS), asked.end_ns)
        rows = services.list_versions(store, name, counted, environment)
        ends = {"start": moment_text(counted.start_ns), "end": moment_text(counted.end_ns)}
        return json_answer({**ends, "versions": rows})

    @router.get(
        "/services/{name:path}/logs",
        summary="A service's log records, newest first",
        responses=answers(service_models.ServiceLogs),
        tags=["services"],
    )
    def list_logs_of_service(
        name: ServiceName,
        start: Start = "-15m",
        end: End = "now",
        severity: Severity = "",
        limit: LogLimit = 50,
        environment: Environment = "",
    ) -> Response:
        window = parse_range(start, end, max_days)
        logs = list_service_logs(store, name, window, severity, limit, environment)
        return json_answer({"severity": severity, "logs": logs})
