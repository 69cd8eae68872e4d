"""The whole shop, started as users start it, seen from the OTLP backend it reports to."""

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from otlp_sink import SeenSpan, Sink, grpc_sink, otlp_sink
from running_shop import RunningShop, poll_until, running_shop

from demo_services.catalogue import expected_edges

ORDER = {"sku": "mug-blue", "quantity": 2}
ROOT = "00f067aa0ba902b7"  # the id of the test's own span, which nobody exports


@pytest.fixture(scope="module")
def sink() -> Iterator[Sink]:
    with otlp_sink() as sink:
        yield sink


@pytest.fixture(scope="module")
def shop(sink: Sink, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningShop]:
    """Without traffic and without faults, so that every span belongs to a test."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("SHOP_SLOW_SHARE", "0")
        environment.setenv("SHOP_FAILING_SHARE", "0")
        with running_shop(sink, tmp_path_factory.mktemp("shop"), "--traffic-rate", "0") as shop:
            yield shop


def request_in_trace(shop: RunningShop, method: str, path: str, trace_id: str, **options: object) -> requests.Response:
    headers = {"traceparent": f"00-{trace_id}-{ROOT}-01"}
    return requests.request(method, shop.gateway + path, headers=headers, timeout=10, **options)


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


def test_an_order_is_one_trace_through_gateway_orders_and_inventory(shop: RunningShop, sink: Sink) -> None:
    trace_id = "a" * 32
    answer = request_in_trace(shop, "POST", "/orders", trace_id, json=ORDER)
    assert (answer.status_code, answer.json()["status"], answer.json()["total_cents"]) == (201, "confirmed", 2_500)

    update = span_of(sink, trace_id, "inventory client UPDATE inventory")
    assert path_to_root(sink, update) == [
        "inventory client UPDATE inventory",
        "inventory internal reserve stock",
        "inventory server POST /reservations",
        "orders client POST /reservations",
        "orders server POST /orders",
        "gateway client POST /orders",
        "gateway server POST /orders",
    ]


def test_spans_speak_the_current_semantic_conventions(shop: RunningShop, sink: Sink) -> None:
    trace_id = "b" * 32
    assert request_in_trace(shop, "POST", "/orders", trace_id, json=ORDER).status_code == 201

    insert = span_of(sink, trace_id, "orders client INSERT orders").attributes
    assert (insert["db.system.name"], insert["db.namespace"]) == ("sqlite", "orders")
    assert insert["db.query.text"].startswith("INSERT INTO orders (id, sku")
    call = span_of(sink, trace_id, "gateway client POST /orders").attributes
    assert call["service.peer.name"] == "orders"
    assert (call["http.request.method"], call["http.response.status_code"]) == ("POST", 201)
    served = span_of(sink, trace_id, "gateway server POST /orders")
    assert (served.attributes["http.route"], served.attributes["http.response.status_code"]) == ("/orders", 201)
    assert {
        "service.name": "gateway",
        "service.namespace": "shop",
        "service.version": "1.2.0",
        "deployment.environment.name": "demo",
    }.items() <= served.resource.items()
    assert served.resource["service.instance.id"]


def test_a_refused_order_keeps_its_status_all_the_way_out(shop: RunningShop) -> None:
    unknown = request_in_trace(shop, "POST", "/orders", "c" * 32, json={"sku": "moon", "quantity": 1})
    assert (unknown.status_code, unknown.json()) == (404, {"detail": "moon: no such product"})
    invalid = request_in_trace(shop, "POST", "/orders", "c" * 32, json={"sku": "mug-blue", "quantity": 11})
    assert (invalid.status_code, invalid.json()) == (422, {"detail": "quantity: 1 to 10 expected, got 11"})


def test_a_sold_out_product_is_a_409(shop: RunningShop) -> None:
    def buy() -> requests.Response:
        return request_in_trace(shop, "POST", "/orders", "d" * 32, json={"sku": "clock-wall", "quantity": 10})

    assert [buy().status_code for _ in range(6)] == [201, 201, 201, 201, 201, 409]


def test_a_placed_order_can_be_looked_at(shop: RunningShop) -> None:
    placed = request_in_trace(shop, "POST", "/orders", "e" * 32, json=ORDER).json()
    assert request_in_trace(shop, "GET", f"/orders/{placed['id']}", "e" * 32).json() == placed


def test_logs_carry_the_trace_they_were_written_in(shop: RunningShop, sink: Sink) -> None:
    trace_id = "f" * 32
    order_id = request_in_trace(shop, "POST", "/orders", trace_id, json=ORDER).json()["id"]
    expected = ("orders", trace_id, f"order {order_id} confirmed, 2500 cents")
    poll_until(lambda: expected in sink.logs, f"log {expected}")


def test_every_service_reports_the_durations_of_its_requests(shop: RunningShop, sink: Sink) -> None:
    expected = {(service, "http.server.request.duration") for service in ("gateway", "orders", "inventory")}
    assert request_in_trace(shop, "POST", "/orders", "1" * 32, json=ORDER).status_code == 201
    poll_until(lambda: expected <= sink.metrics, f"metrics {expected}")


def test_a_crashed_service_starts_again_and_works(shop: RunningShop) -> None:
    crashed = int(shop.wait_for(r"inventory started.* \(pid (\d+)\)"))
    os.kill(crashed, signal.SIGKILL)
    shop.wait_for(r"(inventory ended with code -9, starts again in 0.5 s)")
    poll_until(
        lambda: request_in_trace(shop, "GET", "/products", "2" * 32).status_code == 200, "products after the crash"
    )


def test_traffic_makes_every_edge_and_sigint_ends_all_promptly(sink: Sink, tmp_path: Path) -> None:
    with running_shop(sink, tmp_path, "--traffic-rate", "10") as shop:
        shop.wait_for(r"(traffic started)")
        already = len(sink.spans)
        poll_until(lambda: edges(sink.spans[already:]) >= expected_edges(), "call on every edge of the catalogue")
        pids = shop.pids
        assert len(pids) == 4

        stopped_s = time.monotonic()
        shop.process.send_signal(signal.SIGINT)
        assert shop.process.wait(10) == 0
        assert time.monotonic() - stopped_s < 5
        assert [pid for pid in pids if is_running(pid)] == []


def test_spans_go_over_grpc_where_that_is_chosen(tmp_path: Path) -> None:
    with grpc_sink() as sink, running_shop(sink, tmp_path, "--only", "inventory", "--otlp-protocol", "grpc") as shop:
        url = shop.wait_for(r"^ready inventory=(http://127.0.0.1:\d+)$")
        assert len(requests.get(f"{url}/products", timeout=10).json()) == 8
        expected = "inventory server GET /products"
        poll_until(lambda: expected in [span.label for span in list(sink.spans)], f"span {expected}")


def test_children_end_with_a_killed_supervisor(sink: Sink, tmp_path: Path) -> None:
    with running_shop(sink, tmp_path, "--only", "inventory") as shop:
        shop.wait_for(r"^(ready inventory=http://127.0.0.1:\d+)$")
        (pid,) = shop.pids
        shop.process.kill()
        poll_until(lambda: not is_running(pid), "end of the orphaned inventory", timeout_s=10)


def test_an_absent_collector_hurts_neither_requests_nor_the_end(tmp_path: Path) -> None:
    with otlp_sink() as gone:
        pass
    with running_shop(gone, tmp_path, "--traffic-rate", "0") as shop:
        answers = [request_in_trace(shop, "POST", "/orders", "3" * 32, json=ORDER) for _ in range(5)]
        assert max(answer.elapsed.total_seconds() for answer in answers) < 2
        shop.process.send_signal(signal.SIGINT)
        assert shop.process.wait(10) == 0
        complaints = [line for line in shop.lines if "opentelemetry" in line]
        assert len(complaints) <= 3, complaints


def edges(spans: list[SeenSpan]) -> set[tuple[str, str]]:
    """(caller, callee) for each span whose parent is another service's."""
    services = {span.span_id: span.service for span in spans}
    found = {(services.get(span.parent_id), span.service) for span in spans}
    return {(caller, callee) for caller, callee in found if caller and caller != callee}


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "Z" not in Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
