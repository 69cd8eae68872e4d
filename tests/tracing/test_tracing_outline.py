"""The outline and single spans of traces in a running collector."""

import time
from typing import Any

import numpy as np
import pytest
import requests
from api_answers import ask
from otlp_requests import Span, request, span_id, trace_id
from otlp_signals import Record, logs
from running_collector import RunningCollector
from waiting import poll_until

from collector.api import trace_models

MS = 1_000_000
UNKNOWN = "0" * 31 + "1"
START_NS = time.time_ns() // MS * MS - 60_000 * MS


def send(collector: RunningCollector, trace: str, *spans: dict[str, Any]) -> str:
    """Each span with its `resource`; returns the trace's id."""
    sent = []
    for one in spans:
        about = {**one, "start_ns": START_NS + one.pop("at", 0) * MS, "trace": trace}
        about = {key: value for key, value in about.items() if key not in ("at", "resource", "ms")}
        about["duration_ns"] = one.get("ms", 1) * MS
        sent.append(request([Span(**about)], one.get("resource")))
    collector.send(*sent)
    return trace_id(trace).hex()


@pytest.fixture(scope="module")
def order(collector: RunningCollector) -> str:
    spans = [
        {"service": "gateway", "id": "root", "ms": 100, "kind": "server", "name": "POST /orders"},
        {"service": "gateway", "id": "pay", "parent": "root", "at": 10, "ms": 20, "kind": "client", "error": True},
        {"service": "gateway", "id": "again", "parent": "root", "at": 40, "ms": 40, "kind": "client", "name": "pay"},
        {"service": "payments", "id": "serve", "parent": "again", "at": 50, "ms": 20, "kind": "server"},
        {"service": "stock", "id": "orphan", "parent": "nowhere", "at": 20, "ms": 5},
    ]
    return send(collector, "order", *spans)


def test_the_outline_is_the_tree_in_columns(collector: RunningCollector, order: str) -> None:
    answer = ask(collector, trace_models.Outline, f"/traces/{order}/outline")
    spans = answer["spans"]
    assert (answer["trace_id"], answer["start_ns"], answer["duration_ns"]) == (order, str(START_NS), 100 * MS)
    assert [answer["names"][name] for name in spans["name"]] == ["POST /orders", "pay", "pay", "serve", "orphan"]
    assert [answer["services"][one]["name"] for one in spans["service"]] == [
        *["gateway"] * 3, "payments", "stock",
    ]  # fmt: skip
    assert spans["id"] == [span_id(f"order/{id_}").hex() for id_ in ("root", "pay", "again", "serve", "orphan")]
    assert (spans["parent"], spans["end"]) == ([-1, 0, 0, 2, -1], [4, 2, 4, 4, 5])
    assert (spans["depth"], spans["kind"]) == ([0, 1, 1, 2, 0], [2, 3, 3, 2, 1])
    assert spans["start_ns"] == [at * MS for at in (0, 10, 40, 50, 20)]
    assert spans["self_ns"] == [at * MS for at in (40, 20, 20, 20, 5)]
    assert spans["status"] == [0, 2, 0, 0, 0]
    assert answer["warnings"] == [
        {
            "kind": "missing_parent", "text": "1 span with a parent that is not stored (1 missing).",
            "rows": [4], "count": 1,
        }
    ]  # fmt: skip
    path = [(one["row"], one["start_ns"] // MS, one["end_ns"] // MS) for one in answer["critical_path"]]
    assert path == [(0, 0, 10), (1, 10, 30), (0, 30, 40), (2, 40, 50), (3, 50, 70), (2, 70, 80), (0, 80, 100)]
    totals = {one["name"]: one["critical_ns"] // MS for one in answer["services"]}
    assert totals == {"gateway": 80, "payments": 20, "stock": 0}
    assert answer["concurrency"] == [[0, 1], [20 * MS, 2], [25 * MS, 1], [100 * MS, 0]]


def test_a_span_in_full_says_what_happened_to_it(collector: RunningCollector, order: str) -> None:
    again = ask(collector, trace_models.SpanDetail, f"/traces/{order}/spans/{span_id('order/again').hex()}")
    assert (again["name"], again["row"], again["self_ns"]) == ("pay", 2, 20 * MS)
    assert [one["text"] for one in again["evidence"]] == [
        "The same call failed just before: this seems to be attempt 2."
    ]
    pay = ask(collector, trace_models.SpanDetail, f"/traces/{order}/spans/{span_id('order/pay').hex()}")
    assert [one["text"] for one in pay["evidence"]] == ["The same call was made again 10 ms later, and succeeded."]
    orphan = ask(collector, trace_models.SpanDetail, f"/traces/{order}/spans/{span_id('order/orphan').hex()}")
    assert [one["text"] for one in orphan["evidence"]] == ["Its parent is not stored."]


def test_attempts_are_told_in_words(collector: RunningCollector) -> None:
    call = {"service": "web", "parent": "root", "ms": 10, "kind": "client", "name": "GET"}
    resent = "http.request.resend_count"
    spans = [
        {"service": "web", "id": "root", "ms": 200, "kind": "server"},
        {**call, "id": "well", "at": 0},  # another item
        {**call, "id": "first", "at": 20, "error": True},
        {**call, "id": "second", "at": 40, "error": True, "attributes": {resent: 1}},
        {**call, "id": "third", "at": 80, "attributes": {resent: 2}},
        {**call, "id": "next", "at": 100},  # and another
    ]
    trace = send(collector, "attempts", *spans)

    def said(id_: str) -> list[str]:
        span = ask(collector, trace_models.SpanDetail, f"/traces/{trace}/spans/{span_id(f'attempts/{id_}').hex()}")
        return [one["text"] for one in span["evidence"]]

    assert said("well") == []
    assert said("first") == ["The same call was made again 10 ms later, and failed too."]
    assert said("second") == [
        "Attempt 2 of this call; the one before it failed.",
        "The same call was made again 30 ms later, and succeeded.",
    ]
    assert said("third") == ["Attempt 3 of this call; the 2 before it failed."]
    assert said("next") == []


def test_a_refused_call_names_the_breaker_and_since_when_it_was_open(collector: RunningCollector) -> None:
    words = {"circuit_breaker.name": "till", "circuit_breaker.target": "tills"}
    told = {"circuit_breaker.state.previous": "closed", "circuit_breaker.state": "open"}
    opening = Record(event="circuit_breaker.state_change", attributes={**words, **told}, at_ns=START_NS - 5000 * MS)
    assert collector.post(logs("cart", [opening]).SerializeToString(), "logs").status_code == 200
    (transition,) = poll_until(lambda: collector.get("/breakers/transitions", service="cart")["transitions"], "opening")
    attributes = {**words, "error.type": "CircuitBreakerOpen", "service.peer.name": "tills"}
    call = {"service": "cart", "id": "refused", "kind": "client", "error": True, "attributes": attributes}
    id_ = send(collector, "refused", call)
    refused = ask(collector, trace_models.SpanDetail, f"/traces/{id_}/spans/{span_id('refused/refused').hex()}")
    assert refused["evidence"] == [
        {
            "kind": "breaker",
            "text": f"Refused by breaker till, open since {transition['at'][11:19]}.",
            "link": f"/api/v1/breakers/{transition['id']}/story?at={transition['at_ns']}",
        }
    ]
    story = requests.get(collector.api + refused["evidence"][0]["link"], timeout=60).json()
    assert story["opening"]["at"] == transition["at"]


def test_links_are_found_from_their_other_end(collector: RunningCollector, order: str) -> None:
    id_ = send(collector, "batch", {"service": "mailer", "id": "batch", "links": (("order", "root"),)})
    root = ask(collector, trace_models.SpanDetail, f"/traces/{order}/spans/{span_id('order/root').hex()}")
    assert root["linked_by"] == [
        {"trace_id": id_, "span_id": span_id("batch/batch").hex(), "service": "mailer", "name": "batch"}
    ]


def test_what_is_sent_twice_is_shown_once_with_a_warning(collector: RunningCollector) -> None:
    spans = [{"service": "a", "id": "r"}, {"service": "a", "id": "c", "parent": "r"}]
    id_ = send(collector, "twice", *spans)
    before = ask(collector, trace_models.Outline, f"/traces/{id_}/outline")
    send(collector, "twice", spans[1])
    after = ask(collector, trace_models.Outline, f"/traces/{id_}/outline")
    (warning,) = after.pop("warnings")
    assert before.pop("warnings") == []
    assert before == after
    assert (warning["kind"], warning["rows"], warning["count"]) == ("duplicate", [1], 1)


def test_a_late_span_is_in_the_next_outline(collector: RunningCollector) -> None:
    id_ = send(collector, "late", {"service": "a", "id": "c", "parent": "r"})
    assert ask(collector, trace_models.Outline, f"/traces/{id_}/outline")["warnings"][0]["kind"] == "missing_parent"
    send(collector, "late", {"service": "a", "id": "r"})
    outline = ask(collector, trace_models.Outline, f"/traces/{id_}/outline")
    assert (outline["span_count"], outline["warnings"]) == (2, [])


def test_a_skewed_clock_is_corrected_or_shown_as_sent(collector: RunningCollector) -> None:
    spans = [
        {"service": "a", "id": "call", "ms": 100, "kind": "client", "resource": {"service.instance.id": "a-1"}},
        {"service": "b", "id": "serve", "parent": "call", "at": 5000, "ms": 60, "kind": "server",
         "resource": {"service.instance.id": "b-1"}},
        {"service": "b", "id": "work", "parent": "serve", "at": 5010, "ms": 10, "resource": {"service.instance.id": "b-1"}},
    ]  # fmt: skip
    id_ = send(collector, "skewed", *spans)
    corrected = ask(collector, trace_models.Outline, f"/traces/{id_}/outline")
    assert corrected["spans"]["start_ns"] == [0, 20 * MS, 30 * MS]
    assert corrected["spans"]["moved_ns"] == [0, -4980 * MS, -4980 * MS]
    assert corrected["skew"] == [{"service": "b", "instance": "b-1", "moved_ns": -4980 * MS, "spans": 2}]
    sent = ask(collector, trace_models.Outline, f"/traces/{id_}/outline", skew="as_sent")
    assert sent["spans"]["start_ns"] == [0, 5000 * MS, 5010 * MS]
    assert (sent["skew"], sent["warnings"]) == ([], [])
    serve = ask(collector, trace_models.SpanDetail, f"/traces/{id_}/spans/{span_id('skewed/serve').hex()}")
    assert serve["evidence"][0]["text"] == "Moved 4.98 s earlier: the clock of b-1 differs from its caller's."


def test_of_very_many_moved_clocks_those_of_most_spans_are_told(collector: RunningCollector) -> None:
    spans: list[dict[str, Any]] = [{"service": "a", "id": "call", "ms": 100, "kind": "client"}]
    for number in range(103):
        service = f"b{number:03}"
        spans.append(
            {"service": service, "id": service, "parent": "call", "at": 5000 + number, "ms": 60, "kind": "server"}
        )
    spans.append({"service": "b102", "id": "below", "parent": "b102", "at": 5110, "ms": 1})
    outline = ask(collector, trace_models.Outline, f"/traces/{send(collector, 'clocks', *spans)}/outline")
    told = [(clock["service"], clock["spans"]) for clock in outline["skew"]]
    assert told == [("b102", 2), *((f"b{number:03}", 1) for number in range(99))]
    assert outline["skew_cut"] == {"rows": 3, "spans": 3}


def test_an_unknown_trace_or_span_is_not_found(collector: RunningCollector, order: str) -> None:
    with pytest.raises(AssertionError, match=f"trace {UNKNOWN} not found"):
        collector.get(f"/traces/{UNKNOWN}/outline")
    with pytest.raises(AssertionError, match=f"span {UNKNOWN[16:]} not found in trace {order}"):
        collector.get(f"/traces/{order}/spans/{UNKNOWN[16:]}")


def test_a_large_trace_is_whole(collector: RunningCollector) -> None:
    spans = [
        Span(f"s{n % 7}", str(n), str((n - 1) // 3) if n else "", "large", start_ns=START_NS + n) for n in range(20_000)
    ]
    for first in range(0, len(spans), 5000):
        collector.send(request(spans[first : first + 5000]))
    answer = collector.get(f"/traces/{trace_id('large').hex()}/outline")
    ends, parents = np.array(answer["spans"]["end"]), np.array(answer["spans"]["parent"])
    assert (answer["span_count"], answer["truncated"]) == (20_000, False)
    rows = np.arange(1, 20_000)
    assert ((parents[1:] < rows) & (rows < ends[parents[1:]])).all()
    assert len(answer["concurrency"]) <= 500
