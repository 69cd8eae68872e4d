"""Calls about circuit breakers."""

from time import time_ns
from typing import Annotated

from fastapi import APIRouter, Query, Response

from collector.api import breaker_models as models
from collector.api.answers import At, End, Service, Start, answers, json_answer
from collector.api.times import parse_range, parse_time_ns
from collector.queries import breakers
from collector.settings import Settings
from collector.store.engine import Store

BreakerName = Annotated[str, Query(description="a breaker's name; empty for any", examples=["payments"])]


def add_breakers(router: APIRouter, store: Store, settings: Settings) -> None:
    @router.get(
        "/breakers", summary="Circuit breakers and their state", responses=answers(models.Breakers), tags=["breakers"]
    )
    def list_breakers(start: Start = "-15m", end: End = "now", at: At = "") -> Response:
        window = parse_range(start, end, settings.query_max_range_days)
        at_ns = parse_time_ns(at, "at", time_ns()) if at else window.end_ns
        stale_s, limit = settings.breakers_stale_min_s, settings.query_max_rows
        return json_answer({"breakers": breakers.list_breakers(store, window, at_ns, stale_s, limit)})

    @router.get(
        "/breakers/transitions",
        summary="Changes of breakers' states, newest first",
        responses=answers(models.Transitions),
        tags=["breakers"],
    )
    def list_transitions(
        start: Start = "-1h", end: End = "now", service: Service = "", name: BreakerName = ""
    ) -> Response:
        window = parse_range(start, end, settings.query_max_range_days)
        rows = breakers.list_transitions(store, window, service, name, limit=settings.query_max_rows)
        return json_answer({"transitions": [{**row, "at_ns": str(row["at_ns"])} for row in rows]})
