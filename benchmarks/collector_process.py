"""A collector in a process of its own, as a user starts it, and what the kernel says about that process."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import requests

_READY = re.compile(r"ready api=(\S+) otlp_http=(\S+) otlp_grpc=(\S+)")
_STOP_TIMEOUT_S = 60
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")


@dataclass
class CollectorProcess:
    process: "subprocess.Popen[str]"
    api: str
    otlp_http: str
    otlp_grpc: str
    started_in_s: float
    """From the start of the process to its ready line."""

    @property
    def pid(self) -> int:
        return self.process.pid

    def cpu_s(self) -> float:
        """User and system time so far, of all threads."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / _TICKS_PER_S

    def rss_bytes(self) -> int:
        return self._memory("VmRSS")

    def rss_peak_bytes(self) -> int:
        return self._memory("VmHWM")

    def rss_anonymous_bytes(self) -> int:
        """Without the pages of mapped files: the engine's library is several hundred MB of those."""
        return self._memory("RssAnon")

    def figures(self) -> dict[str, float]:
        """The collector's own counters from /metrics, without the `spanscape_` prefix."""
        text = requests.get(f"{self.api}/metrics", timeout=10).text
        return {name: float(value) for name, value in re.findall(r"^spanscape_(\w+) (\S+)$", text, re.M)}

    def stop(self) -> None:
        """A clean stop, as Ctrl-C would; a kill when that takes longer than a minute."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(_STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()

    def _memory(self, name: str) -> int:
        status = Path(f"/proc/{self.pid}/status").read_text()
        match = re.search(rf"^{name}:\s+(\d+) kB$", status, re.M)
        return int(match[1]) * 1024 if match else 0


def start_collector(folder: Path) -> CollectorProcess:
    """Defaults (and SPANSCAPE_… variables), free ports. Its log goes to our standard error. Raises RuntimeError."""
    ports = ["--api-port", "0", "--otlp-http-port", "0", "--otlp-grpc-port", "0"]
    command = [sys.executable, "-m", "collector", "--store", f"chdb://{folder}", *ports]
    started = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    line = process.stdout.readline() if process.stdout else ""
    ready = _READY.match(line)
    if ready is None:
        process.kill()
        process.wait()
        raise RuntimeError(f"the collector did not start: {line or 'no ready line'}")
    return CollectorProcess(process, ready[1], ready[2], ready[3], time.perf_counter() - started)


@contextmanager
def running_collector(folder: Path) -> Iterator[CollectorProcess]:
    collector = start_collector(folder)
    try:
        yield collector
    finally:
        collector.stop()


class MemorySampler:
    """Records the collector's resident memory each `interval_s` while it is entered."""

    def __init__(self, collector: CollectorProcess, interval_s: float = 1.0) -> None:
        self._collector, self._interval_s = collector, interval_s
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="memory", daemon=True)
        self.samples_bytes: list[int] = []

    def __enter__(self) -> "MemorySampler":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping.wait(self._interval_s):
            self.samples_bytes.append(self._collector.rss_bytes())
