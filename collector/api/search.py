"""Calls about many traces: search, and what stands around its results."""

from time import time_ns
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query, Response

from collector.api import models, search_models
from collector.api.answers import End, Filter, InScope, Service, Start, answers, json_answer
from collector.api.times import parse_duration_ns, parse_range, parse_time_ns
from collector.queries import traces
from collector.queries.scope import names_within
from collector.queries.search.completion import find_keys, find_values
from collector.queries.search.differences import Selection, find_differences
from collector.queries.search.facets import find_facets
from collector.queries.search.heatmap import find_heatmap
from collector.queries.search.ordered import find_ordered
from collector.queries.search.tail import find_new
from collector.queries.traces import TraceQuery
from collector.settings import Settings
from collector.store.engine import Store


class Search:
    """The parameters that say which spans are looked for."""

    def __init__(
        self,
        scope: InScope,
        start: Start = "-1h",
        end: End = "now",
        service: Service = "",
        operation: Annotated[str, Query(description="a span's name; empty for any", examples=["POST /orders"])] = "",
        q: Filter = "",
        min_duration: Annotated[str, Query(description="of the span that matches", examples=["200ms"])] = "",
        max_duration: Annotated[str, Query(description="of the span that matches", examples=["2s"])] = "",
        status: Annotated[Literal["", "unset", "ok", "error"], Query(description="of the span that matches")] = "",
    ) -> None:
        self._scope = scope
        self._range = (start, end)
        self._texts = (service, operation, status, q)
        self._durations = (min_duration, max_duration)

    def asked(self, store: Store, settings: Settings) -> TraceQuery:
        """Raises BadRequest that names the parameter."""
        window = parse_range(*self._range, settings.query_max_range_days)
        shortest, longest = self._durations
        within = names_within(store, window, self._scope) if self._scope.namespace else None
        return TraceQuery(
            window,
            *self._texts,
            parse_duration_ns(shortest, "min_duration") if shortest else None,
            parse_duration_ns(longest, "max_duration") if longest else None,
            self._scope.environment,
            None if within is None else tuple(sorted(within)),
        )


class SelectionParameters:
    """The parameters that say which of the spans found are the selection."""

    def __init__(
        self,
        selection: Annotated[str, Query(description="filter language; empty for all", examples=["status=error"])] = "",
        selection_start: Annotated[str, Query(description="as start; empty for no bound")] = "",
        selection_end: Annotated[str, Query(description="as end; empty for no bound")] = "",
        selection_min_duration: Annotated[str, Query(description="of the span", examples=["200ms"])] = "",
        selection_max_duration: Annotated[str, Query(description="of the span", examples=["2s"])] = "",
    ) -> None:
        self._q = selection
        self._times = {"selection_start": selection_start, "selection_end": selection_end}
        self._durations = {
            "selection_min_duration": selection_min_duration,
            "selection_max_duration": selection_max_duration,
        }

    def selection(self) -> Selection:
        """Raises BadRequest that names the parameter, also where nothing is selected."""
        now_ns = time_ns()
        times = [parse_time_ns(text, name, now_ns) if text else None for name, text in self._times.items()]
        durations = [parse_duration_ns(text, name) if text else None for name, text in self._durations.items()]
        return Selection(self._q, *times, *durations)


Selected = Annotated[SelectionParameters, Depends()]
Searched = Annotated[Search, Depends()]
Typed = Annotated[
    str, Query(max_length=300, description="what is typed so far; case does not matter", examples=["http"])
]
Offered = Annotated[int, Query(ge=1, le=100, description="how many at most", examples=[20])]


def add_search(router: APIRouter, store: Store, settings: Settings) -> None:
    _add_results(router, store, settings)
    _add_summaries(router, store, settings)
    _add_completion(router, store, settings)


def _add_results(router: APIRouter, store: Store, settings: Settings) -> None:
    @router.get("/traces", summary="Search traces", responses=answers(models.Traces), tags=["traces"])
    def find_traces(
        search: Searched,
        sort: Annotated[
            Literal["start", "duration", "errors", "spans"],
            Query(description="newest first, longest, with the most failed spans, or with the most spans"),
        ] = "start",
        limit: Annotated[int, Query(ge=1, le=1000, description="how many at most", examples=[20])] = 20,
        cursor: Annotated[str, Query(description="`next` of the page before; keep the other parameters")] = "",
    ) -> Response:
        query = search.asked(store, settings)
        if sort == "start":
            return json_answer(traces.find_traces(store, query, limit, cursor))
        return json_answer(find_ordered(store, query, sort, limit, cursor))

    @router.get(
        "/traces/tail",
        summary="Traces that match among what arrived since the last call",
        responses=answers(search_models.NewTraces),
        tags=["traces"],
    )
    def get_tail(
        search: Searched,
        limit: Annotated[int, Query(ge=1, le=100, description="how many at most", examples=[20])] = 20,
        cursor: Annotated[str, Query(description="`next` of the call before; empty to begin")] = "",
    ) -> Response:
        return json_answer(find_new(store, search.asked(store, settings), limit, cursor))


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
        return json_answer(find_facets(store, search.asked(store, settings), limit, settings.search_max_spans))

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
        return json_answer(find_heatmap(store, search.asked(store, settings), columns, settings.search_max_spans))

    @router.get(
        "/traces/differences",
        summary="By which values a selection of the matching spans differs from the rest of them",
        responses=answers(search_models.Differences),
        tags=["traces"],
    )
    def get_differences(
        search: Searched,
        selected: Selected,
        limit: Annotated[int, Query(ge=1, le=100, description="how many at most")] = 20,
    ) -> Response:
        selection = selected.selection()
        return json_answer(
            find_differences(store, search.asked(store, settings), selection, limit, settings.search_max_spans)
        )


def _add_completion(router: APIRouter, store: Store, settings: Settings) -> None:
    @router.get(
        "/attributes/keys",
        summary="Fields and attribute keys that a filter can name",
        responses=answers(search_models.Keys),
        tags=["traces"],
    )
    def list_keys(
        scope: InScope, prefix: Typed = "", start: Start = "-1h", end: End = "now", limit: Offered = 20
    ) -> Response:
        window = parse_range(start, end, settings.query_max_range_days)
        return json_answer({"keys": find_keys(store, window, prefix, limit, settings.completion_max_spans, scope)})

    @router.get(
        "/attributes/{key:path}/values",
        summary="The values of a field or attribute",
        responses=answers(search_models.Values),
        tags=["traces"],
    )
    def list_values(
        scope: InScope,
        key: Annotated[str, Path(description="as in the filter language", examples=["http.route"])],
        prefix: Typed = "",
        start: Start = "-1h",
        end: End = "now",
        limit: Offered = 20,
    ) -> Response:
        window = parse_range(start, end, settings.query_max_range_days)
        most = settings.completion_max_spans
        return json_answer({"values": find_values(store, window, key, prefix, limit, most, scope)})
