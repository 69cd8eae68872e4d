"""What differs: the planted attribute comes first, chance does not, and every difference can be searched for."""

import random
from typing import Any

import pytest
from api_answers import MINUTE_NS, ask, minutes_ago, problem
from otlp_requests import Span, request
from running_collector import RunningCollector, running_collector

from collector.api import search_models
from collector.queries.search.differences import certain_difference

START_NS = minutes_ago(40)
WINDOW = {"start": str(START_NS), "end": str(START_NS + 30 * MINUTE_NS)}
MS = 10**6
CULPRIT = 'eu "west" <1>'


@pytest.fixture(scope="module", autouse=True)
def spans(collector: RunningCollector) -> list[Span]:
    """1,000 spans; the slow ones are of one region nine times of ten. Each has an id of its own and a colour by chance."""
    chosen = random.Random(5)
    some = []
    for number in range(1000):
        slow = number % 10 == 0
        planted = chosen.random() < (0.9 if slow else 0.05)
        given = {"region": CULPRIT if planted else "us", "id": number, "color": chosen.choice(["red", "blue"])}
        some.append(
            Span(
                "shop",
                str(number),
                trace=f"d{number}",
                name="buy",
                start_ns=START_NS + number * 10**9,
                duration_ns=(500 if slow else 10) * MS,
                error=number % 7 == 0,
                attributes=given,
            )
        )
    collector.send(request(some, {"host.name": "h1"}))
    return some


def differences(collector: RunningCollector, **parameters: Any) -> dict[str, Any]:
    return ask(collector, search_models.Differences, "/traces/differences", **{**WINDOW, **parameters})


def test_the_planted_attribute_comes_first_and_chance_not_at_all(
    collector: RunningCollector, spans: list[Span]
) -> None:
    answer = differences(collector, selection_min_duration="100ms")
    assert (answer["share"], answer["selected"], answer["rest"]) == (1, 100, 900)
    assert [one["key"] for one in answer["differences"]] == ["region"]
    found = answer["differences"][0]
    slow = [span for span in spans if span.duration_ns > 100 * MS]
    fast = [span for span in spans if span.duration_ns < 100 * MS]
    assert found["value"] == CULPRIT
    assert found["selected"] == sum(span.attributes["region"] == CULPRIT for span in slow) / 100
    assert found["rest"] == sum(span.attributes["region"] == CULPRIT for span in fast) / 900
    assert 0.5 < found["score"] < found["selected"] - found["rest"]


def test_the_term_of_a_difference_narrows_the_search_to_it(collector: RunningCollector) -> None:
    term = differences(collector, selection_min_duration="100ms")["differences"][0]["term"]
    answer = differences(collector, q=term, selection="duration>100ms")
    assert answer["selected"] > 80
    assert {one["key"] for one in answer["differences"]} == set()


def test_a_selection_is_a_filter_a_time_and_durations(collector: RunningCollector) -> None:
    assert differences(collector, selection="status=error")["selected"] == 143
    assert differences(collector, selection="status=error")["differences"][0]["term"] == "status=error"
    times = {"selection_start": str(START_NS + 10**9), "selection_end": str(START_NS + 11 * 10**9)}
    assert differences(collector, **times)["selected"] == 10
    assert differences(collector, **times, selection_max_duration="500ms")["selected"] == 9
    assert differences(collector, q="region=us", selection="region=us")["rest"] == 0
    assert differences(collector, selection="id=3")["differences"] == [], "one span is no pattern"
    assert differences(collector, selection="service=nobody") == {
        "share": 1,
        "selected": 0,
        "rest": 1000,
        "differences": [],
    }


def test_of_many_spans_a_share_is_compared(tmp_path_factory: pytest.TempPathFactory) -> None:
    with running_collector(tmp_path_factory.mktemp("few"), search_max_spans="4000") as narrow:
        some = [
            Span("s", str(n), trace=f"n{n}", start_ns=START_NS + n, error=n % 4 == 0, attributes={"bad": n % 4 == 0})
            for n in range(16_000)
        ]
        narrow.send(request(some))
        answer = differences(narrow, selection="status=error")
        assert 0.2 < answer["share"] < 0.3
        assert answer["selected"] == pytest.approx(4000, rel=0.15)
        assert {one["term"]: (one["selected"], one["rest"]) for one in answer["differences"]} == {
            "bad=true": (1, 0),
            "status=error": (1, 0),
        }


def test_mistakes_are_named(collector: RunningCollector) -> None:
    path = "/api/v1/traces/differences"
    assert problem(collector, path)[1].startswith("selection: nothing is selected; give a filter, or bounds")
    assert problem(collector, path, selection="status=") == (400, 'selection: column 8: expected a value after "="')
    assert problem(collector, path, selection_start="x")[1].startswith("selection_start: expected a time")
    assert problem(collector, path, selection_min_duration="1")[1].startswith(
        "selection_min_duration: expected a duration"
    )


@pytest.mark.parametrize(
    ("some", "of_some", "others", "of_others", "is_certain"),
    [
        (2, 2, 500, 1000, False),
        (50, 100, 500, 1000, False),
        (90, 100, 50, 900, True),
        (20, 20, 10, 20, True),
    ],
)
def test_what_a_handful_have_in_common_is_not_certain(
    some: int, of_some: int, others: int, of_others: int, is_certain: bool
) -> None:
    assert (certain_difference(some, of_some, others, of_others) > 0) == is_certain
