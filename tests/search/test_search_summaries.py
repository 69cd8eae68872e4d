"""Facets and heat map of a search: they count what the search finds, and estimate what is too much to count."""

import random
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from api_answers import MINUTE_NS, ask, minutes_ago, problem
from otlp_requests import Span, request, trace_id
from running_collector import RunningCollector, running_collector

from collector.api import models, search_models

START_NS = minutes_ago(40)
WINDOW = {"start": str(START_NS), "end": str(START_NS + 30 * MINUTE_NS)}
HOSTILE = 'it\'s "x" \\ <b>'
MS = 10**6


def _span(chosen: random.Random, number: int) -> Span:
    http = chosen.choice([{"http.response.status_code": 200}, {"http.status_code": 503}, {}])
    return Span(
        chosen.choice(["web", "orders", HOSTILE]),
        str(number),
        trace=f"t{number // 3}",
        name=chosen.choice(["GET /", "POST /pay (now)", ""]),
        kind=chosen.choice(["server", "client"]),
        start_ns=START_NS + chosen.randrange(30 * MINUTE_NS),
        duration_ns=chosen.choice([0, 1, 999, 1000, 10 * MS, 12 * MS, 10**10]),
        error=chosen.random() < 0.3,
        attributes={**http, "n": number},
    )


@pytest.fixture(scope="module")
def spans(collector: RunningCollector) -> list[Span]:
    chosen = random.Random(3)
    some = [_span(chosen, number) for number in range(300)]
    collector.send(request(some[:200], {"service.version": "1.0"}))
    collector.send(request(some[200:], {"service.version": "2.0 beta"}))
    return some


def found(collector: RunningCollector, q: str) -> set[str]:
    answer = collector.get("/traces", q=q, limit=1000, **WINDOW)
    assert answer["next"] is None
    return {trace["trace_id"] for trace in answer["traces"]}


@pytest.mark.parametrize("q", ["", "duration>=1us", "service=orders status=error"])
def test_a_facet_counts_what_the_search_finds_with_its_term(
    collector: RunningCollector, spans: list[Span], q: str
) -> None:
    answer = ask(collector, search_models.Facets, "/traces/facets", q=q, limit=100, **WINDOW)
    assert answer["share"] == 1
    assert answer["traces"] == len(found(collector, q))
    values = [value for facet in answer["facets"] for value in facet["values"]]
    assert {facet["name"]: len(facet["values"]) for facet in answer["facets"]}.keys() >= {"service", "version"}
    for value in values:
        assert value["traces"] == len(found(collector, f"({q}) {value['term']}" if q else value["term"])) > 0, value


def test_facets_are_bounded_and_most_traces_come_first(collector: RunningCollector, spans: list[Span]) -> None:
    answer = ask(collector, search_models.Facets, "/traces/facets", limit=2, **WINDOW)
    for facet in answer["facets"]:
        counts = [value["traces"] for value in facet["values"]]
        assert len(counts) <= 2
        assert counts == sorted(counts, reverse=True)
    services = {span.service for span in spans}
    assert {value["value"] for value in answer["facets"][0]["values"]} < services


def _row(duration_ns: int) -> int:
    """By comparing with the edges, without a logarithm."""
    return max(row for row in range(100) if 10 ** (row / 8) <= max(duration_ns, 1) * (1 + 1e-9))


def test_cells_hold_every_matching_span_once(collector: RunningCollector, spans: list[Span]) -> None:
    answer = ask(collector, search_models.HeatMap, "/traces/heatmap", q="service!=web", columns=30, **WINDOW)
    matching = [span for span in spans if span.service != "web"]
    expected: dict[tuple[int, int], list[int]] = defaultdict(lambda: [0, 0])
    for span in matching:
        cell = expected[(span.start_ns - START_NS) // MINUTE_NS, _row(span.duration_ns)]
        cell[0] += 1
        cell[1] += span.error
    assert {(column, row): counts for column, row, *counts in answer["cells"]} == expected
    assert answer["spans"] == len(matching)
    points = {
        (point["trace_id"], point["start_ns"], point["duration_ns"], point["error"]) for point in answer["points"]
    }
    assert points == {
        (trace_id(span.trace).hex(), str(span.start_ns), str(span.duration_ns), span.error) for span in matching
    }


def test_where_spans_are_many_points_are_one_of_each_emptiest_cell(collector: RunningCollector) -> None:
    start_ns = START_NS - 60 * MINUTE_NS
    many = [Span("many", str(n), trace=f"m{n}", start_ns=start_ns + n, duration_ns=MS) for n in range(600)]
    many.append(Span("many", "slow", trace="slow", start_ns=start_ns, duration_ns=10**10, error=True))
    collector.send(request(many))
    window = {"start": str(start_ns), "end": str(start_ns + MINUTE_NS)}
    answer = ask(collector, search_models.HeatMap, "/traces/heatmap", q="service=many", **window)
    assert [cell[2:] for cell in answer["cells"]] == [[600, 0], [1, 1]]
    first, second = answer["points"]
    assert (first["trace_id"], first["error"]) == (trace_id("slow").hex(), True)
    assert not second["error"]


def test_a_search_without_matches_has_empty_summaries(collector: RunningCollector, spans: list[Span]) -> None:
    facets = ask(collector, search_models.Facets, "/traces/facets", q="service=nobody", **WINDOW)
    assert (facets["spans"], facets["traces"], [facet["values"] for facet in facets["facets"]]) == (0, 0, [[]] * 6)
    heatmap = ask(collector, search_models.HeatMap, "/traces/heatmap", q="service=nobody", **WINDOW)
    assert (heatmap["cells"], heatmap["points"]) == ([], [])


@pytest.mark.parametrize("path", ["/traces/facets", "/traces/heatmap"])
def test_mistakes_name_the_parameter_and_the_place(collector: RunningCollector, path: str) -> None:
    path = f"/api/v1{path}"
    assert problem(collector, path, q="status=") == (400, 'q: column 8: expected a value after "="')
    assert problem(collector, path, min_duration="5")[1].startswith("min_duration: expected a duration")
    assert problem(collector, path, start="-40d")[1].startswith("start: the time range is longer than")
    assert problem(collector, path, limit=0, columns=0)[0] == 400


@pytest.fixture(scope="module")
def bounded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningCollector]:
    """Looks at 1,000 of its 8,010 spans: 4,000 traces of two spans; ten of the spans are rare."""
    folder: Path = tmp_path_factory.mktemp("bounded")
    with running_collector(folder, search_max_spans="1000") as collector:
        some = [
            Span("big", f"{n}", trace=f"b{n // 2}", start_ns=START_NS + n, name="a" if n % 4 else "b")
            for n in range(8000)
        ]
        rare = [Span("rare", f"r{n}", trace=f"r{n}", start_ns=START_NS) for n in range(10)]
        collector.send(request(some + rare))
        yield collector


def test_of_too_much_a_share_is_looked_at_and_counts_are_estimates(bounded: RunningCollector) -> None:
    facets = ask(bounded, search_models.Facets, "/traces/facets", **WINDOW)
    assert 0.1 < facets["share"] < 0.15
    assert 3200 < facets["traces"] < 4800
    assert facets["spans"] == pytest.approx(2 * facets["traces"], rel=0.01)
    heatmap = ask(bounded, search_models.HeatMap, "/traces/heatmap", **WINDOW)
    assert heatmap["share"] == facets["share"]
    assert sum(cell[2] for cell in heatmap["cells"]) == pytest.approx(8000, rel=0.2)


def test_what_is_rare_is_counted_exactly(bounded: RunningCollector) -> None:
    facets: Any = ask(bounded, search_models.Facets, "/traces/facets", q="service=rare", **WINDOW)
    assert (facets["share"], facets["traces"]) == (1, 10)
    assert ask(bounded, models.Traces, "/traces", q="service=rare", **WINDOW)["next"] is None
