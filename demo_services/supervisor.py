"""Starts the shop as child processes, restarts what crashes, and ends them all together.

`spanscape services` and `python -m demo_services` both come here.
"""

import argparse
import errno
import http.client
import json
import queue
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import get_args

from demo_services.catalogue import GATEWAY, SERVICES
from demo_services.children import Child, Console, Exited
from demo_services.common.settings import OtlpProtocol

_HOST = "127.0.0.1"
_DEFAULT_ENDPOINTS = {"http/protobuf": f"http://{_HOST}:4318", "grpc": f"http://{_HOST}:4317"}
_READY_WITHIN_S = 60.0
_POLL_S = 0.1
_STOP_WITHIN_S = 6.0  # open requests get 2 s and telemetry 2 s more
_SELF = "shop"


class ShopDidNotStart(Exception):
    """Why, in one line for the user."""


@dataclass(frozen=True)
class StopRequested:
    """SIGINT, SIGTERM or the end of the terminal."""


class Supervisor:
    """Runs services, and the traffic once they are ready. `ports` says which services, and where each listens."""

    def __init__(self, ports: dict[str, int], child_env: dict[str, str], traffic_args: Sequence[str] | None) -> None:
        self._ports = ports
        self._console = Console(sys.stdout)
        self._events: queue.SimpleQueue[Exited | StopRequested] = queue.SimpleQueue()  # safe in signal handlers
        self._services = [
            self._child(name, SERVICES[name].module, child_env | {"SHOP_PORT": str(ports[name])}) for name in ports
        ]
        self._traffic = None
        if traffic_args is not None:
            self._traffic = self._child("traffic", "demo_services.traffic", child_env, traffic_args)
        self._restarts: dict[Child, float] = {}  # when each is due, on the monotonic clock
        self._unhealthy = list(ports)

    def _child(self, name: str, module: str, env: dict[str, str], args: Sequence[str] = ()) -> Child:
        return Child(name, ["-m", module, *args], env, self._console, self._events.put)

    def run(self) -> None:
        """Returns after a stop was asked for, with every child ended. Raises ShopDidNotStart."""
        with self._stop_on_signals():
            try:
                for child in self._services:
                    self._start(child)
                self._watch()
            finally:
                self._stop_all()

    @contextmanager
    def _stop_on_signals(self) -> Iterator[None]:
        def stop(_number: int, _frame: FrameType | None) -> None:
            self._events.put(StopRequested())

        numbers = [signal.SIGINT, signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)]
        before = {number: signal.signal(number, stop) for number in numbers}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _start(self, child: Child) -> None:
        where = f" on port {self._ports[child.name]}" if child.name in self._ports else ""
        self._console.say(_SELF, f"{child.name} started{where} (pid {child.start()})")

    def _watch(self) -> None:
        deadline_s = time.monotonic() + _READY_WITHIN_S
        while True:
            event = self._next_event(_POLL_S if self._unhealthy or self._restarts else None)
            if isinstance(event, StopRequested):
                return
            if isinstance(event, Exited):
                self._plan_restart(event)
            self._restart_what_is_due()
            if self._unhealthy:
                self._check_health()
                if time.monotonic() > deadline_s:
                    raise ShopDidNotStart(f"{', '.join(self._unhealthy)}: not healthy within {_READY_WITHIN_S:.0f} s")

    def _next_event(self, timeout_s: float | None) -> Exited | StopRequested | None:
        try:
            return self._events.get(timeout=timeout_s)
        except queue.Empty:
            return None

    def _plan_restart(self, event: Exited) -> None:
        pause_s = event.child.backoff.after_life_of(event.child.lived_s)
        self._restarts[event.child] = time.monotonic() + pause_s
        self._console.say(_SELF, f"{event.child.name} ended with code {event.code}, starts again in {pause_s:g} s")

    def _restart_what_is_due(self) -> None:
        for child, due_s in list(self._restarts.items()):
            if time.monotonic() >= due_s:
                del self._restarts[child]
                self._start(child)

    def _check_health(self) -> None:
        """Asks those that were not healthy yet; when the last one is, says so and lets the shoppers in."""
        self._unhealthy = [name for name in self._unhealthy if not is_healthy(name, self._ports[name])]
        if self._unhealthy:
            return
        shown = [GATEWAY] if GATEWAY in self._ports else list(self._ports)
        self._console.say_plain("ready " + " ".join(f"{name}=http://{_HOST}:{self._ports[name]}" for name in shown))
        if self._traffic is not None:
            self._start(self._traffic)

    def _stop_all(self) -> None:
        """Shoppers first, so that no request meets a closed door; then the services together."""
        if self._traffic is not None:
            self._stop([self._traffic])
        self._stop(self._services)

    def _stop(self, children: list[Child]) -> None:
        """Asks, waits, then forces. A second Ctrl-C forces at once."""
        for child in children:
            child.ask_to_end()
        deadline_s = time.monotonic() + _STOP_WITHIN_S
        while any(child.running for child in children) and time.monotonic() < deadline_s:
            if isinstance(self._next_event(_POLL_S), StopRequested):
                break
        for child in children:
            child.kill()
        for child in children:
            child.wait(_STOP_WITHIN_S)


def is_healthy(name: str, port: int) -> bool:
    """Whether service `name`, and not something else that took the port, answers there within half a second."""
    connection = http.client.HTTPConnection(_HOST, port, timeout=0.5)
    try:
        connection.request("GET", "/health")
        answer = json.loads(connection.getresponse().read())
    except (OSError, http.client.HTTPException, ValueError):
        return False
    finally:
        connection.close()
    return bool(answer == {"status": "ok", "service": name})


def main(argv: list[str] | None = None) -> int:
    """Runs the shop until SIGINT or SIGTERM: 0. A shop that cannot start is one line on stderr and 1."""
    arguments = _parse(argv)
    try:
        with _data_dir(arguments.data) as data_dir:
            ports = _choose_ports(arguments.only, arguments.gateway_port)
            env = _child_env(arguments, ports, data_dir)
            Supervisor(ports, env, _traffic_args(arguments, ports)).run()
    except ShopDidNotStart as error:
        print(f"shop: {error}", file=sys.stderr)
        return 1
    return 0


def _parse(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="spanscape services", description="Run the demo shop until Ctrl-C.")
    parser.add_argument(
        "--otlp-endpoint", metavar="URL", help="where to report (default: port 4318 here, or 4317 for grpc)"
    )
    parser.add_argument("--otlp-protocol", choices=get_args(OtlpProtocol), default="http/protobuf")
    parser.add_argument("--gateway-port", type=int, default=SERVICES[GATEWAY].port, help="0: any free one")
    parser.add_argument("--traffic-rate", type=float, default=5.0, help="journeys per second; 0: no traffic")
    parser.add_argument("--seed", type=int, default=1, help="of the traffic's choices and of the random faults")
    parser.add_argument(
        "--only",
        nargs="+",
        choices=list(SERVICES),
        default=list(SERVICES),
        help="start just these; the others are expected at SHOP_<NAME>_URL, or else at their usual ports",
    )
    parser.add_argument(
        "--data", type=Path, metavar="DIR", help="keep the databases here (default: a temporary folder)"
    )
    arguments = parser.parse_args(argv)
    if arguments.traffic_rate < 0:
        parser.error("--traffic-rate: 0 or more expected")
    if not 0 <= arguments.gateway_port <= 65535:
        parser.error("--gateway-port: 0 to 65535 expected")
    if not (arguments.otlp_endpoint or "http://").startswith(("http://", "https://")):
        parser.error(f"--otlp-endpoint: a URL like http://{_HOST}:4318 expected, got {arguments.otlp_endpoint}")
    return arguments


@contextmanager
def _data_dir(chosen: Path | None) -> Iterator[Path]:
    """The chosen folder, or a temporary one removed afterwards. Raises ShopDidNotStart if it cannot be made."""
    if chosen is not None:
        try:
            chosen.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ShopDidNotStart(f"{chosen} cannot hold the databases ({error.strerror})") from error
        yield chosen.absolute()
        return
    with tempfile.TemporaryDirectory(prefix="shop-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def _choose_ports(names: Sequence[str], gateway_port: int) -> dict[str, int]:
    """The gateway's own port and free ones for the others. Raises ShopDidNotStart if the gateway's is taken."""
    with ExitStack() as held:  # all at once, so that no two get the same
        sockets = {name: held.enter_context(_listen(gateway_port if name == GATEWAY else 0)) for name in names}
        return {name: listening.getsockname()[1] for name, listening in sockets.items()}


def _listen(port: int) -> socket.socket:
    try:
        return socket.create_server((_HOST, port))
    except OSError as error:
        problem = "is in use" if error.errno == errno.EADDRINUSE else f"cannot be opened ({error.strerror})"
        raise ShopDidNotStart(f"port {port} {problem}; choose another with --gateway-port") from error


def _child_env(arguments: argparse.Namespace, ports: dict[str, int], data_dir: Path) -> dict[str, str]:
    return {
        "SHOP_SUPERVISED": "1",
        "SHOP_DATA_DIR": str(data_dir),
        "SHOP_SEED": str(arguments.seed),
        "SHOP_OTLP_PROTOCOL": arguments.otlp_protocol,
        "SHOP_OTLP_ENDPOINT": arguments.otlp_endpoint or _DEFAULT_ENDPOINTS[arguments.otlp_protocol],
    } | {f"SHOP_{name.upper()}_URL": f"http://{_HOST}:{port}" for name, port in ports.items()}


def _traffic_args(arguments: argparse.Namespace, ports: dict[str, int]) -> list[str] | None:
    if arguments.traffic_rate == 0 or GATEWAY not in ports:
        return None
    return ["--rate", str(arguments.traffic_rate), "--seed", str(arguments.seed)]


if __name__ == "__main__":
    sys.exit(main())
