"""What stands beside a breaker, in every dialect; and a breaker's calls over time."""

import time
from typing import Any

import pytest
from api_answers import ask
from otlp_requests import Span, request
from otlp_signals import Point, metrics
from running_collector import RunningCollector
from waiting import poll_until

from collector.api import breaker_models
from collector.conventions.guards import GUARD_METRICS

SECOND_NS = 10**9
UPTIME_NS = 7200 * SECOND_NS
"""For which the services have counted."""
ENVOY = {"envoy.cluster_name": "stock"}
POLLY = {"pipeline.name": "pay", "strategy.name": "s"}

# By source: (metric, attributes, kind of instrument, value before, value now), and the guards that they tell of.
Told = tuple[str, dict[str, Any], str, float, float]
FIXTURES: dict[str, tuple[tuple[Told, ...], list[tuple[str, str, dict[str, float]]]]] = {
    "resilience4j": (
        (
            ("resilience4j.retry.calls", {"name": "pay", "kind": "successful_with_retry"}, "gauge", 2, 5),
            ("resilience4j.retry.calls", {"name": "pay", "kind": "failed_with_retry"}, "gauge", 0, 1),
            ("resilience4j_timelimiter_calls_total", {"name": "pay", "kind": "timeout"}, "counter", 4, 6),
            ("resilience4j.bulkhead.available.concurrent.calls", {"name": "pay"}, "gauge", 9, 3),
            ("resilience4j.bulkhead.max.allowed.concurrent.calls", {"name": "pay"}, "gauge", 25, 25),
            ("resilience4j.ratelimiter.waiting_threads", {"name": "pay"}, "gauge", 0, 7),
        ),
        [
            ("retry", "pay", {"after a retry": 3, "given up": 1}),
            ("timeout", "pay", {"timed out": 2}),
            ("bulkhead", "pay", {"free": 3, "at most": 25}),
            ("rate_limit", "pay", {"waiting": 7}),
        ],
    ),
    "microprofile": (
        (
            ("ft.retry.retries.total", {"method": "Till.pay"}, "counter", 1, 4),
            ("ft.retry.calls.total", {"method": "Till.pay", "retryResult": "maxRetriesReached"}, "counter", 0, 2),
            ("ft.timeout.calls.total", {"method": "Till.pay", "timedOut": "true"}, "counter", 0, 5),
            ("ft.bulkhead.calls.total", {"method": "Till.pay", "bulkheadResult": "rejected"}, "counter", 6, 8),
            ("ft.bulkhead.executionsRunning", {"method": "Till.pay"}, "updown", 1, 3),
            ("ft.ratelimit.calls.total", {"method": "Till.pay", "rateLimitResult": "rejected"}, "counter", 0, 9),
        ),
        [
            ("retry", "Till.pay", {"retries": 3, "given up": 2}),
            ("timeout", "Till.pay", {"timed out": 5}),
            ("bulkhead", "Till.pay", {"rejected": 2, "running": 3}),
            ("rate_limit", "Till.pay", {"rejected": 9}),
        ],
    ),
    "polly": (
        (
            ("resilience.polly.strategy.events", {**POLLY, "event.name": "OnRetry"}, "counter", 1, 2),
            ("resilience.polly.strategy.events", {**POLLY, "event.name": "OnTimeout"}, "counter", 0, 3),
            ("resilience.polly.strategy.events", {**POLLY, "event.name": "OnRateLimiterRejected"}, "counter", 0, 4),
            ("resilience.polly.strategy.events", {**POLLY, "event.name": "OnCircuitOpened"}, "counter", 0, 1),
        ),
        [
            ("retry", "pay/s", {"retries": 1}),
            ("timeout", "pay/s", {"timed out": 3}),
            ("rate_limit", "pay/s", {"rejected": 4}),
        ],
    ),
    "envoy": (
        (
            ("cluster.upstream_rq_retry", ENVOY, "counter", 3, 5),
            ("envoy_cluster_upstream_rq_retry_success", {"envoy_cluster_name": "stock"}, "counter", 0, 1),
            ("cluster.stock.upstream_rq_timeout", {}, "counter", 0, 6),
            ("cluster.ratelimit.over_limit", ENVOY, "counter", 0, 2),
            ("cluster.circuit_breakers.high.remaining_rq", ENVOY, "gauge", 9, 4),
            ("cluster.circuit_breakers.high.remaining_pending", ENVOY, "gauge", 2, 0),
        ),
        [
            ("retry", "stock", {"retries": 2, "after a retry": 1}),
            ("timeout", "stock", {"timed out": 6}),
            ("bulkhead", "stock/high", {"requests left": 4, "places to wait left": 0}),
            ("rate_limit", "stock", {"rejected": 2}),
        ],
    ),
    "dapr": (
        (
            ("dapr_resiliency_activations_total", {"name": "shop", "target": "app_till", "policy": "retry"}, "counter", 1, 3),
            ("dapr_resiliency_activations_total", {"name": "shop", "target": "app_till", "policy": "timeout"}, "counter", 0, 1),
        ),
        [("retry", "shop/app_till", {"retries": 2}), ("timeout", "shop/app_till", {"timed out": 1})],
    ),
}  # fmt: skip


def breaker_of(collector: RunningCollector, service: str) -> str:
    def found() -> list[str]:
        return [lamp["id"] for lamp in collector.get("/breakers/lamps")["lamps"] if lamp["service"] == service]

    return poll_until(found, f"the breaker of {service}")[0]


def breaker_points(now_ns: int, ago_s: int = 0, **calls: float) -> list[Point]:
    at_ns = now_ns - ago_s * SECOND_NS
    words = {"circuit_breaker.name": "pay", "circuit_breaker.target": "till"}
    state = Point("circuit_breaker.state", 1, {**words, "circuit_breaker.state": "closed"}, "updown", at_ns)
    counted = [
        Point("circuit_breaker.calls", count, {**words, "circuit_breaker.outcome": outcome}, "counter", at_ns, now_ns - UPTIME_NS)
        for outcome, count in calls.items()
    ]  # fmt: skip
    return [state, *counted]


def send(collector: RunningCollector, service: str, points: list[Point], instance: str = "i1") -> None:
    assert (
        collector.post(
            metrics(service, points, instance, "spanscape.circuit_breaker").SerializeToString(), "metrics"
        ).status_code
        == 200
    )


@pytest.mark.parametrize("source", FIXTURES)
def test_a_dialect_of_guards_is_understood(collector: RunningCollector, source: str) -> None:
    service = f"guards-{source}"
    told, expected = FIXTURES[source]
    now_ns = time.time_ns()
    before_ns, start_ns = now_ns - 20 * SECOND_NS, now_ns - UPTIME_NS
    points = breaker_points(now_ns)
    for metric, attributes, kind, before, now in told:
        points += [Point(metric, before, attributes, kind, before_ns, start_ns)]
        points += [Point(metric, now, attributes, kind, now_ns, start_ns)]
    send(collector, service, points)
    path = f"/breakers/{breaker_of(collector, service)}/guards"
    guards = ask(collector, breaker_models.Guards, path)["guards"]
    assert {one["source"] for one in guards} == {source}
    found = [(one["kind"], one["name"], {each["name"]: each["value"] for each in one["figures"]}) for one in guards]
    assert found == expected


def test_every_source_of_guards_has_a_fixture() -> None:
    assert {one.source for one in GUARD_METRICS} == set(FIXTURES)


def test_a_breakers_calls_over_time_are_those_of_its_instances(collector: RunningCollector) -> None:
    now_ns = time.time_ns()
    for instance, failed in (("i1", 4), ("i2", 1)):
        send(collector, "series", breaker_points(now_ns, 90, success=1, failure=1), instance)
        send(collector, "series", breaker_points(now_ns, 30, success=11, failure=1 + failed), instance)
    path = f"/breakers/{breaker_of(collector, 'series')}/timeseries"

    def series() -> Any:
        answer = ask(collector, breaker_models.BreakerSeries, path, step="15m")
        return answer if sum(point["failed"] for point in answer["points"]) == 5 else None

    found = poll_until(series, "all calls")
    assert found["counted_by"] == "breaker"
    assert sum(point["ok"] for point in found["points"]) == 20
    by_instance = {one["id"]: sum(point["failed"] for point in one["points"]) for one in found["instances"]}
    assert by_instance == {"i1": 4, "i2": 1}


def test_where_a_breaker_does_not_count_the_calls_to_its_target_do(collector: RunningCollector) -> None:
    now_ns = time.time_ns()
    send(collector, "uncounted", breaker_points(now_ns))
    at = {"trace": "uncounted", "start_ns": now_ns - 20 * SECOND_NS, "duration_ns": 40 * 10**6}
    spans = [
        Span("uncounted", "root", kind="server", **at),
        Span("uncounted", "ask", parent="root", kind="client", **at),
        Span("till", "answer", parent="ask", kind="server", **at),
    ]
    collector.send(request(spans))
    path = f"/breakers/{breaker_of(collector, 'uncounted')}/timeseries"
    found = poll_until(lambda: (now := collector.get(path, step="15m"))["points"] and now, "the calls")
    assert (found["counted_by"], found["points"][0]["ok"]) == ("calls", 1)
    assert found["points"][0]["p95_ms"] == pytest.approx(40, rel=0.02)


def test_an_unknown_breaker_has_neither(collector: RunningCollector) -> None:
    for what in ("guards", "timeseries"):
        with pytest.raises(AssertionError, match="was not heard of"):
            collector.get(f"/breakers/{'0' * 16}/{what}")
