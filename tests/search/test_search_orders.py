"""Traces by duration, errors or spans: pages have every match once, in the order of what the answer shows."""

import random
from typing import Any

import pytest
from api_answers import MINUTE_NS, ask, minutes_ago, problem
from otlp_requests import Span, request, trace_id
from running_collector import RunningCollector

from collector.api import models

START_NS = minutes_ago(40)
WINDOW = {"start": str(START_NS), "end": str(START_NS + 30 * MINUTE_NS)}
SHOWN = {"duration": "duration_ns", "errors": "error_count", "spans": "span_count"}


@pytest.fixture(scope="module", autouse=True)
def spans(collector: RunningCollector) -> list[Span]:
    """80 traces of up to six spans, some of which fail or match; many are equal. One begins before the range."""
    chosen = random.Random(11)
    some = [
        Span(
            chosen.choice(["sorted", "other"]) if n else "sorted",
            str(n),
            trace=f"o{trace}",
            start_ns=START_NS + (trace % 30) * MINUTE_NS + chosen.choice([0, 0, 5]) * 10**9,
            duration_ns=chosen.choice([10**6, 10**9, 3 * 10**9]),
            error=chosen.random() < 0.3,
        )
        for trace in range(80)
        for n in range(chosen.randint(1, 6))
    ]
    early = Span("other", "early", trace="o0", start_ns=START_NS - 30 * 10**9)
    late = Span("sorted", "late", trace="beyond", start_ns=START_NS + 30 * MINUTE_NS, duration_ns=10**11)
    collector.send(request([*some, early, late]))
    return [*some, early]


def page(collector: RunningCollector, sort: str, limit: int, cursor: str = "", **more: Any) -> dict[str, Any]:
    parameters = {"service": "sorted", "sort": sort, "limit": limit, "cursor": cursor, **WINDOW, **more}
    return ask(collector, models.Traces, "/traces", **parameters)


@pytest.mark.parametrize("sort", SHOWN)
@pytest.mark.parametrize("limit", [7, 80, 1000])
def test_pages_have_every_match_once_greatest_first(
    collector: RunningCollector, spans: list[Span], sort: str, limit: int
) -> None:
    found, cursor = [], ""
    while True:
        answer = page(collector, sort, limit, cursor)
        found += answer["traces"]
        cursor = answer["next"]
        if cursor is None:
            break
        assert len(answer["traces"]) == limit
    keys = [(int(row[SHOWN[sort]]), row["trace_id"]) for row in found]
    assert keys == sorted(keys, reverse=True)
    matching = {trace_id(span.trace).hex() for span in spans if span.service == "sorted"}
    assert {id_ for _, id_ in keys} == matching
    assert len(keys) == len(matching)


def test_a_trace_that_began_shortly_before_the_range_is_measured_whole(collector: RunningCollector) -> None:
    longest = page(collector, "duration", 1)["traces"][0]
    assert longest["trace_id"] == trace_id("o0").hex()
    assert int(longest["duration_ns"]) > 30 * 10**9


def test_without_a_filter_it_is_every_trace_with_a_span_in_the_range(
    collector: RunningCollector, spans: list[Span]
) -> None:
    found = page(collector, "spans", 1000, service="")["traces"]
    within = {trace_id(span.trace).hex() for span in spans if span.start_ns >= START_NS}
    assert {row["trace_id"] for row in found} == within, "without `beyond`, which begins as the range ends"


def test_a_cursor_is_of_one_order_and_range(collector: RunningCollector) -> None:
    cursor = page(collector, "spans", 3)["next"]
    path, wrong = "/api/v1/traces", "cursor: not one of this search; start again without it"
    assert problem(collector, path, sort="errors", cursor=cursor, **WINDOW) == (400, wrong)
    assert problem(collector, path, sort="start", cursor=cursor, **WINDOW) == (400, wrong)
    assert problem(collector, path, sort="spans", cursor=cursor, start="-1m") == (400, wrong)
    assert problem(collector, path, sort="spans", cursor="rubbish", **WINDOW) == (400, wrong)
    assert problem(collector, path, sort="name")[1].startswith("sort: Input should be 'start', 'duration', 'errors' or")
