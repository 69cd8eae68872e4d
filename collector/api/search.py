"""Calls about many traces: search, and what stands around its results."""

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Response

from collector.api import models, search_models
from collector.api.answers import End, Filter, Service, Start, answers, json_answer
from collector.api.times import parse_duration_ns, parse_range
from collector.queries import traces
from collector.queries.search.facets import find_facets
from collector.queries.search.heatmap import find_heatmap
from collector.queries.traces import TraceQuery
from collector.settings import Settings
from collector.store.engine import Store


class Search:
    """The parameters that say which spans are looked for."""

    def __init__(
        self,
        start: Start = "-1h",
        end: End = "now",
        service: Service = "",
        operation: Annotated[str, Query(description="a span's name; empty for any", examples=["POST /orders"])] = "",
        q: Filter = "",
        min_duration: Annotated[str, Query(description="of the span that matches", examples=["200ms"])] = "",
        max_duration: Annotated[str, Query(description="of the span that matches", examples=["2s"])] = "",
        status: Annotated[Literal["", "unset", "ok", "error"], Query(description="of the span that matches")] = "",
    ) -> None:
        self._range = (start, end)
        self._texts = (service, operation, status, q)
        self._durations = (min_duration, max_duration)

    def asked(self, settings: Settings) -> TraceQuery:
        """Raises BadRequest that names the parameter."""
        window = parse_range(*self._range, settings.query_max_range_days)
        shortest, longest = self._durations
        return TraceQuery(
            window,
            *self._texts,
            parse_duration_ns(shortest, "min_duration") if shortest else None,
            parse_duration_ns(longest, "max_duration") if longest else None,
        )


Searched = Annotated[Search, Depends()]


def add_search(router: APIRouter, store: Store, settings: Settings) -> None:
    _add_results(router, store, settings)
    _add_summaries(router, store, settings)


def _add_results(router: APIRouter, store: Store, settings: Settings) -> None:
    @router.get("/traces", summary="Search traces, newest first", responses=answers(models.Traces), tags=["traces"])
    def find_traces(
        search: Searched,
        limit: Annotated[int, Query(ge=1, le=1000, description="how many at most", examples=[20])] = 20,
        cursor: Annotated[str, Query(description="`next` of the page before; keep the other parameters")] = "",
    ) -> Response:
        return json_answer(traces.find_traces(store, search.asked(settings), limit, cursor))


def _add_summaries(router: APIRouter, store: Store, settings: Settings) -> None:
    @router.get(
        "/traces/facets",
        summary="The values that matching spans have, with how many traces have each",
        responses=answers(search_models.Facets),
        tags=["traces"],
    )
    def get_facets(
        search: Searched,
        limit: Annotated[int, Query(ge=1, le=100, description="values of a facet at most", examples=[10])] = 10,
    ) -> Response:
        return json_answer(find_facets(store, search.asked(settings), limit, settings.search_max_spans))

    @router.get(
        "/traces/heatmap",
        summary="Matching spans over time and duration",
        responses=answers(search_models.HeatMap),
        tags=["traces"],
    )
    def get_heatmap(
        search: Searched,
        columns: Annotated[int, Query(ge=1, le=500, description="how many steps of time", examples=[100])] = 100,
    ) -> Response:
        return json_answer(find_heatmap(store, search.asked(settings), columns, settings.search_max_spans))
