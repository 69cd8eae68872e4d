"""Starts the shop as child processes, restarts what crashes, and ends them all together.

`spanscape services` and `python -m demo_services` both come here.
"""

import argparse
import http.client
import json
import queue
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any

from demo_services.children import Child, Console, Exited, prepare
from demo_services.layout import HOST, Part, ShopDidNotStart, child_env, lay_out, parse
from demo_services.services import GATEWAY, MAIL, REDIS, REGISTRY

_READY_WITHIN_S = 60.0
_POLL_S = 0.1
_STOP_WITHIN_S = 6.0  # open requests get 2 s and telemetry 2 s more
_SELF = "shop"


@dataclass(frozen=True)
class StopRequested:
    """SIGINT, SIGTERM or the end of the terminal."""


class Supervisor:
    """Runs the parts, and the traffic once they are ready."""

    def __init__(self, parts: Sequence[Part], child_env: dict[str, str], traffic_args: Sequence[str] | None) -> None:
        self._console = Console(sys.stdout)
        self._events: queue.SimpleQueue[Exited | StopRequested] = queue.SimpleQueue()  # safe in signal handlers
        self._parts = {self._child(part, child_env): part for part in parts}
        self._services = list(self._parts)
        self._traffic = None
        if traffic_args is not None:
            self._traffic = Child(
                "traffic", "demo_services.traffic", traffic_args, child_env, self._console, self._events.put
            )
        self._restarts: dict[Child, float] = {}  # when each is due, on the monotonic clock
        self._unhealthy = list(parts)
        self._is_ready = False

    def _child(self, part: Part, env: dict[str, str]) -> Child:
        own = {"SHOP_PORT": str(part.port), "SHOP_INSTANCE": part.instance}
        return Child(part.label, part.module, part.arguments, env | own, self._console, self._events.put)

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
        where = f" on port {self._parts[child].port}" if child in self._parts else ""
        self._console.say(_SELF, f"{child.name} started{where} (pid {child.start()})")

    def _watch(self) -> None:
        deadline_s = time.monotonic() + _READY_WITHIN_S
        while True:
            event = self._next_event(_POLL_S if self._restarts or not self._is_ready else None)
            if isinstance(event, StopRequested):
                return
            if isinstance(event, Exited):
                self._plan_restart(event)
            self._restart_what_is_due()
            if not self._is_ready:
                self._check_health()
                if time.monotonic() > deadline_s:
                    missing = ", ".join(part.label for part in self._unhealthy) or "instances not registered"
                    raise ShopDidNotStart(f"{missing}: not ready within {_READY_WITHIN_S:.0f} s")

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
        self._unhealthy = [part for part in self._unhealthy if not is_healthy(part)]
        parts = list(self._parts.values())
        if self._unhealthy or not _all_registered(parts):
            return
        self._is_ready = True
        shown = [part for part in parts if part.service in (GATEWAY, REGISTRY)] or parts
        if GATEWAY not in {part.service for part in parts}:
            shown = [part for part in parts if part.service != REDIS]
        self._console.say_plain("ready " + " ".join(f"{part.label}=http://{HOST}:{part.port}" for part in shown))
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


def is_healthy(part: Part) -> bool:
    """Whether the part, and not something else that took its port, answers there within half a second."""
    if part.service in (MAIL, REDIS):
        try:
            socket.create_connection((HOST, part.port), timeout=0.5).close()
        except OSError:
            return False
        return True
    return bool(_ask(part, "/health/live") == {"status": "pass", "description": part.service})


def _all_registered(parts: Sequence[Part]) -> bool:
    """Whether the registry knows everyone who registers. True without a registry."""
    registries = [part for part in parts if part.service == REGISTRY]
    if not registries:
        return True
    answer = _ask(registries[0], "/instances") or {"instances": []}
    known = {entry["instance"] for entry in answer["instances"]}
    return {part.instance for part in parts if part.service not in (REGISTRY, MAIL, REDIS)} <= known


def _ask(part: Part, path: str) -> Any:
    """The JSON answered; None without an answer."""
    connection = http.client.HTTPConnection(HOST, part.port, timeout=0.5)
    try:
        connection.request("GET", path)
        return json.loads(connection.getresponse().read())
    except (OSError, http.client.HTTPException, ValueError):
        return None
    finally:
        connection.close()


def main(argv: list[str] | None = None) -> int:
    """Runs the shop until SIGINT or SIGTERM: 0. A shop that cannot start is one line on stderr and 1."""
    arguments = parse(argv)
    try:
        with _data_dir(arguments.data) as data_dir:
            prepare()
            parts = lay_out(arguments, data_dir)
            Supervisor(parts, child_env(arguments, parts, data_dir), _traffic_args(arguments, parts)).run()
    except ShopDidNotStart as error:
        print(f"shop: {error}", file=sys.stderr)
        return 1
    return 0


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


def _traffic_args(arguments: argparse.Namespace, parts: Sequence[Part]) -> list[str] | None:
    gateways = [part for part in parts if part.service == GATEWAY]
    if arguments.traffic_rate == 0 or not gateways:
        return None
    gateway = f"http://{HOST}:{gateways[0].port}"
    return ["--rate", str(arguments.traffic_rate), "--seed", str(arguments.seed), "--gateway", gateway]


if __name__ == "__main__":
    sys.exit(main())
