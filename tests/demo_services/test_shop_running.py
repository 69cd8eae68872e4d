"""The whole shop, started as users start it, seen from the OTLP backend it reports to: journeys and patterns."""

import os
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import redis
import requests
from customer import ROOT, Customer, new_trace
from otlp_sink import SeenSpan, Sink, grpc_sink, otlp_sink
from running_shop import RunningShop, running_shop
from waiting import poll_until

from demo_services.services import DEAD_LETTERS, REPORTING

CALM = {"slow_share": "0", "decline_share": "0"}
EXPORTER_TIMEOUT_S = 10
QUICK = {
    "breaker_open_s": "1",
    "breaker_window_s": "5",
    "metrics_interval_s": "1",
    "saga_lease_s": "2",
    "saga_stuck_s": "1",
    "redelivery_s": "0.3",
    "lease_s": "3",
    "heartbeat_s": "0.5",
    "rate_limit_burst": "60",
}


@pytest.fixture(scope="module")
def sink() -> Iterator[Sink]:
    with otlp_sink() as sink:
        yield sink


@pytest.fixture(scope="module")
def shop(sink: Sink, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningShop]:
    """Without traffic and without chance, so that every span belongs to a test."""
    folder = tmp_path_factory.mktemp("shop")
    with running_shop(sink.url, folder, "--traffic-rate", "0", **CALM, **QUICK) as shop:
        yield shop


@pytest.fixture(scope="module")
def ada(shop: RunningShop) -> Customer:
    return Customer(shop.gateway)


def span_of(sink: Sink, trace_id: str, label: str) -> SeenSpan:
    """The first span of the trace with that label, once it has come."""
    return poll_until(lambda: [span for span in sink.trace(trace_id) if span.label == label], f"span {label}")[0]


def path_to_root(sink: Sink, span: SeenSpan) -> list[str]:
    """The labels of the span and of its ancestors, up to the one whose parent is ROOT, once they have come."""

    def path() -> list[str]:
        by_id = {seen.span_id: seen for seen in sink.trace(span.trace_id)}
        labels, here = [], span
        while here.parent_id in by_id:
            labels.append(here.label)
            here = by_id[here.parent_id]
        return [*labels, here.label] if here.parent_id == ROOT else []

    return poll_until(path, f"ancestors of {span.label}")


def inject(shop: RunningShop, label: str, kind: str, value: str = "", duration_s: float = 30) -> None:
    body = {"kind": kind, "value": value, "duration_s": duration_s}
    answer = requests.put(f"{shop.url_of(label)}/_faults", json=body, timeout=60)
    assert answer.status_code == 200, answer.text


def revert(shop: RunningShop, label: str) -> None:
    assert requests.delete(f"{shop.url_of(label)}/_faults", timeout=60).status_code == 204


def letters(shop: RunningShop, customer: Customer) -> list[str]:
    """The types of the events that the customer was written to about, sorted."""
    query = {"recipient": customer.email}
    found = requests.get(f"{shop.url_of('notifications')}/letters", params=query, timeout=60).json()
    return sorted(letter["event_type"] for letter in found)


def sagas(shop: RunningShop) -> dict[str, dict[str, Any]]:
    found = requests.get(f"{shop.url_of('orders')}/sagas", timeout=60).json()
    return {saga["id"]: saga for saga in found}


def on_hand(shop: RunningShop, sku: str) -> int:
    stock: int = requests.get(f"{shop.url_of('inventory-1')}/stock/{sku}", timeout=60).json()["on_hand"]
    return stock


def redis_of(shop: RunningShop) -> "redis.Redis":
    port = shop.wait_for(r"redis started on port (\d+)")
    return redis.Redis(port=int(port), decode_responses=True)


def test_an_order_is_one_trace_through_every_service_that_fulfils_it(ada: Customer, sink: Sink) -> None:
    trace_id = new_trace()
    answer = ada.order(trace_id=trace_id)
    assert (answer.status_code, answer.json()["status"], answer.json()["total_cents"]) == (201, "confirmed", 2_500)

    assert path_to_root(sink, span_of(sink, trace_id, "inventory client UPDATE inventory")) == [
        "inventory client UPDATE inventory",
        "inventory server PUT /reservations/{reservation_id}",
        "orders client PUT /reservations/{reservation_id}",
        "orders internal reserve stock",
        "orders server POST /orders",
        "gateway client POST /orders",
        "gateway server POST /v1/orders",
    ]
    assert path_to_root(sink, span_of(sink, trace_id, "payments client POST /charges")) == [
        "payments client POST /charges",
        "payments server PUT /payments/{order_id}",
        "orders client PUT /payments/{order_id}",
        "orders internal charge payment",
        "orders server POST /orders",
        "gateway client POST /orders",
        "gateway server POST /v1/orders",
    ]
    step = span_of(sink, trace_id, "orders internal charge payment").attributes
    assert step["saga.id"] == f"buy-{answer.json()['id']}"
    assert (step["saga.name"], step["saga.step"], step["saga.direction"]) == ("buy", "charge payment", "do")


def test_spans_speak_the_current_semantic_conventions(ada: Customer, sink: Sink) -> None:
    trace_id = new_trace()
    assert ada.order(trace_id=trace_id).status_code == 201

    insert = span_of(sink, trace_id, "orders client INSERT orders").attributes
    assert (insert["db.system.name"], insert["db.namespace"]) == ("sqlite", "orders")
    call = span_of(sink, trace_id, "gateway client POST /orders").attributes
    assert call["service.peer.name"] == "orders"
    assert (call["http.request.method"], call["http.response.status_code"]) == ("POST", 201)
    served = span_of(sink, trace_id, "gateway server POST /v1/orders")
    assert (served.attributes["http.route"], served.attributes["http.response.status_code"]) == ("/v1/orders", 201)
    assert {
        "service.name": "gateway",
        "service.namespace": "shop",
        "service.version": "1.2.0",
        "service.instance.id": "gateway-1",
        "deployment.environment.name": "demo",
    }.items() <= served.resource.items()
    sent = span_of(sink, trace_id, "orders producer send shop.orders").attributes
    assert (sent["messaging.system"], sent["messaging.destination.name"]) == ("redis", "shop.orders")


def test_baggage_names_the_user_on_every_span_behind_the_gateway(ada: Customer, sink: Sink) -> None:
    trace_id = new_trace()
    ada.order(trace_id=trace_id)
    assert span_of(sink, trace_id, "payments server PUT /payments/{order_id}").attributes["shop.user.id"] == ada.id


def test_an_event_is_taken_in_a_trace_of_its_own_that_links_to_its_cause(ada: Customer, sink: Sink) -> None:
    trace_id = new_trace()
    ada.order(trace_id=trace_id)
    sent = span_of(sink, trace_id, "orders producer send shop.orders")
    taken = poll_until(lambda: [span for span in sink.spans if sent.span_id in span.links], "consumer span")
    assert [(span.label, span.parent_id) for span in taken] == [("notifications consumer process shop.orders", "")]
    assert taken[0].trace_id != trace_id


def test_a_customer_is_written_to_once_about_each_event(shop: RunningShop, ada: Customer) -> None:
    bob = Customer(shop.gateway)
    bob.order()
    expected = ["order.confirmed", "order.created"]
    poll_until(lambda: letters(shop, bob) == expected, "both letters")


@pytest.mark.parametrize("header", ["", "Bearer nonsense"])
def test_nobody_gets_in_without_a_good_token(ada: Customer, header: str) -> None:
    answer = ada.ask("GET", "/v1/users/me", authorization=header)
    assert answer.status_code == 401
    assert "token" in answer.json()["detail"]


def test_a_wrong_password_is_no_login(ada: Customer) -> None:
    answer = ada.ask("POST", "/v1/login", {"email": ada.email, "password": "wrong horse"})
    assert (answer.status_code, answer.json()) == (401, {"detail": "email or password is wrong"})


def test_an_account_can_be_changed_and_closed(shop: RunningShop) -> None:
    bob = Customer(shop.gateway)
    assert bob.ask("PUT", "/v1/users/me", {"name": "Bob"}).json() == {"id": bob.id, "email": bob.email, "name": "Bob"}
    assert bob.ask("POST", "/v1/users", {"email": bob.email, "name": "B", "password": "x" * 8}).status_code == 409
    assert bob.ask("DELETE", "/v1/users/me").status_code == 204
    assert bob.ask("GET", "/v1/users/me").status_code == 404


def test_the_second_version_of_a_product_tells_its_stock(ada: Customer) -> None:
    assert ada.ask("GET", "/v1/products/lamp-desk").json() == {
        "sku": "lamp-desk",
        "name": "Desk lamp",
        "price_cents": 4_900,
        "few_left": False,
    }
    second = ada.ask("GET", "/v2/products/lamp-desk").json()
    assert (second["price"], second["on_hand"]) == ({"amount_cents": 4_900, "currency": "EUR"}, 50)


def test_one_question_in_graphql_gets_a_user_with_orders_and_products(shop: RunningShop) -> None:
    bob = Customer(shop.gateway)
    placed = bob.order("bag-tote", 1).json()
    answer = bob.ask("POST", "/graphql", {"query": "{ me { name orders { id status product { name } } } }"})
    order = {"id": placed["id"], "status": "confirmed", "product": {"name": "Tote bag"}}
    assert answer.json() == {"data": {"me": {"name": "Ada", "orders": [order]}}}
    assert "errors" in bob.ask("POST", "/graphql", {"query": "{ nothing }"}).json()


def test_a_refused_order_keeps_its_status_all_the_way_out(ada: Customer) -> None:
    unknown = ada.order("moon", 1)
    assert (unknown.status_code, unknown.json()) == (404, {"detail": "moon: no such product"})
    invalid = ada.order(quantity=11)
    assert (invalid.status_code, invalid.json()) == (422, {"detail": "quantity: 1 to 10 expected, got 11"})


def test_a_sold_out_product_is_a_409_and_few_left_is_told(shop: RunningShop, ada: Customer) -> None:
    assert [ada.order("clock-wall", 9).status_code for _ in range(6)] == [201, 201, 201, 201, 201, 409]
    poll_until(lambda: ada.ask("GET", "/v1/products/clock-wall").json()["few_left"], "few left in the catalogue")


def test_a_declined_card_puts_the_goods_back(shop: RunningShop, sink: Sink) -> None:
    bob, trace_id = Customer(shop.gateway), new_trace()
    before = on_hand(shop, "lamp-desk")
    answer = bob.order("lamp-desk", 10, trace_id=trace_id)
    assert answer.status_code == 402
    assert on_hand(shop, "lamp-desk") == before
    assert bob.orders() == ["rejected"]
    undone = span_of(sink, trace_id, "orders internal undo reserve stock")
    assert undone.attributes["saga.direction"] == "undo"
    poll_until(lambda: letters(shop, bob) == ["order.cancelled", "order.created", "payment.failed"], "letters")


def test_an_order_can_be_cancelled_once_and_only_by_its_customer(shop: RunningShop, ada: Customer) -> None:
    before = on_hand(shop, "pen-ink")
    placed = ada.order("pen-ink", 3).json()
    assert on_hand(shop, "pen-ink") == before - 3
    path = f"/v1/orders/{placed['id']}/cancellation"
    assert Customer(shop.gateway).ask("POST", path, {}).status_code == 404
    assert ada.ask("POST", path, {}).json()["status"] == "cancelled"
    assert on_hand(shop, "pen-ink") == before
    payment = requests.get(f"{shop.url_of('payments')}/payments/{placed['id']}", timeout=60).json()
    assert payment["status"] == "refunded"
    assert ada.ask("POST", path, {}).status_code == 409


def test_a_returned_order_is_refunded(shop: RunningShop, ada: Customer) -> None:
    placed = ada.order().json()
    assert ada.ask("POST", f"/v1/orders/{placed['id']}/return", {}).json()["status"] == "returned"
    payment = requests.get(f"{shop.url_of('payments')}/payments/{placed['id']}", timeout=60).json()
    assert payment["status"] == "refunded"


def test_the_same_key_places_one_order(shop: RunningShop) -> None:
    bob = Customer(shop.gateway)
    first = bob.order(idempotency_key="once")
    again = bob.order(idempotency_key="once")
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert bob.orders() == ["confirmed"]


def test_too_many_requests_of_one_user_are_refused_for_a_while(shop: RunningShop, sink: Sink) -> None:
    eve, trace_id = Customer(shop.gateway), new_trace()
    with ThreadPoolExecutor(8) as hands:
        answers = list(hands.map(lambda _: eve.ask("GET", "/v1/users/me", trace_id=trace_id), range(150)))
    refused = [answer for answer in answers if answer.status_code == 429]
    assert refused
    assert {answer.headers["Retry-After"] for answer in refused} == {"1"}
    assert Customer(shop.gateway).ask("GET", "/v1/users/me").status_code == 200


def test_logs_carry_the_trace_they_were_written_in(ada: Customer, sink: Sink) -> None:
    trace_id = new_trace()
    order_id = ada.order(trace_id=trace_id).json()["id"]
    expected = ("payments", trace_id, f"charged 2500 cents for order {order_id}")
    poll_until(lambda: expected in sink.logs, f"log {expected}")


def test_every_service_reports_the_durations_of_its_requests(ada: Customer, sink: Sink) -> None:
    serving = {"gateway", "users", "catalog", "inventory", "orders", "payments", "registry"}
    expected = {(service, "http.server.request.duration") for service in serving}
    assert serving <= REPORTING
    ada.ask("GET", "/v2/products/mug-blue")
    assert ada.order().status_code == 201
    poll_until(lambda: expected <= sink.metrics, f"metrics {expected - sink.metrics}")


@pytest.mark.parametrize("path", ["/health", "/health/ready"])
def test_a_service_says_how_it_is_check_by_check(shop: RunningShop, path: str) -> None:
    answer = requests.get(shop.url_of("orders") + path, timeout=60)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/health+json")
    report = answer.json()
    assert (report["status"], report["serviceId"], report["releaseId"]) == ("pass", "orders-1", "1.4.1")
    check = report["checks"]["database:responseTime"][0]
    assert (check["status"], check["observedUnit"]) == ("pass", "ms")
    others = {"payments:reachability", "broker:reachability", "disk:utilization", "sagas:stuck"}
    assert (others & report["checks"].keys()) == (others if path == "/health" else set())


def test_calls_go_to_both_instances_of_a_service(ada: Customer, sink: Sink) -> None:
    for _ in range(4):
        ada.ask("GET", "/v1/users/me")

    def instances() -> set[str]:
        return {span.resource["service.instance.id"] for span in list(sink.spans) if span.service == "users"}

    poll_until(lambda: instances() >= {"users-1", "users-2"}, "spans of both instances of users")


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
        ]

    ada.ask("GET", "/v1/products/mug-blue")
    poll_until(lambda: changes()[-1:] == [("half_open", "closed")], f"closing in {changes()}")
    assert changes()[:2] == [("closed", "open"), ("open", "half_open")]
    assert any("circuit_breaker.state_change" in span.events for span in sink.trace(trace_id))
    expected = {("gateway", f"circuit_breaker.{name}") for name in ("state", "calls", "transitions", "failure_rate")}
    poll_until(lambda: expected <= sink.metrics, "metrics of the breaker")


def test_failed_calls_are_repeated_and_say_so(shop: RunningShop, ada: Customer, sink: Sink) -> None:
    inject(shop, "inventory-1", "errors", "1")
    inject(shop, "inventory-2", "errors", "1")
    trace_id = new_trace()
    answer = ada.ask("GET", "/v2/products/mug-blue", trace_id=trace_id)
    revert(shop, "inventory-1")
    revert(shop, "inventory-2")
    assert (answer.status_code, answer.json()["on_hand"]) == (200, None)  # the fallback

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


def test_traffic_runs_and_sigint_ends_all(sink: Sink, tmp_path: Path) -> None:
    """Without redis-server, so on the stand-in; scaled; with the doors for faults shut."""
    options = ("--traffic-rate", "10", "--scale", "users=1", "inventory=1", "--no-faults")
    with running_shop(sink.url, tmp_path, *options, redis_server="none", **CALM) as shop:
        shop.wait_for(r"(traffic started)")
        already = len(sink.spans)
        wanted = {"notifications consumer process shop.orders", "catalog consumer process shop.stock"}
        poll_until(lambda: {span.label for span in sink.spans[already:]} >= wanted, "events through the stand-in")
        assert requests.get(f"{shop.url_of('users')}/_faults", timeout=60).status_code == 404
        pids = shop.pids
        assert len(pids) == 12

        shop.process.send_signal(signal.SIGINT)
        assert shop.process.wait(60) == 0
        assert [pid for pid in pids if is_running(pid)] == []


def test_spans_go_over_grpc_where_that_is_chosen(tmp_path: Path) -> None:
    with grpc_sink() as sink:
        options = ("--only", "inventory", "--scale", "inventory=1", "--otlp-protocol", "grpc")
        with running_shop(sink.url, tmp_path, *options) as shop:
            url = shop.wait_for(r"^ready inventory=(http://127.0.0.1:\d+)$")
            assert len(requests.get(f"{url}/stock", timeout=60).json()) == 8
            expected = "inventory server GET /stock"
            poll_until(lambda: expected in [span.label for span in list(sink.spans)], f"span {expected}")


def test_children_end_with_a_killed_supervisor(sink: Sink, tmp_path: Path) -> None:
    with running_shop(sink.url, tmp_path, "--only", "inventory", "--scale", "inventory=1") as shop:
        shop.wait_for(r"^(ready inventory=http://127.0.0.1:\d+)$")
        pids = shop.pids
        assert len(pids) == 2
        shop.process.kill()
        poll_until(lambda: not any(map(is_running, pids)), "end of the orphans", timeout_s=60)


def test_an_absent_collector_hurts_neither_requests_nor_the_end(tmp_path: Path) -> None:
    with otlp_sink() as gone:
        pass
    with running_shop(gone.url, tmp_path, "--traffic-rate", "0", collector_api=gone.url, **CALM) as shop:
        ada = Customer(shop.gateway)
        answers = [ada.order() for _ in range(5)]
        assert [answer.status_code for answer in answers] == [201] * 5
        assert max(answer.elapsed.total_seconds() for answer in answers) < EXPORTER_TIMEOUT_S
        shop.process.send_signal(signal.SIGINT)
        assert shop.process.wait(60) == 0
        complaints = [line for line in shop.lines if "opentelemetry" in line]
        assert len(complaints) <= 12, complaints


def test_the_whole_shop_is_light(sink: Sink, tmp_path: Path) -> None:
    """With traffic, less than 1.2 GiB of memory."""
    with running_shop(sink.url, tmp_path, "--traffic-rate", "5", collector_api=sink.url) as shop:
        shop.wait_for(r"(traffic started)")
        already = len(sink.spans)
        poll_until(lambda: len(sink.spans) > already + 200, "spans of the traffic")
        assert sum(map(memory_mb, [*shop.pids, *descendants(shop.process.pid)])) < 1.2 * 1024


def descendants(pid: int) -> list[int]:
    """The process and its children: the fork server and its helper. What is forked is theirs, and in the shop's own list."""
    return [pid, *map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())]


def memory_mb(pid: int) -> float:
    """What the process has to itself, and its part of what it shares."""
    text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return int(text.split("\nPss:")[1].split()[0]) / 1024


def cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "Z" not in Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
