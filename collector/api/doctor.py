"""The call of the doctor: why the map may be incomplete."""

from collections.abc import Callable, Mapping
from time import time_ns

from fastapi import APIRouter, Response

from collector.api import doctor_models as models
from collector.api.answers import End, InScope, Start, answers, json_answer
from collector.api.times import parse_range
from collector.queries import doctor
from collector.settings import Settings
from collector.store.engine import Store

Counters = Callable[[], Mapping[str, float]]
"""What the collector refused or failed to store since it was started, by name."""


def build_doctor(store: Store, settings: Settings, counters: Counters) -> APIRouter:
    router = APIRouter(prefix="/api/v1")

    @router.get(
        "/doctor",
        summary="What keeps the map from being complete or right",
        responses=answers(models.Doctor),
        tags=["doctor"],
    )
    def get_doctor(scope: InScope, start: Start = "-15m", end: End = "now") -> Response:
        window = parse_range(start, end, settings.query_max_range_days)
        checks = doctor.examine(store, window, settings.doctor_max_spans, time_ns(), counters(), scope)
        return json_answer({"checks": checks})

    return router
