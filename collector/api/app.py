"""The API as one FastAPI application: version 1, the collector's own health and metrics."""

from collections.abc import Callable, Mapping
from typing import Any

import orjson
from fastapi import FastAPI, Response
from fastapi.responses import PlainTextResponse

from collector.api import models, problems
from collector.api.doctor import build_doctor
from collector.api.stream import ChangeFeed
from collector.api.v1 import build_router
from collector.model import Sink
from collector.queries.health import HealthView
from collector.queries.health_reports import HealthReports
from collector.settings import Settings
from collector.store.engine import Store
from collector.store.uploads import Uploads

Figures = Callable[[], Mapping[str, tuple[str, str, float]]]
"""Prometheus metrics by name: (type, help, value)."""

_HEALTH: dict[int | str, dict[str, Any]] = {
    200: {
        "model": models.CollectorHealth,
        "description": "It is",
        "content": {"application/json": {"example": {"status": "ok"}}},
    },
    503: {
        "model": models.CollectorHealth,
        "description": "The store does not answer",
        "content": {"application/json": {"example": {"status": "failing"}}},
    },
}
_LOSSES = {
    "spans_points_or_records_refused": "refused_total",
    "requests_that_could_not_be_stored": "requests_failed_total",
    "requests_turned_away_because_the_queue_was_full": "requests_turned_away_total",
}
"""Figures that tell of data that is not in the store."""
_METRICS_EXAMPLE = """# HELP spanscape_requests_total Export requests committed.
# TYPE spanscape_requests_total counter
spanscape_requests_total 7
"""


def build_api(
    store: Store,
    settings: Settings,
    feed: ChangeFeed,
    health: tuple[HealthView, HealthReports],
    uploads: tuple[Uploads, Sink],
    figures: Figures,
    version: str,
) -> FastAPI:
    app = FastAPI(
        title="Spanscape collector",
        version=version,
        description="Questions about a running system's traces, calls and services. Times are RFC 3339 or relative "
        "(`-15m`); nanoseconds are decimal strings; ids are lower-case hexadecimal; errors are "
        "application/problem+json.",
        generate_unique_id_function=lambda route: route.name,
        docs_url=None,
        redoc_url=None,
    )
    problems.install(app)
    app.include_router(
        build_router(store, settings, feed, health, uploads, lambda: figures()["rollup_behind_seconds"][2])
    )
    app.include_router(
        build_doctor(store, settings, lambda: {name: figures()[key][2] for name, key in _LOSSES.items()})
    )

    @app.get("/healthz", summary="Is the collector well?", responses=_HEALTH, tags=["collector"])
    def get_healthz() -> Response:
        well = store.ping()
        body = orjson.dumps({"status": "ok" if well else "failing"})
        return Response(body, 200 if well else 503, media_type="application/json")

    @app.get(
        "/metrics",
        summary="The collector's own metrics, for Prometheus",
        responses={200: {"content": {"text/plain": {"example": _METRICS_EXAMPLE}}}},
        response_class=PlainTextResponse,
        tags=["collector"],
    )
    def get_metrics() -> PlainTextResponse:
        lines = [
            f"# HELP spanscape_{name} {help_text}\n# TYPE spanscape_{name} {kind}\nspanscape_{name} {value!r}\n"
            for name, (kind, help_text, value) in figures().items()
        ]
        return PlainTextResponse("".join(lines), media_type="text/plain; version=0.0.4")

    return app
