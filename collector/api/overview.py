"""Calls about the system as a whole."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from collector.api import models
from collector.api.answers import End, InScope, Start, Step, answers, json_answer, time_series
from collector.api.times import parse_range, parse_step_s
from collector.errors import BadRequest
from collector.queries import events, services
from collector.settings import Settings
from collector.store.engine import Store

_ALL = ",".join(events.KINDS)
Kinds = Annotated[str, Query(description="comma-separated", examples=["breaker,deployment"])]


def add_overview(router: APIRouter, store: Store, settings: Settings) -> None:
    max_days = settings.query_max_range_days

    @router.get(
        "/timeseries",
        summary="Rate, errors and durations of all services together over time",
        responses=answers(models.TimeSeries),
        tags=["services"],
    )
    def get_system_timeseries(scope: InScope, start: Start = "-1h", end: End = "now", step: Step = "1m") -> Response:
        window = parse_range(start, end, max_days)
        step_s = parse_step_s(step, window, settings)
        return time_series(step_s, lambda: services.list_system_points(store, window, step_s, scope))

    @router.get(
        "/events",
        summary="What happened: breakers, health, faults, deployments; newest first",
        responses=answers(models.SystemEvents),
        tags=["events"],
    )
    def list_events(scope: InScope, start: Start = "-1h", end: End = "now", kinds: Kinds = _ALL) -> Response:
        window = parse_range(start, end, max_days)
        names = tuple(dict.fromkeys(kind.strip() for kind in kinds.split(",")))
        if unknown := sorted(set(names) - set(events.KINDS)):
            raise BadRequest(f'kinds: expected {", ".join(events.KINDS)}, got "{", ".join(unknown)[:100]}"')
        return json_answer({"events": events.list_events(store, window, names, settings.query_max_rows, scope)})
