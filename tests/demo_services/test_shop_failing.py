"""What the whole shop does when something in it fails: instances, breakers, sagas, events, faults on demand."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import requests
from customer import Customer, new_trace
from otlp_sink import Sink
from process_figures import cpu_s, memory_mb
from running_shop import RunningShop
from shop_questions import inject, letters, redis_of, revert, sagas, span_of
from waiting import poll_until

from demo_services.services import DEAD_LETTERS

pytestmark = pytest.mark.alone


def test_when_an_instance_dies_the_other_one_takes_its_calls(shop: RunningShop, ada: Customer) -> None:
    crashed = int(shop.wait_for(r"users-2 started.* \(pid (\d+)\)"))
    os.kill(crashed, signal.SIGKILL)
    assert [ada.ask("GET", "/v1/users/me").status_code for _ in range(10)] == [200] * 10
    shop.wait_for(r"(users-2 ended with code -9, starts again in 0.5 s)")

    def instances() -> set[str]:
        found = requests.get(f"{shop.registry}/services/users", timeout=60).json()
        return {entry["instance"] for entry in found}

    poll_until(lambda: instances() == {"users-1", "users-2"}, "the new users-2 in the registry")


def test_a_breaker_opens_rejects_half_opens_and_closes(shop: RunningShop, ada: Customer, sink: Sink) -> None:
    inject(shop, "catalog", "errors", "1")
    trace_id = new_trace()
    poll_until(
        lambda: "circuit breaker is open" in ada.ask("GET", "/v1/products/mug-blue", trace_id=trace_id).text, "refusal"
    )
    revert(shop, "catalog")
    poll_until(lambda: ada.ask("GET", "/v1/products/mug-blue").status_code == 200, "calls let through again")
    rejected = poll_until(
        lambda: [s for s in sink.trace(trace_id) if s.attributes.get("error.type") == "CircuitBreakerOpen"],
        "rejected call",
    )
    assert rejected[0].label == "gateway client GET /products/{sku}"
    assert rejected[0].failed
    assert {
        "service.peer.name": "catalog",
        "circuit_breaker.name": "catalog",
        "circuit_breaker.state": "open",
        "circuit_breaker.outcome": "rejected",
    }.items() <= rejected[0].attributes.items()

    def changes() -> list[tuple[str, str]]:
        return [
            (attributes["circuit_breaker.state.previous"], attributes["circuit_breaker.state"])
            for service, name, attributes in list(sink.events)
            if (service, name) == ("gateway", "circuit_breaker.state_change")
            and attributes["circuit_breaker.name"] == "catalog"
        ]

    def has_closed() -> bool:
        ada.ask("GET", "/v1/products/mug-blue")
        return changes()[-1:] == [("half_open", "closed")]

    poll_until(has_closed, f"closing in {changes()}")
    assert changes()[:2] == [("closed", "open"), ("open", "half_open")]
    assert any("circuit_breaker.state_change" in span.events for span in sink.trace(trace_id))
    expected = {("gateway", f"circuit_breaker.{name}") for name in ("state", "calls", "transitions", "failure_rate")}
    poll_until(lambda: expected <= sink.metrics, "metrics of the breaker")


def test_failed_calls_are_repeated_and_say_so(shop: RunningShop, sink: Sink) -> None:
    rested = Customer(shop.gateway)  # tests before this one ask as often as the gateway lets a customer
    inject(shop, "inventory-1", "errors", "1")
    inject(shop, "inventory-2", "errors", "1")
    trace_id = new_trace()
    answer = rested.ask("GET", "/v2/products/mug-blue", trace_id=trace_id)
    revert(shop, "inventory-1")
    revert(shop, "inventory-2")
    assert answer.status_code == 200, answer.text
    assert answer.json()["on_hand"] is None  # the fallback

    def repeats() -> list[int]:
        spans = [span for span in sink.trace(trace_id) if span.label == "gateway client GET /stock/{sku}"]
        return sorted(span.attributes.get("http.request.resend_count", 0) for span in spans)

    poll_until(lambda: repeats() == [0, 1, 2], "three calls")
    assert "fallback" in span_of(sink, trace_id, "gateway server GET /v2/products/{sku}").events


def test_a_saga_survives_a_crash_and_goes_on(shop: RunningShop, sink: Sink) -> None:
    bob, trace_id = Customer(shop.gateway), new_trace()
    inject(shop, "payment-provider", "latency", "900ms")
    pid = int(shop.find(r"orders started.* \(pid (\d+)\)")[-1])
    with crash_amid_a_saga(shop, pid):
        answer = bob.order(trace_id=trace_id, idempotency_key="crash")
    revert(shop, "payment-provider")
    poll_until(
        lambda: bob.orders() == ["confirmed"],
        f"the order's confirmation (first answer: {answer.status_code})",
    )
    resumed = span_of(sink, trace_id, "orders internal resume saga")
    assert resumed.attributes["saga.name"] == "buy"
    assert bob.order(idempotency_key="crash").status_code == 200


@contextmanager
def crash_amid_a_saga(shop: RunningShop, pid: int) -> Iterator[None]:
    """Kills `pid` as soon as a saga is under way in the block."""

    def kill() -> None:
        poll_until(lambda: [saga for saga in sagas(shop).values() if saga["status"] == "running"], "a running saga")
        os.kill(pid, signal.SIGKILL)

    thread = threading.Thread(target=kill)
    thread.start()
    yield
    thread.join(60)


def test_a_saga_that_cannot_be_undone_yet_is_seen_as_stuck_and_undone_later(shop: RunningShop) -> None:
    bob = Customer(shop.gateway)
    for label in ("inventory-1", "inventory-2"):
        inject(shop, label, "errors", "1")
    answer = bob.order("socks-wool", 1)
    assert answer.status_code == 503

    def mine() -> dict[str, Any]:
        (order,) = bob.ask("GET", "/v1/orders").json()
        return {"order": order["status"], **sagas(shop)[f"buy-{order['id']}"]}

    poll_until(lambda: mine()["stuck"], "a stuck saga")
    assert mine()["status"] == "compensating"
    report = requests.get(shop.url_of("orders") + "/health", timeout=60).json()
    assert report["checks"]["sagas:stuck"][0]["status"] == "warn"
    for label in ("inventory-1", "inventory-2"):
        revert(shop, label)
    poll_until(lambda: mine()["status"] == "compensated", "the saga's end")
    assert mine()["order"] == "failed"


def test_what_cannot_be_handled_goes_to_the_dead_letters(shop: RunningShop) -> None:
    client = redis_of(shop)
    client.xadd("shop.orders", {"id": "broken", "type": "order.created", "data": "not json"})
    dead = poll_until(lambda: client.xrange(DEAD_LETTERS), "dead letter")
    assert [(fields["id"], fields["group"]) for _, fields in dead] == [("broken", "notifications")]


def test_an_event_that_comes_twice_is_written_about_once(shop: RunningShop, ada: Customer) -> None:
    poll_until(lambda: ada.order().status_code == 201, "a shop whose breakers are closed again")
    bob, client = Customer(shop.gateway), redis_of(shop)
    bob.order()
    poll_until(lambda: len(letters(shop, bob)) == 2, "both letters")
    for _, fields in client.xrange("shop.orders"):
        if bob.id in fields["data"]:
            client.xadd("shop.orders", fields)
    marker = Customer(shop.gateway)
    marker.order()  # comes after the repeats
    poll_until(lambda: len(letters(shop, marker)) == 2, "letters of the order after")
    assert letters(shop, bob) == ["order.confirmed", "order.created"]


def test_faults_end_by_themselves_and_are_told(shop: RunningShop, ada: Customer, sink: Sink) -> None:
    inject(shop, "users-1", "latency", "5ms", duration_s=0.4)

    def told() -> list[tuple[str, str]]:
        return [
            (service, name)
            for service, name, attributes in list(sink.events)
            if attributes.get("fault.kind") == "latency" and attributes.get("fault.detail") == "5ms"
        ]

    poll_until(lambda: told() == [("users", "fault.injected"), ("users", "fault.reverted")], "both events")
    assert requests.get(f"{shop.url_of('users-1')}/_faults", timeout=60).json() == []


def test_pressure_is_real(shop: RunningShop) -> None:
    pid = int(shop.find(r"users-1 started.* \(pid (\d+)\)")[-1])
    memory_before, cpu_before = memory_mb(pid), cpu_s(pid)
    inject(shop, "users-1", "memory", "120")
    inject(shop, "users-1", "cpu", "0.5")
    poll_until(lambda: memory_mb(pid) > memory_before + 100, "120 MB more")
    poll_until(lambda: cpu_s(pid) > cpu_before + 0.3, "burnt time")
    revert(shop, "users-1")
    poll_until(lambda: memory_mb(pid) < memory_before + 60, "memory given back")


def test_faults_are_taken_from_this_machine_only_and_only_good_ones(shop: RunningShop) -> None:
    url = f"{shop.url_of('users-1')}/_faults"
    assert requests.get(url, headers={"X-Forwarded-For": "192.0.2.1"}, timeout=60).status_code == 403
    answer = requests.put(url, json={"kind": "earthquake"}, timeout=60)
    assert answer.status_code == 422
    assert "kind: one of latency," in answer.json()["detail"]
