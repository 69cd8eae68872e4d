"""Calls about circuit breakers."""

from collections.abc import Sequence
from functools import partial
from time import time_ns
from typing import Annotated

from fastapi import APIRouter, Path, Query, Response
from pydantic import Field

from collector.api import breaker_models as models
from collector.api import breaker_story_models as story_models
from collector.api.answers import At, End, Environment, InScope, Service, Start, Step, answers, json_answer
from collector.api.problems import NOT_FOUND
from collector.api.times import parse_duration_ns, parse_range, parse_step_s, parse_time_ns
from collector.errors import BadRequest
from collector.queries import breaker_instances, breaker_rows, breakers
from collector.queries.breaker_story import SECOND_NS, tell_story
from collector.queries.breaker_traffic import list_points
from collector.queries.guards import list_guards
from collector.queries.scope import Scope, Whereabouts, whereabouts
from collector.queries.time_range import TimeRange
from collector.settings import Settings
from collector.store.engine import Row, Store

Target = Annotated[str, Query(description="the service that breakers guard; empty for any", examples=["payments"])]
BreakerName = Annotated[str, Query(description="a breaker's name; empty for any", examples=["payments"])]

BreakerId = Annotated[str, Path(description="a breaker's id", pattern="^[0-9a-f]{16}$", examples=["9f86d081884c7d65"])]
BreakerIds = Annotated[
    Sequence[Annotated[str, Field(pattern="^[0-9a-f]{16}$")]],
    Query(description="only breakers with these ids, at most 500", max_length=500, examples=[["9f86d081884c7d65"]]),
]
Before = Annotated[str, Query(description="how much before the opening is looked at, 1s to 10m", examples=["60s"])]


def add_breakers(router: APIRouter, store: Store, settings: Settings) -> None:
    def asked(start: str, end: str, at: str) -> tuple[TimeRange, int, float, int]:
        """The window, the moment in it, and the bounds of an answer."""
        window = parse_range(start, end, settings.query_max_range_days)
        at_ns = parse_time_ns(at, "at", time_ns()) if at else window.end_ns
        return window, at_ns, settings.breakers_stale_min_s, settings.query_max_rows

    def found(id: str, bounds: tuple[TimeRange, int, float, int], environment: str) -> Row:
        """The breaker, as its instances in the environment tell. Raises NotFound."""
        scope = Scope(environment)
        keeps = _keeps(whereabouts(store, bounds[0], scope), scope)
        return breakers.get_breaker(store, *bounds, id, keeps)

    @router.get(
        "/breakers", summary="Circuit breakers and their state", responses=answers(models.Breakers), tags=["breakers"]
    )
    def list_breakers(
        scope: InScope, start: Start = "-15m", end: End = "now", at: At = "", service: Service = "", target: Target = ""
    ) -> Response:
        bounds = asked(start, end, at)
        where = whereabouts(store, bounds[0], scope)
        known = breakers.list_breakers(store, *bounds, keeps=_keeps(where, scope))
        rows = [one for one in known if one["service"] == (service or one["service"]) and target in ("", one["target"])]
        return json_answer({"breakers": where.within(scope, rows)})

    @router.get(
        "/breakers/lamps",
        summary="Circuit breakers in short, for long lists",
        responses=answers(models.Lamps),
        tags=["breakers"],
    )
    def list_lamps(
        scope: InScope, start: Start = "-15m", end: End = "now", at: At = "", id: BreakerIds = ()
    ) -> Response:
        bounds = asked(start, end, at)
        where = whereabouts(store, bounds[0], scope)
        rows = breakers.list_lamps(store, *bounds, id, _keeps(where, scope))
        return json_answer({"lamps": where.within(scope, rows)})

    @router.get(
        "/breakers/transitions",
        summary="Changes of breakers' states, newest first",
        responses=answers(models.Transitions),
        tags=["breakers"],
    )
    def list_transitions(
        scope: InScope,
        start: Start = "-1h",
        end: End = "now",
        service: Service = "",
        name: BreakerName = "",
        id: BreakerIds = (),
    ) -> Response:
        window = parse_range(start, end, settings.query_max_range_days)
        rows = breaker_instances.list_transitions(store, window, service, name, id, settings.query_max_rows)
        rows = whereabouts(store, window, scope).within(scope, rows)
        return json_answer({"transitions": [{**row, "at_ns": str(row["at_ns"])} for row in rows]})

    @router.get(
        "/breakers/{id}", summary="One circuit breaker", responses=answers(models.Breaker, NOT_FOUND), tags=["breakers"]
    )
    def get_breaker(
        id: BreakerId, start: Start = "-15m", end: End = "now", at: At = "", environment: Environment = ""
    ) -> Response:
        return json_answer(found(id, asked(start, end, at), environment))

    @router.get(
        "/breakers/{id}/timeseries",
        summary="Calls through a circuit breaker over time, in all and by instance",
        responses=answers(models.BreakerSeries, NOT_FOUND),
        tags=["breakers"],
    )
    def list_breaker_points(
        id: BreakerId, start: Start = "-15m", end: End = "now", step: Step = "1m", environment: Environment = ""
    ) -> Response:
        bounds = asked(start, end, "")
        step_s = parse_step_s(step, bounds[0], settings)
        return json_answer(list_points(store, found(id, bounds, environment), bounds[0], step_s, environment))

    @router.get(
        "/breakers/{id}/guards",
        summary="Retries, time limits, bulkheads and rate limits of the breaker's service",
        responses=answers(models.Guards, NOT_FOUND),
        tags=["breakers"],
    )
    def list_breaker_guards(id: BreakerId, start: Start = "-15m", end: End = "now") -> Response:
        bounds = asked(start, end, "")
        service = breakers.get_breaker(store, *bounds, id)["service"]
        return json_answer({"guards": list_guards(store, service, bounds[0], settings.query_max_rows)})

    @router.get(
        "/breakers/{id}/story",
        summary="Why a breaker opened, whom it hurt and how it recovered",
        responses=answers(story_models.Story, NOT_FOUND),
        tags=["breakers"],
    )
    def get_breaker_story(
        id: BreakerId, at: At = "now", before: Before = "60s", environment: Environment = ""
    ) -> Response:
        now_ns = time_ns()
        before_ns = parse_duration_ns(before, "before")
        if not SECOND_NS <= before_ns <= 600 * SECOND_NS:
            raise BadRequest(f"before: expected 1s to 10m, got {before[:50]}")
        return json_answer(tell_story(store, id, parse_time_ns(at, "at", now_ns), before_ns, environment))


def _keeps(where: Whereabouts, scope: Scope) -> breaker_rows.Keeps | None:
    return partial(where.are_in, scope.environment) if scope.environment else None
