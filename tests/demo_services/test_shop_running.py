"""The whole shop, started as users start it, seen from the OTLP backend it reports to: journeys of customers."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from customer import Customer, new_trace
from otlp_sink import Sink
from running_shop import RunningShop
from shop_questions import letters, on_hand, path_to_root, span_of
from waiting import poll_until

from demo_services.services import REPORTING


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
