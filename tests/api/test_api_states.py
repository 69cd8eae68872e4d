"""Answers about breakers, health and events have exactly the fields that the API documents."""

import time

import pytest
import requests
from api_answers import ask
from otlp_requests import Span, request
from otlp_signals import Point, Record, logs, metrics
from running_collector import RunningCollector
from waiting import poll_until

from collector.api import breaker_models, breaker_story_models, health_models, models


@pytest.fixture(scope="module")
def states(collector: RunningCollector) -> RunningCollector:
    """A breaker with samples and an opening, a failed call before it, a report with a check, a fault."""
    now_ns = time.time_ns()
    words = {"circuit_breaker.name": "pay", "circuit_breaker.target": "till"}
    samples = [
        Point("circuit_breaker.state", 1, {**words, "circuit_breaker.state": "closed"}, "updown", now_ns - 9 * 10**9)
    ]
    told = {
        "circuit_breaker.state.previous": "closed",
        "circuit_breaker.state": "open",
        "circuit_breaker.reason": "errors",
    }
    records = [
        Record(event="circuit_breaker.state_change", attributes={**words, **told}, at_ns=now_ns),
        Record(event="fault.injected", attributes={"fault.kind": "latency"}),
    ]
    peer = {"service.peer.name": "till", "error.type": "ReadTimeout"}
    call = Span("cart", "c", kind="client", start_ns=now_ns - 10**9, error=True, attributes=peer)
    sample = metrics("cart", samples, scope="spanscape.circuit_breaker")
    assert collector.post(sample.SerializeToString(), "metrics").status_code == 200
    assert collector.post(logs("cart", records).SerializeToString(), "logs").status_code == 200
    collector.send(request([call], {"service.instance.id": "i1"}))
    report = {"status": "warn", "checks": {"db:responseTime": [{"status": "warn", "observedValue": 5}]}}
    answer = requests.post(f"{collector.api}/api/v1/health/cart?instance=i1", json=report, timeout=60)
    assert (
        health_models.HealthReport.model_validate(answer.json(), strict=True).model_dump(mode="json") == answer.json()
    )
    poll_until(lambda: len(collector.get("/breakers/transitions")["transitions"]) == 1, "the opening")
    # a state is written after the transition that led to it
    poll_until(lambda: [one["state"] for one in collector.get("/breakers")["breakers"]] == ["open"], "the open breaker")
    poll_until(lambda: collector.get("/health/history")["changes"], "a change")
    return collector


def test_breakers_transitions_and_a_story(states: RunningCollector) -> None:
    (breaker,) = ask(states, breaker_models.Breakers, "/breakers")["breakers"]
    assert (breaker["state"], breaker["target"]) == ("open", "till")
    assert ask(states, breaker_models.Breaker, f"/breakers/{breaker['id']}") == breaker
    (lamp,) = ask(states, breaker_models.Lamps, "/breakers/lamps")["lamps"]
    assert {key: breaker[key] for key in breaker if key not in ("instances", "evidence")}.items() <= lamp.items()
    assert [one["state"] for one in lamp["states"]][-1] == breaker["state"]
    (transition,) = ask(states, breaker_models.Transitions, "/breakers/transitions")["transitions"]
    assert transition["id"] == breaker["id"]
    story = ask(states, breaker_story_models.Story, f"/breakers/{breaker['id']}/story")
    assert [group["error_type"] for group in story["before"]["groups"]] == ["ReadTimeout"]


def test_health_its_history_and_its_summary(states: RunningCollector) -> None:
    (service,) = ask(states, health_models.SystemHealth, "/health")["services"]
    assert (service["name"], service["status"]) == ("cart", "degraded")
    changes = ask(states, health_models.HealthChanges, "/health/history", service="cart")["changes"]
    assert changes[-1]["from"] == "unknown"
    assert ask(states, health_models.HealthSummary, "/health/summary")["counts"]["degraded"] == 1


def test_events_and_the_systems_time_series(states: RunningCollector) -> None:
    events = ask(states, models.SystemEvents, "/events")["events"]
    assert {event["kind"] for event in events} == {"breaker", "health", "fault"}
    assert ask(states, models.SystemEvents, "/events", kinds="deployment")["events"] == []
    points = poll_until(lambda: ask(states, models.TimeSeries, "/timeseries")["points"], "a point")
    assert sum(point["calls"] for point in points) == 1


@pytest.mark.parametrize(
    ("path", "parameters", "detail"),
    [
        ("/events", {"kinds": "weather"}, 'kinds: expected breaker, health, fault, deployment, got "weather"'),
        ("/breakers", {"at": "soon"}, "at: expected a time such as"),
        (f"/breakers/{'0' * 16}/story", {"before": "1h"}, "before: expected 1s to 10m, got 1h"),
    ],
)
def test_what_is_wrong_is_said(states: RunningCollector, path: str, parameters: dict[str, str], detail: str) -> None:
    answer = requests.get(f"{states.api}/api/v1{path}", params=parameters, timeout=60)
    assert answer.status_code == 400
    assert answer.json()["detail"].startswith(detail)
