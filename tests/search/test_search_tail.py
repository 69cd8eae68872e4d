"""Live tail: what arrived since the last look and matches, whenever it happened, bounded."""

from typing import Any

from api_answers import ask, minutes_ago, problem
from otlp_requests import Span, request, trace_id
from running_collector import RunningCollector

from collector.api import search_models


def tail(collector: RunningCollector, cursor: str = "", **parameters: Any) -> dict[str, Any]:
    return ask(collector, search_models.NewTraces, "/traces/tail", cursor=cursor, **parameters)


def found(answer: dict[str, Any]) -> set[str]:
    return {trace["trace_id"] for trace in answer["traces"]}


def ids(*names: str) -> set[str]:
    return {trace_id(name).hex() for name in names}


def test_the_first_look_begins_and_the_next_tells_what_arrived(collector: RunningCollector) -> None:
    collector.send(request([Span("before", "a", trace="before", start_ns=minutes_ago(10))]))
    first = tail(collector)
    assert (first["traces"], first["matched"]) == ([], 0)
    collector.send(request([Span("tailed", "a", trace="now"), Span("other", "a", trace="elsewhere")]))
    collector.send(request([Span("tailed", "a", trace="late", start_ns=minutes_ago(30))]))
    second = tail(collector, first["next"], service="tailed")
    assert found(second) == ids("now", "late")
    assert [trace["root_service"] for trace in second["traces"]] == ["tailed", "tailed"]


def test_a_trace_is_told_again_when_it_grows(collector: RunningCollector) -> None:
    cursor = tail(collector)["next"]
    collector.send(request([Span("grows", "a", trace="grows")]))
    first = tail(collector, cursor, service="grows")
    collector.send(request([Span("grows", "b", "a", trace="grows")]))
    second = tail(collector, first["next"], service="grows")
    assert [answer["traces"][0]["span_count"] for answer in (first, second)] == [1, 2]


def test_of_many_the_newest_are_told_and_how_many_there_were(collector: RunningCollector) -> None:
    cursor = tail(collector)["next"]
    start_ns = minutes_ago(5)
    collector.send(request([Span("many", "a", trace=f"many{n}", start_ns=start_ns + n) for n in range(30)]))
    answer = tail(collector, cursor, service="many", limit=3)
    assert [trace["trace_id"] for trace in answer["traces"]] == [trace_id(f"many{n}").hex() for n in (29, 28, 27)]
    assert answer["matched"] == 30


def test_mistakes_are_named(collector: RunningCollector) -> None:
    path, wrong = "/api/v1/traces/tail", "cursor: not one of a live tail; start again without it"
    assert problem(collector, path, cursor="abc") == (400, wrong)
    assert problem(collector, path, cursor=collector.get("/traces", limit=1, start="-1h")["next"]) == (400, wrong)
    assert problem(collector, path, q="status=")[1] == 'q: column 8: expected a value after "="'
