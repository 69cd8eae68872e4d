"""The whole shop as a user starts it: `python -m demo_services` in a process of its own."""

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from waiting import poll_until

CALM = {"slow_share": "0", "decline_share": "0"}
"""Settings of a payment provider that leaves nothing to chance."""


class RunningShop:
    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self.lines: list[str] = []
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout:
            for line in self.process.stdout:
                self.lines.append(line.rstrip())

    def find(self, pattern: str) -> list[str]:
        """What the pattern's group matched, for each line said so far that has it."""
        return [match[1] for line in list(self.lines) if (match := re.search(pattern, line))]

    def wait_for(self, pattern: str, timeout_s: float = 60.0) -> str:
        found = poll_until(lambda: self.find(pattern), f"line {pattern!r} in {self.lines}", timeout_s)
        return found[0]

    @property
    def pids(self) -> list[int]:
        return [int(pid) for pid in self.find(r"started.* \(pid (\d+)\)")]

    @property
    def gateway(self) -> str:
        return self.wait_for(r"^ready .*\bgateway=(http://127.0.0.1:\d+)")

    @property
    def registry(self) -> str:
        return self.wait_for(r"^ready .*\bregistry=(http://127.0.0.1:\d+)")

    def url_of(self, label: str) -> str:
        """Of a part, like "orders" or "users-2", once the shop is ready."""
        self.wait_for(r"^(ready) ")
        return f"http://127.0.0.1:{self.wait_for(rf'{label} started on port ([0-9]+)')}"


@contextmanager
def running_shop(
    otlp_endpoint: str, data: Path, *options: str, collector_api: str = "", **settings: str
) -> Iterator[RunningShop]:
    """Started on free ports; killed at the end of the block if it still runs. Settings as `SHOP_…` in lower case."""
    command = [sys.executable, "-m", "demo_services", "--gateway-port", "0", "--registry-port", "0"]
    command += ["--otlp-endpoint", otlp_endpoint, "--collector-api", collector_api, "--data", str(data), *options]
    environment = {**os.environ, **{f"SHOP_{name.upper()}": value for name, value in settings.items()}}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment)
    try:
        yield RunningShop(process)
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
