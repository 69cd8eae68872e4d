"""A clean stop writes what was accepted; what cannot start says why in one line."""

import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from fault_load import Load, call_request, ids_of
from fault_process import run_collector, stored_spans
from running_collector import RunningCollector, running_collector, start_collector
from waiting import poll_until

FREE_PORTS = ("--api-port", "0", "--otlp-http-port", "0", "--otlp-grpc-port", "0")


def test_a_stop_keeps_what_was_acknowledged_and_answers_what_is_in_flight(tmp_path: Path) -> None:
    load = Load(http=3, grpc=2)
    collector = start_collector(tmp_path)
    with load.running(collector):
        poll_until(lambda: len(load.acknowledged) >= 40, "40 acknowledgements")
        assert collector.stop() == 0
    assert collector.logged() == ""

    in_flight = [f"in flight {number}" for number in range(8)]
    bodies = [call_request(trace) for trace in in_flight]
    collector = start_collector(tmp_path, commit_linger_ms="1000")
    with ThreadPoolExecutor(len(bodies)) as pool:
        answers = [pool.submit(collector.post, body) for body in bodies]
        size = sum(map(len, bodies))
        poll_until(lambda: taken_bytes(collector) == size, "the requests to be taken")
        assert collector.stop() == 0
        assert [answer.result().status_code for answer in answers] == [200] * len(bodies)
    assert collector.logged() == ""

    spans = stored_spans(tmp_path)
    assert all(ids_of(trace) <= spans for trace in load.acknowledged | set(in_flight))


def taken_bytes(collector: RunningCollector) -> float:
    """The first request after a pause is committed at once, those after it wait."""
    told = collector.metrics()
    return told["queue_bytes"] + told["request_bytes_total"]


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningCollector]:
    with running_collector(tmp_path_factory.mktemp("first")) as collector:
        yield collector


def test_a_second_process_on_the_same_folder_is_refused_and_the_first_is_unharmed(first: RunningCollector) -> None:
    second = run_collector("--store", f"chdb://{first.folder}", *FREE_PORTS)
    assert second.returncode == 1
    assert second.stdout == ""
    told = f"{first.folder} is in use by another collector; stop it, or choose another folder with --store"
    assert second.stderr.splitlines() == [f"spanscape collector: {told}"]
    assert first.post(call_request("still there")).status_code == 200


@pytest.mark.parametrize("option", ["--api-port", "--otlp-http-port", "--otlp-grpc-port"])
def test_a_port_in_use_is_told_in_one_line(tmp_path: Path, option: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ports = [str(port) if name == option else "0" for name in FREE_PORTS[::2]]
        pairs = [text for pair in zip(FREE_PORTS[::2], ports, strict=True) for text in pair]
        ended = run_collector("--store", f"chdb://{tmp_path}", *pairs)
    assert ended.returncode == 1
    assert ended.stderr.splitlines() == [
        f"spanscape collector: cannot listen on 127.0.0.1:{port}: Address already in use; choose another port"
    ]


@pytest.mark.parametrize(
    ("arguments", "environment", "told"),
    [
        (["--api-port", "99999"], {}, "api_port: Input should be less than or equal to 65535"),
        ([], {"SPANSCAPE_RETENTION_DAYS": "-1"}, "retention_days: Input should be greater than or equal to 0"),
        ([], {"SPANSCAPE_QUEUE_MAX_BYTES": "much"}, "queue_max_bytes: Input should be a valid integer"),
        ([], {"SPANSCAPE_LOG_LEVEL": "LOUD"}, "log_level: "),
        (["--store", "ftp://nowhere"], {}, "store_url: Value error, expected chdb://PATH or clickhouse://"),
    ],
)
def test_wrong_settings_are_told_in_one_line(arguments: list[str], environment: dict[str, str], told: str) -> None:
    ended = run_collector(*arguments, **environment)
    assert ended.returncode == 2
    assert ended.stdout == ""
    (line,) = ended.stderr.splitlines()
    assert line.startswith(f"spanscape collector: {told}")


def test_addresses_of_ipv6_are_told_as_they_are_used(tmp_path: Path) -> None:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        pytest.skip("this machine has no IPv6")
    with running_collector(tmp_path, "--host", "::1") as collector:
        assert collector.post(call_request("over IPv6")).status_code == 200
        assert collector.get("/traces", start="-1m")["traces"]
        assert collector.otlp_grpc.startswith("[::1]:")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--port", "99999"], "dashboard_port: Input should be less than or equal to 65535"),
        (["--collector", "nowhere"], "collector_url: String should match pattern"),
        (["--port", "0", "--host", "192.0.2.1"], "cannot listen on 192.0.2.1:0: "),
    ],
)
def test_what_keeps_the_dashboard_from_starting_is_told_in_one_line(arguments: list[str], told: str) -> None:
    ended = subprocess.run([sys.executable, "-m", "dashboard", *arguments], capture_output=True, text=True, timeout=60)
    assert (ended.returncode, ended.stdout) == (2, "")
    (line,) = ended.stderr.splitlines()
    assert line.startswith(f"spanscape dashboard: {told}")


@pytest.mark.parametrize("path", ["/proc/spanscape", __file__])
def test_a_folder_that_cannot_be_used_is_told_in_one_line(path: str) -> None:
    ended = run_collector("--store", f"chdb://{path}", *FREE_PORTS)
    assert ended.returncode == 1
    (line,) = ended.stderr.splitlines()
    assert line.startswith(f"spanscape collector: cannot use {path}: ")
