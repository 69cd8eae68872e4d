"""The shop as processes: how they start and end, what they weigh, whom they report to."""

import signal
from pathlib import Path

import requests
from customer import Customer
from otlp_sink import Sink, grpc_sink, otlp_sink
from process_figures import descendants, is_running, memory_mb
from running_shop import CALM, running_shop
from waiting import poll_until


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
    """Services wait two seconds for one another: an order that waited for exporters, which try for ten, would fail."""
    with otlp_sink() as gone:
        pass
    with running_shop(gone.url, tmp_path, "--traffic-rate", "0", collector_api=gone.url, **CALM) as shop:
        ada = Customer(shop.gateway)
        answers = [ada.order() for _ in range(5)]
        assert [answer.status_code for answer in answers] == [201] * 5
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
