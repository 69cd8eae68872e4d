"""Asking targets: answers in any format, and targets that hang, drip, redirect, talk nonsense or never end."""

import asyncio
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import grpc
import pytest
from running_collector import running_collector
from waiting import poll_until

from collector.errors import CollectorError
from collector.probes.http_probe import ProbeFailed, get
from collector.probes.poller import _leases
from collector.probes.targets import Target, read_targets

TIMEOUT_S = 0.5
MOST_BYTES = 4096


@contextmanager
def target(*chunks: bytes, pause_s: float = 0.0, hang: bool = False) -> Iterator[str]:
    """A server that writes `chunks` to whoever connects, with pauses between, and then closes or hangs: then only
    the client can end it."""
    listener = socket.create_server(("127.0.0.1", 0))
    ended = threading.Event()

    def serve(connection: socket.socket) -> None:
        with connection:
            try:
                connection.recv(65536)
                for chunk in chunks:
                    connection.sendall(chunk)
                    ended.wait(pause_s)
                if hang:
                    ended.wait()
            except OSError:
                pass

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        ended.set()
        listener.close()


def answer(body: bytes, code: str = "200 OK", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {code}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


def failure(url: str) -> str:
    with pytest.raises(ProbeFailed) as failed:
        asyncio.run(get(url, TIMEOUT_S, MOST_BYTES))
    return str(failed.value)


def test_a_target_that_hangs_is_given_up() -> None:
    with target(hang=True) as url:
        assert failure(url) == "no answer within 0.5 s"


def test_a_target_that_drips_is_given_up_although_bytes_come() -> None:
    with target(*[b"HTTP/1.1 200 OK\r\n", *[b"X-A: b\r\n"] * 100], pause_s=0.1) as url:
        assert failure(url) == "no answer within 0.5 s"


def test_a_huge_answer_is_not_read_to_its_end() -> None:
    endless = b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n" + b"x" * 100_000
    with target(endless, hang=True) as url:
        assert failure(url) == "its answer is larger than 4096 bytes"


def test_endless_headers_are_not_read_to_their_end() -> None:
    with target(b"HTTP/1.1 200 OK\r\n", b"X-A: " + b"b" * 1_000_000, hang=True) as url:
        assert "larger than" in failure(url) or "not an HTTP answer" in failure(url)


def test_what_is_no_http_is_said() -> None:
    with target(b"SSH-2.0-OpenSSH_9.9\r\n") as url:
        assert failure(url).startswith("not an HTTP answer: ")


def test_a_closed_port_and_a_closed_connection_are_said() -> None:
    with target() as url:
        assert failure(url) == "it closed the connection without an answer"
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert failure(f"http://127.0.0.1:{port}").startswith("cannot connect: ")


def test_a_redirect_to_another_host_is_not_followed() -> None:
    with target(answer(b"{}")) as other, target(answer(b"", "302 Found", f"Location: {other}/")) as url:
        assert failure(url) == "it redirects to another host, which is not followed"


def test_a_redirect_that_never_ends_is_given_up() -> None:
    with target(answer(b"", "302 Found", "Location: /again")) as url:
        assert failure(url) == "it redirects more than 3 times"


@pytest.fixture(scope="module")
def grpc_target() -> Iterator[str]:
    """Serves `shop` and says NOT_SERVING."""

    def check(request: bytes, context: grpc.ServicerContext) -> bytes:
        if request not in (b"", b"\x0a\x04shop"):
            context.abort(grpc.StatusCode.NOT_FOUND, "no such service")
        return b"\x08\x02" if request else b"\x08\x01"

    server = grpc.server(ThreadPoolExecutor(2))
    handlers = {"Check": grpc.unary_unary_rpc_method_handler(check)}
    server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler("grpc.health.v1.Health", handlers)])
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    yield f"127.0.0.1:{port}"
    server.stop(None).wait()


def test_targets_are_asked_again_and_again(tmp_path_factory: pytest.TempPathFactory, grpc_target: str) -> None:
    instances = b'{"lease_s": 5, "instances": [{"service": "leased", "instance": "l-1", "status": "warn"}]}'
    with (
        target(
            answer(b'{"status": "DOWN", "components": {"db": {"status": "DOWN"}}}', "503 Service Unavailable")
        ) as down,
        target(answer(b"", "404 Not Found")) as missing,
        target(answer(b"", "302 Found", "Location: http://192.0.2.1/")) as away,
        target(hang=True) as hanging,
        target(answer(instances)) as registry,
    ):
        targets = {
            "down/d-1": down,
            "missing": missing,
            "away": away,
            "hanging": hanging,
            "served": f"grpc://{grpc_target}",
            "shop": f"grpc://{grpc_target}/shop",
            "odd": f"grpc://{grpc_target}/x",
        }
        settings = {
            "health_targets": ",".join(f"{name}={url}" for name, url in targets.items()),
            "health_registry_url": f"{registry}/instances",
            "health_poll_interval_s": "0.5",
            "health_poll_timeout_s": "0.3",
        }
        expected = {
            "down": "unhealthy",
            "missing": "unknown",
            "away": "unknown",
            "hanging": "unhealthy",
            "served": "healthy",
            "shop": "unhealthy",
            "odd": "unknown",
            "leased": "degraded",
        }
        with running_collector(tmp_path_factory.mktemp("polling"), **settings) as collector:

            def found() -> bool:
                return {one["name"]: one["status"] for one in collector.get("/health")["services"]} == expected

            poll_until(found, "every target's health")
            services = {one["name"]: one for one in collector.get("/health")["services"]}
            assert services["down"]["instances"][0]["source"] == "pull"
            assert services["hanging"]["instances"][0]["checks"][0]["output"] == "no answer within 0.3 s"
            poll_until(lambda: collector.metrics()["health_polls_total"] > len(targets), "targets to be asked again")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("orders", "'orders' has no ="),
        ("orders=ftp://host", "'ftp://host' is no http, https or grpc URL"),
        ("=http://host", "http://host: no service"),
    ],
)
def test_a_wrong_target_is_told_at_the_start(text: str, said: str) -> None:
    with pytest.raises(CollectorError, match="SPANSCAPE_HEALTH_TARGETS: ") as failed:
        read_targets(text, "")
    assert said in str(failed.value)


def test_targets_of_the_list_and_of_the_file(tmp_path_factory: pytest.TempPathFactory) -> None:
    file = tmp_path_factory.mktemp("targets") / "targets.json"
    file.write_text('[{"service": "b", "url": "grpc://host:1/x", "kind": "liveness"}]')
    assert read_targets("a/1=http://host:1/health", str(file)) == [
        Target("a", "http://host:1/health", "1"),
        Target("b", "grpc://host:1/x", kind="liveness"),
    ]
    file.write_text('[{"service": "b", "url": "grpc://host:1/x", "format": "smoke"}]')
    with pytest.raises(CollectorError, match="format 'smoke' is none of actuator"):
        read_targets("", str(file))


def test_a_registry_that_talks_nonsense_is_no_registry() -> None:
    for body in (b"[]", b"{", b'{"instances": 7}'):
        with pytest.raises(ValueError, match=r".+"):
            _leases(body)
