"""Pages of a trace search: together they hold every match once, newest first, whatever arrives meanwhile."""

import random
from collections.abc import Callable
from typing import Any

import pytest
from api_answers import MINUTE_NS, ask, minutes_ago, problem
from otlp_requests import Span, request, trace_id
from running_collector import RunningCollector

from collector.api import models

START_NS = minutes_ago(40)
WINDOW = {"start": str(START_NS), "end": str(START_NS + 30 * MINUTE_NS)}


def pages(
    collector: RunningCollector, limit: int, between: Callable[[], None] = lambda: None, **parameters: Any
) -> list[list[str]]:
    """The trace ids of each page, down to the last."""
    found, cursor = [], ""
    while True:
        answer = ask(collector, models.Traces, "/traces", limit=limit, cursor=cursor, **parameters)
        found.append([row["trace_id"] for row in answer["traces"]])
        if answer["next"] is None:
            return found
        cursor = answer["next"]
        between()


def expected(spans: list[Span]) -> list[str]:
    """By the first matching span, the newest first; of equal times the greater id first."""
    first: dict[str, int] = {}
    for span in spans:
        id_ = trace_id(span.trace).hex()
        first[id_] = min(span.start_ns, first.get(id_, span.start_ns))
    return [id_ for id_, _ in sorted(first.items(), key=lambda item: (item[1], item[0]), reverse=True)]


@pytest.fixture(scope="module")
def spread(collector: RunningCollector) -> list[Span]:
    """60 traces, each with up to four matching spans, minutes apart; many at the very same time."""
    chosen = random.Random(7)
    spans = [
        Span("paged", str(n), trace=f"p{trace}", start_ns=START_NS + chosen.choice([0, 1, 7, 7, 7, 19, 29]) * MINUTE_NS)
        for trace in range(60)
        for n in range(chosen.randint(1, 4))
    ]
    others = [Span("other", f"o{span.id}", trace=span.trace, start_ns=START_NS + 29 * MINUTE_NS) for span in spans]
    collector.send(request(spans + others))
    return spans


@pytest.mark.parametrize("limit", [1, 7, 59, 60, 1000])
def test_pages_have_every_trace_once_newest_first(collector: RunningCollector, spread: list[Span], limit: int) -> None:
    found = pages(collector, limit, service="paged", **WINDOW)
    assert [id_ for page in found for id_ in page] == expected(spread)
    assert all(len(page) == limit for page in found[:-1])
    assert 0 < len(found[-1]) <= limit


def test_pages_of_a_filter(collector: RunningCollector, spread: list[Span]) -> None:
    some = [span for span in spread if span.id in "23"]
    found = pages(collector, 5, q='service=paged operation in ("2", "3")', **WINDOW)
    assert [id_ for page in found for id_ in page] == expected(some)


def test_what_arrives_between_pages_does_not_move_them(collector: RunningCollector, spread: list[Span]) -> None:
    arrived = iter(range(1000))

    def arrive() -> None:
        """A new trace now, and one more span, of now, in a trace that is still to be shown or was shown."""
        number = next(arrived)
        spans = [Span("paged", "n", trace=f"new{number}"), Span("paged", f"late{number}", trace=f"p{number}")]
        collector.send(request(spans))

    found = pages(collector, 6, arrive, service="paged", **WINDOW)
    assert [id_ for page in found for id_ in page] == expected(spread)


def test_traces_that_grow_between_pages_are_not_passed_over(collector: RunningCollector) -> None:
    """Services export at their own pace: later spans of a trace, within the range, come after its first ones were shown."""
    spans = [Span("growing", "s", trace=f"g{n}", start_ns=START_NS + n * MINUTE_NS) for n in range(24)]
    collector.send(request(spans))
    grown = iter(range(1000))

    def arrive() -> None:
        number = next(grown)
        more = [
            Span("growing", f"more{number}", trace=f"g{n}", start_ns=START_NS + (25 + n % 4) * MINUTE_NS)
            for n in range(24)
        ]
        collector.send(request(more))

    found = pages(collector, 5, arrive, service="growing", **WINDOW)
    assert [id_ for page in found for id_ in page] == expected(spans)


def test_without_a_filter_the_order_is_that_of_the_starts_shown(collector: RunningCollector) -> None:
    found = pages_of_starts(collector, 7)
    assert len(found) > 7
    assert found == sorted(found, reverse=True)


def pages_of_starts(collector: RunningCollector, limit: int) -> list[int]:
    starts: list[int] = []
    cursor = ""
    while True:
        answer = ask(collector, models.Traces, "/traces", limit=limit, cursor=cursor, **WINDOW)
        starts += [int(row["start_ns"]) for row in answer["traces"]]
        if answer["next"] is None:
            return starts
        cursor = answer["next"]


def test_a_relative_range_stays_that_of_the_first_page(collector: RunningCollector) -> None:
    spans = [Span("relative", "s", trace=f"r{n}", start_ns=minutes_ago(5) + n) for n in range(9)]
    collector.send(request(spans))

    def arrive() -> None:
        collector.send(request([Span("relative", "again", trace=f"r{n}") for n in range(9)]))

    found = pages(collector, 2, arrive, service="relative", start="-10m")
    assert [id_ for page in found for id_ in page] == expected(spans)


def test_a_cursor_does_not_widen_the_range(collector: RunningCollector, spread: list[Span]) -> None:
    cursor = collector.get("/traces", limit=1, service="paged", **WINDOW)["next"]
    shorter = {**WINDOW, "start": str(START_NS + MINUTE_NS)}
    said = problem(collector, "/api/v1/traces", cursor=cursor, service="paged", **shorter)
    assert said == (400, "cursor: not one of this search; start again without it")
