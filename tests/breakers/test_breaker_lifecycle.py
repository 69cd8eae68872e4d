"""A breaker's life as its events, counters and samples tell of it: nothing is lost, nothing is told twice."""

import time
from itertools import pairwise
from typing import Any

import requests
from otlp_requests import Span, key_values, request
from otlp_signals import Point, Record, logs, metrics
from running_collector import RunningCollector
from waiting import poll_until

SECOND_NS = 10**9
STATES = ("closed", "open", "half_open", "forced_open", "disabled")
SCOPE = "spanscape.circuit_breaker"
START_NS = time.time_ns() - 3600 * SECOND_NS
"""When all processes here began to count; no question asks about this time."""


def ours(service: str, state: str, at_ns: int, **more: float) -> list[Point]:
    """One export of our own dialect: the state set, calls by outcome, counts of transitions by state (`to_open=1`)."""
    about = {"circuit_breaker.name": "pay", "circuit_breaker.target": f"{service}-target"}
    start_ns = START_NS
    points = [
        Point("circuit_breaker.state", float(one == state), {**about, "circuit_breaker.state": one}, "updown", at_ns)
        for one in STATES
    ]
    for name, value in more.items():
        if name.startswith("to_"):
            words = {"circuit_breaker.state": name[3:]}
            points.append(Point("circuit_breaker.transitions", value, {**about, **words}, "counter", at_ns, start_ns))
        else:
            words = {"circuit_breaker.outcome": name}
            points.append(Point("circuit_breaker.calls", value, {**about, **words}, "counter", at_ns, start_ns))
    return points


def change(from_state: str, to_state: str, at_ns: int, reason: str = "") -> Record:
    return Record(
        event="circuit_breaker.state_change",
        attributes={
            "circuit_breaker.name": "pay",
            "circuit_breaker.state.previous": from_state,
            "circuit_breaker.state": to_state,
            "circuit_breaker.reason": reason,
        },
        at_ns=at_ns,
        trace_id=b"\x01" * 16,
        span_id=b"\x02" * 8,
    )


def send(collector: RunningCollector, service: str, points: list[Point]) -> None:
    assert collector.post(metrics(service, points, scope=SCOPE).SerializeToString(), "metrics").status_code == 200


def send_logs(collector: RunningCollector, service: str, *records: Record) -> None:
    assert collector.post(logs(service, records).SerializeToString(), "logs").status_code == 200


def send_span_events(collector: RunningCollector, service: str, moves: list[tuple[str, str, int]]) -> None:
    message = request(
        [Span(service, "work", trace=service, kind="server", start_ns=moves[0][2])], {"service.instance.id": "i1"}
    )
    span = message.resource_spans[0].scope_spans[0].spans[0]
    for from_state, to_state, at_ns in moves:
        event = span.events.add(name="circuit_breaker.state_change", time_unix_nano=at_ns)
        names = {"name": "pay", "state.previous": from_state, "state": to_state}
        event.attributes.extend(key_values({f"circuit_breaker.{key}": value for key, value in names.items()}))
    collector.send(message)


def breaker(collector: RunningCollector, service: str) -> dict[str, Any]:
    found = [one for one in collector.get("/breakers")["breakers"] if one["service"] == service]
    return found[0] if found else {}


def transitions(collector: RunningCollector, service: str) -> list[tuple[str, str]]:
    """Oldest first."""
    rows = collector.get("/breakers/transitions", service=service)["transitions"]
    return [(row["from"], row["to"]) for row in reversed(rows)]


def state_of(collector: RunningCollector, service: str, state: str) -> dict[str, Any]:
    return poll_until(
        lambda: (found := breaker(collector, service)) and found["state"] == state and found, f"{service} to be {state}"
    )


def test_a_state_set_that_moves_is_a_transition(collector: RunningCollector) -> None:
    now_ns = time.time_ns()
    send(collector, "moves", ours("moves", "closed", now_ns - 10 * SECOND_NS, success=10))
    send(collector, "moves", ours("moves", "open", now_ns - 5 * SECOND_NS, success=12, failure=6))
    found = state_of(collector, "moves", "open")
    assert (found["target"], found["target_confidence"], found["source"]) == ("moves-target", "exported", "spanscape")
    assert (found["calls_ok"], found["calls_failed"], found["stale"]) == (2, 6, False)
    assert transitions(collector, "moves") == [("closed", "open")]


def test_a_change_is_told_by_a_record_between_two_exports_of_metrics(collector: RunningCollector) -> None:
    send(collector, "quick", ours("quick", "closed", time.time_ns()))
    state_of(collector, "quick", "closed")
    send_logs(collector, "quick", change("closed", "open", time.time_ns(), "failure rate 60 %"))
    found = state_of(collector, "quick", "open")
    assert found["since_precision"] == "exact"


def test_record_counter_and_sample_of_one_transition_are_one(collector: RunningCollector) -> None:
    now_ns = time.time_ns()
    send(collector, "once", ours("once", "closed", now_ns - 10 * SECOND_NS, to_open=3))
    send(collector, "once", ours("once", "open", now_ns, to_open=4))
    state_of(collector, "once", "open")
    send_logs(collector, "once", change("closed", "open", now_ns - 4 * SECOND_NS, "too slow"))
    found = poll_until(
        lambda: [row for row in collector.get("/breakers/transitions", service="once")["transitions"] if row["reason"]],
        "the reason",
    )
    assert len(found) == 1
    assert found[0]["precision"] == "exact"
    assert found[0]["trace_id"] == "01" * 16
    assert transitions(collector, "once") == [("closed", "open")]


def test_an_opening_between_two_exports_is_kept_when_counters_tell(collector: RunningCollector) -> None:
    now_ns = time.time_ns()
    send(collector, "short", ours("short", "closed", now_ns - 10 * SECOND_NS, to_open=1, to_half_open=1, to_closed=1))
    send(collector, "short", ours("short", "closed", now_ns, to_open=2, to_half_open=2, to_closed=2))
    poll_until(lambda: len(transitions(collector, "short")) == 3, "three transitions")
    assert transitions(collector, "short") == [("closed", "open"), ("open", "half_open"), ("half_open", "closed")]
    assert state_of(collector, "short", "closed")["openings"] == 1  # written after the transitions


def test_evidence_that_disagrees_is_a_conflict_until_it_agrees(collector: RunningCollector) -> None:
    """A state set counts more than a number; both are told."""
    name = "resilience4j_circuitbreaker_state"
    now_ns = time.time_ns()
    for ago_s in (122, 62):  # exported each minute, so that nothing becomes stale meanwhile
        send(collector, "torn", [Point(name, 1, {"name": "pay", "state": "closed"}, at_ns=now_ns - ago_s * SECOND_NS)])
    state_of(collector, "torn", "closed")
    send(collector, "torn", [Point(name, 1, {"name": "pay"}, at_ns=now_ns - 2 * SECOND_NS)])
    found = poll_until(lambda: (one := breaker(collector, "torn")) and one["conflict"] and one, "the conflict")
    assert found["state"] == "closed"
    assert {(one["kind"], one["state"]) for one in found["evidence"]} == {
        ("state_set", "closed"),
        ("state_number", "open"),
    }
    send(collector, "torn", [Point(name, 0, {"name": "pay"}, at_ns=now_ns)])
    poll_until(lambda: not breaker(collector, "torn")["conflict"], "the conflict to end")
    assert transitions(collector, "torn") == []


def test_calls_that_a_closed_breaker_refuses_are_a_conflict(collector: RunningCollector) -> None:
    now_ns = time.time_ns()
    for ago_s in (100, 10, 0):
        send(collector, "liar", ours("liar", "closed", now_ns - ago_s * SECOND_NS))
    state_of(collector, "liar", "closed")
    assert not breaker(collector, "liar")["conflict"]
    words = {"error.type": "CircuitBreakerOpen", "circuit_breaker.name": "pay", "circuit_breaker.state": "open"}
    refused = Span("liar", "call", trace="liar", kind="client", error=True, start_ns=now_ns, attributes=words)
    collector.send(request([refused], {"service.instance.id": "i1"}))
    poll_until(lambda: breaker(collector, "liar")["conflict"], "the conflict")
    assert breaker(collector, "liar")["state"] == "closed"


def test_instances_are_one_breaker_and_each_tells_its_own_openings(collector: RunningCollector) -> None:
    """Three instances; two open, one of them is then restarted and begins closed: that is no transition, and no fourth row."""
    now_ns = time.time_ns()

    def tell(instance: str, state: str, ago_s: int, **more: float) -> None:
        body = metrics("trio", ours("trio", state, now_ns - ago_s * SECOND_NS, **more), instance, SCOPE)
        assert collector.post(body.SerializeToString(), "metrics").status_code == 200

    for instance in ("i1", "i2", "i3"):
        tell(instance, "closed", 20, to_open=1, success=10)
    for instance in ("i1", "i2"):
        tell(instance, "open", 10, to_open=2, success=10)
    poll_until(lambda: breaker(collector, "trio").get("state_text") == "2 of 3 open", "two of three to be open")
    tell("i1", "closed", 0, to_open=0, success=0)
    tell("i2", "open", 0, to_open=2, success=10)
    tell("i3", "closed", 0, to_open=1, success=10)
    found = poll_until(
        lambda: (one := breaker(collector, "trio"))["state_text"] == "1 of 3 open" and one, "one to be open"
    )
    assert transitions(collector, "trio") == [("closed", "open")] * 2
    assert (found["openings"], len(found["instances"])) == (2, 3)
    assert len([one for one in collector.get("/breakers")["breakers"] if one["service"] == "trio"]) == 1


def test_a_breaker_in_an_environment_is_that_of_its_instances_there(collector: RunningCollector) -> None:
    """The instance in staging opens, that in production does not; calls are counted apart."""
    now_ns = time.time_ns()
    for instance, environment in (("p", "production"), ("s", "staging")):
        root = Span("split", "work", trace=f"split {instance}", kind="server", environment=environment)
        collector.send(request([root], {"service.instance.id": instance}))
    for instance, state, opened in (("p", "closed", 1), ("s", "open", 2)):
        for ago_s, now, counts in ((20, "closed", (1, 10)), (0, state, (opened, 30))):
            points = ours("split", now, now_ns - ago_s * SECOND_NS, to_open=counts[0], success=counts[1])
            body = metrics("split", points, instance, SCOPE)
            assert collector.post(body.SerializeToString(), "metrics").status_code == 200

    def told(path: str = "/breakers", **environment: str) -> dict[str, Any]:
        rows = next(iter(collector.get(path, **environment).values()))
        return next((one for one in rows if one["service"] == "split"), {})

    poll_until(lambda: told().get("state_text") == "1 of 2 open", "both instances")
    poll_until(lambda: told().get("calls_ok") == 40, "all calls")
    for environment, instance, state, openings in (("production", "p", "closed", 0), ("staging", "s", "open", 1)):
        found = told(environment=environment)
        assert [one["id"] for one in found["instances"]] == [instance]
        assert (found["state"], found["openings"], found["calls_ok"]) == (state, openings, 20)
        lamp = told("/breakers/lamps", environment=environment)
        assert (lamp["state"], lamp["instance_count"], sum(lamp["traffic"]["ok"])) == (state, 1, 20)
        moves = collector.get("/breakers/transitions", service="split", environment=environment)["transitions"]
        assert len(moves) == openings
        (health,) = [
            one for one in collector.get("/health", environment=environment)["services"] if one["name"] == "split"
        ]
        assert [one["id"] for one in health["instances"]] == [instance]


def test_a_restart_is_no_transition(collector: RunningCollector) -> None:
    now_ns = time.time_ns()
    send(collector, "anew", ours("anew", "open", now_ns - 10 * SECOND_NS, to_open=5, success=100))
    send(collector, "anew", ours("anew", "closed", now_ns, to_open=0, success=3))
    state_of(collector, "anew", "closed")
    assert transitions(collector, "anew") == []


def test_the_edge_that_a_breaker_guards_shows_it_and_refused_calls_bind_one_without_a_target(
    collector: RunningCollector,
) -> None:
    now_ns = time.time_ns()
    words = {"name": "pay", "state": "open"}
    points = [Point("resilience4j.circuitbreaker.state", 1, words, at_ns=now_ns)]
    assert collector.post(metrics("shopper", points).SerializeToString(), "metrics").status_code == 200
    assert state_of(collector, "shopper", "open")["target_confidence"] == "none"
    refused = {
        "error.type": "io.github.resilience4j.circuitbreaker.CallNotPermittedException",
        "service.peer.name": "till",
    }
    message = "CircuitBreaker 'pay' is OPEN and does not permit further calls"
    spans = request(
        [Span("shopper", "c", kind="client", start_ns=now_ns - 150 * SECOND_NS, error=True, attributes=refused)],
        {"service.instance.id": "i1"},
    )
    spans.resource_spans[0].scope_spans[0].spans[0].status.message = message
    collector.send(spans)
    found = poll_until(lambda: (one := breaker(collector, "shopper"))["target"] and one, "the target")
    assert (found["target"], found["target_confidence"], found["rejected"]) == ("till", "correlated", 1)
    poll_until(
        lambda: (
            [
                (edge["target"], edge["rejected"], [one["state"] for one in edge["breakers"]])
                for edge in collector.get("/topology")["edges"]
                if edge["source"] == "service:shopper"
            ]
            == [("external:till", 1, ["open"])]
        ),
        "the edge",
        timeout_s=60,
    )

    def health() -> str:
        nodes = {node["id"]: node["health"] for node in collector.get("/topology")["nodes"]}
        return str(nodes["service:shopper"])

    poll_until(lambda: health() == "degraded", "the health on the map")


def test_flapping_that_records_and_span_events_tell_of_again_and_again_is_told_once(
    collector: RunningCollector,
) -> None:
    """The span event comes some microseconds before the record; rows may be read again when the engine merges them."""
    now_ns = time.time_ns()
    path = ("closed", "open", "half_open", "open", "half_open", "closed")
    moves = [
        (before, after, now_ns + n * SECOND_NS // 5 - 5 * SECOND_NS) for n, (before, after) in enumerate(pairwise(path))
    ]
    for _ in range(2):
        send_logs(collector, "flaps", *(change(before, after, at_ns + 9000) for before, after, at_ns in moves))
        send_span_events(collector, "flaps", moves)
    expected = [(before, after) for before, after, _ in moves]
    poll_until(lambda: transitions(collector, "flaps") == expected, "all moves, once")
    send_span_events(collector, "flaps", [("closed", "open", now_ns)])
    state_of(collector, "flaps", "open")
    assert transitions(collector, "flaps") == [*expected, ("closed", "open")]


def test_the_error_of_a_refused_call_on_its_way_up_is_no_breaker_of_its_own(collector: RunningCollector) -> None:
    """The refused call names its breaker and peer; the spans around it only fail for the same reason."""
    at = {"trace": "climbs", "error": True, "start_ns": time.time_ns()}
    refused = {"error.type": "CircuitBreakerOpen", "circuit_breaker.name": "pay", "service.peer.name": "till"}
    spans = [
        Span("climbs", "serve", kind="server", **at, attributes={"error.type": "503"}),
        Span(
            "climbs",
            "step",
            parent="serve",
            kind="internal",
            **at,
            attributes={"error.type": "sony.CircuitBreakerError"},
        ),
        Span("climbs", "call", parent="step", kind="client", **at, attributes=refused),
    ]
    message = request(spans)
    for one in message.resource_spans:
        one.scope_spans[0].spans[0].status.message = "pay: circuit breaker is open"
    collector.send(message)
    poll_until(lambda: breaker(collector, "climbs"), "the breaker")
    known = [one["name"] for one in collector.get("/breakers")["breakers"] if one["service"] == "climbs"]
    assert known == ["pay"]


def test_breakers_inside_a_health_report_are_breakers(collector: RunningCollector) -> None:
    """Spring Boot's health with resilience4j's details, and where details are hidden, with its status."""

    def report(state: str, status: str, refused: int) -> None:
        details = {
            "state": state, "failureRate": "62.5%", "slowCallRate": "-1.0%", "failureRateThreshold": "50.0%",
            "slowCallRateThreshold": "100.0%", "notPermittedCalls": refused,
        }  # fmt: skip
        members = {"pay": {"status": status, "details": details}, "find": {"status": "CIRCUIT_HALF_OPEN"}}
        body = {"status": "UP", "components": {"circuitBreakers": {"status": "UP", "details": members}}}
        url = f"{collector.api}/api/v1/health/boot"
        assert requests.post(url, json=body, params={"instance": "boot-1"}, timeout=60).status_code == 202

    def named(name: str) -> dict[str, Any]:
        return next(
            (one for one in collector.get("/breakers")["breakers"] if (one["service"], one["name"]) == ("boot", name)),
            {},
        )

    report("CLOSED", "UP", 2)
    poll_until(lambda: named("pay").get("state") == "closed", "the breaker")
    report("OPEN", "CIRCUIT_OPEN", 7)
    found = poll_until(lambda: named("pay").get("state") == "open" and named("pay"), "it to be open")
    assert (found["failure_rate"], found["slow_rate"], found["rejected"]) == (0.625, None, 5)
    assert found["thresholds"] == {"failure_rate": 0.5, "slow_rate": 1.0}
    assert [one["id"] for one in found["instances"]] == ["boot-1"]
    assert found["source"] == "resilience4j"
    assert named("find")["state"] == "half_open"
    assert transitions(collector, "boot") == [("closed", "open")]
