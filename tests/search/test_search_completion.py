"""Completion: what the spans of the range have, written so that the filter language reads it back."""

from pathlib import Path
from typing import Any

import pytest
from api_answers import MINUTE_NS, ask, minutes_ago, problem
from otlp_requests import Span, request
from running_collector import RunningCollector, running_collector
from waiting import poll_until

from collector.api import models, search_models

START_NS = minutes_ago(40)
WINDOW = {"start": str(START_NS), "end": str(START_NS + 30 * MINUTE_NS)}
HOSTILE_KEY, HOSTILE = 'my "key" <b>', 'it\'s "x" \\ 😀\n(y)'
RESOURCE = {"service.version": "1.0", "host.name": "a-1", "color": "resource"}


@pytest.fixture(scope="module", autouse=True)
def spans(collector: RunningCollector) -> None:
    given = [
        {"http.route": "/pay/{id}", "http.method": "GET", "service": "x", "color": "red"},
        {"http.route": "/pay/{id}", HOSTILE_KEY: HOSTILE, "and": "or"},
        {"http.route": "/cart", "other.http": True, "long": "x" * 400},
    ]
    some = [
        Span("web", str(n), name=f"op {n}", start_ns=START_NS + n, attributes=one, error=n == 2)
        for n, one in enumerate(given)
    ]
    collector.send(request([*some, Span("Orders", "o", name="POST /pay", start_ns=START_NS)], RESOURCE))
    collector.send(request([Span("later", "l", start_ns=START_NS + 35 * MINUTE_NS, attributes={"late": 1})]))
    poll_until(lambda: any(one["calls"] for one in collector.get("/services", **WINDOW)["services"]), "roll-ups")


def keys(collector: RunningCollector, prefix: str, **more: Any) -> list[dict[str, Any]]:
    return ask(collector, search_models.Keys, "/attributes/keys", prefix=prefix, **{"limit": 100, **WINDOW, **more})[
        "keys"
    ]


def values(collector: RunningCollector, key: str, prefix: str = "", **more: Any) -> list[dict[str, Any]]:
    path = f"/attributes/{key}/values"
    return ask(collector, search_models.Values, path, prefix=prefix, **{"limit": 100, **WINDOW, **more})["values"]


def test_keys_that_begin_with_what_is_typed_come_first_then_the_most_frequent(collector: RunningCollector) -> None:
    found = keys(collector, "HTTP")
    assert [(key["name"], key["kind"], key["spans"]) for key in found] == [
        ("http.route", "span", 3),
        ("http.method", "span", 1),
        ("other.http", "span", 1),
    ]


def test_fields_come_with_the_operators_that_they_take(collector: RunningCollector) -> None:
    found = {key["name"]: key for key in keys(collector, "du")}
    assert found["duration"] == {
        "name": "duration", "text": "duration", "kind": "field", "spans": None, "operators": ["=", "!=", ">", ">=", "<", "<="]
    }  # fmt: skip


def test_keys_are_those_of_the_range_on_spans_and_resources(collector: RunningCollector) -> None:
    found = {key["name"]: key["kind"] for key in keys(collector, "") if key["kind"] != "field"}
    assert found.keys() >= {"host.name", "color", HOSTILE_KEY, "and", "service"}
    assert (found["host.name"], found["color"]) == ("resource", "span")
    assert "late" not in found
    assert [key["name"] for key in keys(collector, "late", start="-1h", end="now")] == ["late"]


def test_every_key_and_value_that_is_offered_finds_a_span(collector: RunningCollector) -> None:
    offered = [key for key in keys(collector, "") if key["kind"] != "field"]
    assert len(offered) > 8
    for key in offered:
        found = values(collector, key["text"])
        assert found or key["name"] == "long"
        for value in found:
            q = f"{key['text']}={value['text']}"
            assert ask(collector, models.Traces, "/traces", q=q, **WINDOW)["traces"], q


def test_values_are_those_that_the_filter_would_compare(collector: RunningCollector) -> None:
    assert [(value["value"], value["spans"]) for value in values(collector, "http.route")] == [
        ("/pay/{id}", 2),
        ("/cart", 1),
    ]
    assert {value["value"] for value in values(collector, "color")} == {"red", "resource"}
    assert {value["value"] for value in values(collector, "span.color")} == {"red"}
    assert {value["value"] for value in values(collector, "resource.color")} == {"resource"}
    assert [value["value"] for value in values(collector, f'"{HOSTILE_KEY}"'.replace('"key"', '\\"key\\"'))] == [
        HOSTILE
    ]


def test_names_and_words_of_fields(collector: RunningCollector) -> None:
    assert [value["value"] for value in values(collector, "service", "o")] == ["Orders"]
    assert [value["text"] for value in values(collector, "name", "pay")] == ['"POST /pay"']
    assert [value["value"] for value in values(collector, "status", "e")] == ["unset", "error"]
    assert [value["value"] for value in values(collector, '"service"')] == ["x"]
    assert values(collector, "duration") == []


def test_offers_are_bounded(collector: RunningCollector, tmp_path: Path) -> None:
    assert len(keys(collector, "", limit=3)) == 3
    assert len(values(collector, "http.route", limit=1)) == 1
    with running_collector(tmp_path, completion_max_spans="1") as narrow:
        narrow.send(
            request([Span("a", str(n), trace=f"t{n}", start_ns=START_NS, attributes={f"k{n}": n}) for n in range(9)])
        )
        assert len([key for key in keys(narrow, "k") if key["kind"] == "span"]) == 1


def test_a_mistake_in_the_key_is_named(collector: RunningCollector) -> None:
    said = problem(collector, "/api/v1/attributes/a b/values")
    assert said == (400, "key: expected one field or attribute, as in the filter language")
    assert problem(collector, "/api/v1/attributes/span./values") == (400, "key: expected the name of an attribute")
    assert problem(collector, "/api/v1/attributes/keys", prefix="x" * 301)[0] == 400
