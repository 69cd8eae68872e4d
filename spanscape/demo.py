"""`spanscape demo`: collector, dashboard, shop and traffic in one command, ended together.

Each part is the same program that its own command starts. The dashboard's URL is printed when the map shows every call
that the shop makes.
"""

import argparse
import queue
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import requests

from demo_services.services import first_edges

_READY_WITHIN_S = 90.0
_STOP_WITHIN_S = 15.0


class DemoDidNotStart(Exception):
    """Why, in one line for the user."""


@dataclass
class Part:
    """One child process in a session of its own, so that Ctrl-C reaches only the demo, which ends its parts in order."""

    name: str
    process: "subprocess.Popen[str]"
    lines: "queue.SimpleQueue[str]" = field(default_factory=queue.SimpleQueue)

    @classmethod
    def start(cls, name: str, module: str, *options: str) -> "Part":
        command = [sys.executable, "-m", module, *options]
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,
        )
        part = cls(name, process)
        threading.Thread(target=part._follow, name=f"follow {name}", daemon=True).start()
        return part

    def ready_values(self) -> dict[str, str]:
        """Waits for `ready key=value …`. Raises DemoDidNotStart with the part's own words when it ends instead."""
        deadline, said = time.monotonic() + _READY_WITHIN_S, ""
        while time.monotonic() < deadline:
            try:
                line = self.lines.get(timeout=0.1)
            except queue.Empty:
                if self.process.poll() is not None and self.lines.empty():
                    raise DemoDidNotStart(said or f"{self.name} ended with code {self.process.returncode}") from None
                continue
            said = line or said
            if line.startswith("ready "):
                return dict(word.split("=", 1) for word in line.split()[1:] if "=" in word)
        raise DemoDidNotStart(f"{self.name} was not ready within {_READY_WITHIN_S:g} s; it last said: {said}")

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
        try:
            self.process.wait(_STOP_WITHIN_S)
        except subprocess.TimeoutExpired:
            self.process.kill()

    def _follow(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.put(line.rstrip())


def main(argv: list[str] | None = None) -> int:
    """Run until Ctrl-C. Returns 0, or 1 when a part did not start or ended by itself."""
    options = _parser().parse_args(argv)
    interrupted = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):  # the last one when its terminal is closed
        signal.signal(number, lambda *_: interrupted.set())
    parts: list[Part] = []
    try:
        url = _start(options, parts, interrupted)
        if not interrupted.is_set():
            print(f"\n  The map is ready: {url}\n\n  Ctrl-C ends the demo.\n", flush=True)
        while not interrupted.wait(0.5):
            if ended := [part for part in parts if part.process.poll() is not None]:
                raise DemoDidNotStart(f"{ended[0].name} ended with code {ended[0].process.returncode}")
    except DemoDidNotStart as error:
        print(f"spanscape demo: {error}", file=sys.stderr)
        return 1
    finally:
        with suppress(OSError):  # whoever read this may be gone
            print("stopping …", flush=True)
        for part in reversed(parts):
            part.stop()
    return 0


def _start(options: argparse.Namespace, parts: list[Part], interrupted: threading.Event) -> str:
    """Starts the parts in order and waits for the map. Returns the dashboard's URL."""

    def add(name: str, module: str, *words: str) -> dict[str, str]:
        print(f"starting {name} …", flush=True)
        parts.append(Part.start(name, module, *words))
        return parts[-1].ready_values()

    ports = (
        "--otlp-http-port",
        options.otlp_http_port,
        "--otlp-grpc-port",
        options.otlp_grpc_port,
        "--api-port",
        options.api_port,
    )
    collector = add("collector", "collector", "--store", f"chdb://{options.data}", *map(str, ports))
    dashboard = add("dashboard", "dashboard", "--collector", collector["api"], "--port", str(options.dashboard_port))
    shop = (
        "--otlp-endpoint",
        collector["otlp_http"],
        "--collector-api",
        collector["api"],
        "--gateway-port",
        str(options.gateway_port),
        "--registry-port",
        str(options.registry_port),
        "--traffic-rate",
        str(options.traffic_rate),
    )
    add("shop", "demo_services", *shop)
    print("waiting for the map …", flush=True)
    _wait_for_map(collector["api"], parts, interrupted)
    return dashboard["dashboard"]


def _wait_for_map(api: str, parts: list[Part], interrupted: threading.Event) -> None:
    expected = first_edges()
    deadline = time.monotonic() + _READY_WITHIN_S
    missing = expected
    while missing and not interrupted.wait(0.3):
        if time.monotonic() > deadline:
            raise DemoDidNotStart(f"the map lacks {sorted(missing)} after {_READY_WITHIN_S:g} s")
        if ended := [part for part in parts if part.process.poll() is not None]:
            raise DemoDidNotStart(f"{ended[0].name} ended with code {ended[0].process.returncode}")
        with suppress(requests.RequestException):  # a busy machine answers late: it is asked again
            answer = requests.get(f"{api}/api/v1/topology", params={"start": "-5m"}, timeout=10).json()
            missing = expected - {(edge["source"], edge["target"]) for edge in answer["edges"]}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="spanscape demo", description="Collector, dashboard, demo shop and traffic, until Ctrl-C."
    )
    parser.add_argument(
        "--data", type=Path, default=Path("data/demo"), help="the collector's folder (default %(default)s)"
    )
    parser.add_argument("--traffic-rate", type=float, default=5.0, help="journeys a second (default %(default)s)")
    ports = {"otlp-http": 4318, "otlp-grpc": 4317, "api": 4320, "dashboard": 8050, "gateway": 8000, "registry": 8001}
    for name, port in ports.items():
        parser.add_argument(f"--{name}-port", type=int, default=port, help="0 picks a free port (default %(default)s)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
