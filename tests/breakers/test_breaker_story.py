"""The story of an opening: what failed before, what was refused after, who felt it, how it recovered."""

import time
from typing import Any

import pytest
import requests
from otlp_requests import Span, request, trace_id
from otlp_signals import Record, logs
from running_collector import RunningCollector
from waiting import poll_until

SECOND_NS = 10**9
PEER = {"server.address": "10.0.0.7", "server.port": 8080}
THRESHOLD = {"circuit_breaker.name": "pay", "circuit_breaker.target": "payments"}


def order(number: int, at_ns: int, **call: Any) -> list[Span]:
    """gateway asks orders, which calls payments: answered by payments unless the call is refused."""
    trace = f"story-{number}"
    failed = call.get("error", False)
    refused = "circuit_breaker.name" in call.get("attributes", {})
    spans = [
        Span("s-gateway", "root", "", trace, "POST /checkout", "server", at_ns, 9 * 10**6, error=failed),
        Span("s-gateway", "ask", "root", trace, "POST", "client", at_ns, 8 * 10**6),
        Span("s-orders", "serve", "ask", trace, "POST /orders", "server", at_ns, 7 * 10**6),
        Span("s-orders", "call", "serve", trace, "POST /pay", "client", at_ns, 6 * 10**6, **call),
    ]
    answer = Span("payments", "pay", "call", trace, "POST /pay", "server", at_ns, 5 * 10**6, error=failed)
    return spans if refused else [*spans, answer]


def change(to_state: str, from_state: str, at_ns: int, reason: str = "") -> Record:
    words = {"state.previous": from_state, "state": to_state, "reason": reason}
    attributes = {**THRESHOLD, **{f"circuit_breaker.{key}": value for key, value in words.items()}}
    return Record(
        event="circuit_breaker.state_change", attributes=attributes, at_ns=at_ns, trace_id=trace_id("story-7")
    )


@pytest.fixture(scope="module")
def story(collector: RunningCollector) -> dict[str, Any]:
    opened_ns = (time.time_ns() // SECOND_NS - 120) * SECOND_NS
    timeout = {"error": True, "attributes": {**PEER, "error.type": "ReadTimeout"}}
    refused = {
        "error": True,
        "attributes": {
            "service.peer.name": "payments",
            "error.type": "CircuitBreakerOpen",
            "circuit_breaker.name": "pay",
            "circuit_breaker.state": "open",
        },
    }
    spans = [
        *(one for n in range(4) for one in order(n, opened_ns - (20 - n) * SECOND_NS, attributes=PEER)),
        *(one for n in range(4, 8) for one in order(n, opened_ns - (10 - n) * SECOND_NS, **timeout)),
        *(one for n in range(8, 11) for one in order(n, opened_ns + (n - 7) * SECOND_NS, **refused)),
    ]
    collector.send(*(request([span], {"service.instance.id": f"{span.service}-1"}) for span in spans))
    records = [
        change("open", "closed", opened_ns, "failure rate 50 %"),
        change("half_open", "open", opened_ns + 10 * SECOND_NS),
        change("closed", "half_open", opened_ns + 12 * SECOND_NS),
    ]
    assert collector.post(logs("s-orders", records, "s-orders-1").SerializeToString(), "logs").status_code == 200
    found = poll_until(
        lambda: len(rows := collector.get("/breakers/transitions", service="s-orders")["transitions"]) == 3 and rows,
        "three transitions",
    )
    answer: dict[str, Any] = collector.get(f"/breakers/{found[0]['id']}/story")
    return answer


def test_the_story_tells_the_opening_and_the_recovery(story: dict[str, Any]) -> None:
    assert (story["breaker"]["service"], story["breaker"]["target"]) == ("s-orders", "payments")
    assert (story["opening"]["reason"], story["opening"]["trace_id"]) == (
        "failure rate 50 %",
        trace_id("story-7").hex(),
    )
    assert [(one["from"], one["to"]) for one in story["transitions"]] == [
        ("closed", "open"),
        ("open", "half_open"),
        ("half_open", "closed"),
    ]
    assert story["recovered_at"] == story["transitions"][-1]["at"]


def test_calls_before_it_are_grouped_by_error_and_answering_instance(story: dict[str, Any]) -> None:
    before = story["before"]
    assert (before["calls"], before["failed"]) == (8, 4)
    assert [(one["error_type"], one["target_instance"], one["count"]) for one in before["groups"]] == [
        ("ReadTimeout", "payments-1", 4)
    ]
    assert story["last_drop"]["trace_id"] == trace_id("story-7").hex()


def test_refused_calls_and_who_felt_them(story: dict[str, Any]) -> None:
    assert story["rejected"]["count"] == 3
    assert set(story["rejected"]["traces"]) == {trace_id(f"story-{n}").hex() for n in (8, 9, 10)}
    assert [(one["service"], one["name"], one["calls"]) for one in story["felt_by"]] == [
        ("s-gateway", "POST /checkout", 3)
    ]
    assert [(one["name"], one["requests"], one["failed"]) for one in story["entries"]] == [("POST /checkout", 3, 3)]


def test_the_timeline_has_every_second_with_calls(story: dict[str, Any]) -> None:
    points = story["timeline"]["points"]
    counts = {key: sum(point[key] for point in points) for key in ("ok", "failed", "rejected")}
    assert counts == {"ok": 4, "failed": 4, "rejected": 3}
    starts = [int(point["start_ns"]) for point in points]
    assert starts == sorted(starts)


def test_a_breaker_that_did_not_open_has_no_story(collector: RunningCollector) -> None:
    answer = requests.get(f"{collector.api}/api/v1/breakers/{'0' * 16}/story", timeout=60)
    assert answer.status_code == 404
    assert answer.json()["detail"].startswith(f"breaker {'0' * 16} did not open in the 24 hours before")


def test_events_tell_of_breakers_faults_and_deployments(collector: RunningCollector, story: dict[str, Any]) -> None:
    fault = Record(
        event="fault.injected", attributes={"fault.kind": "latency", "fault.detail": "2 s", "fault.duration_s": 30}
    )
    assert collector.post(logs("s-orders", [fault]).SerializeToString(), "logs").status_code == 200
    now_ns = time.time_ns()
    for version, age_s in (("1.0", 60), ("1.1", 30)):
        spans = [Span("s-new", version, trace=version, start_ns=now_ns - age_s * SECOND_NS)]
        collector.send(request(spans, {"service.version": version, "service.instance.id": version}))
    events = poll_until(
        lambda: len(rows := collector.get("/events", kinds="breaker,fault,deployment")["events"]) == 5 and rows,
        "events",
    )
    assert {(one["kind"], one["service"], one["title"]) for one in events} == {
        ("fault", "s-orders", "Fault injected: latency"),
        ("deployment", "s-new", "s-new 1.0 → 1.1"),
        ("breaker", "s-orders", "Breaker pay is open (s-orders-1)"),
        ("breaker", "s-orders", "Breaker pay is half open (s-orders-1)"),
        ("breaker", "s-orders", "Breaker pay is closed (s-orders-1)"),
    }
    assert [one["at"] for one in events] == sorted((one["at"] for one in events), reverse=True)
