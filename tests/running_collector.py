"""A real collector in a process of its own, on free ports, for tests."""

import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import requests
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

PROTOBUF = {"Content-Type": "application/x-protobuf"}


@dataclass
class RunningCollector:
    process: "subprocess.Popen[str]"
    api: str
    otlp_http: str
    otlp_grpc: str
    folder: Path
    log: IO[str]
    """Its stderr: a file, because a pipe that nobody reads would hold it up when it is full."""

    def get(self, path: str, **parameters: Any) -> Any:
        """The JSON answer of `GET /api/v1<path>`; fails on an error status, with its text."""
        response = requests.get(f"{self.api}/api/v1{path}", params=parameters, timeout=60)
        assert response.status_code == 200, response.text
        return response.json()

    def post(self, body: bytes, signal_name: str = "traces", **headers: str) -> requests.Response:
        return requests.post(
            f"{self.otlp_http}/v1/{signal_name}", data=body, headers={**PROTOBUF, **headers}, timeout=60
        )

    def send(self, *messages: ExportTraceServiceRequest) -> None:
        """All in one export, as serialised messages concatenate; it is stored when this returns."""
        response = self.post(b"".join(message.SerializeToString() for message in messages))
        assert response.status_code == 200, response.text

    def metrics(self) -> dict[str, float]:
        """The collector's own figures from /metrics, without the `spanscape_` prefix."""
        text = requests.get(f"{self.api}/metrics", timeout=60).text
        return {name: float(value) for name, value in re.findall(r"^spanscape_(\w+) (\S+)$", text, re.M)}

    def kill(self) -> None:
        """As a crash would: no chance to write anything."""
        self.process.kill()
        self.process.wait(60)

    def stop(self) -> int:
        """A clean stop; returns the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(60)
        finally:
            self.process.kill()

    def logged(self) -> str:
        """What it wrote on stderr so far."""
        self.log.seek(0)
        return self.log.read()


def start_collector(folder: Path, *options: str, store_url: str = "", **environment: str) -> RunningCollector:
    """Starts a collector on `folder` and waits until it is ready. Settings as `SPANSCAPE_…` variables in lower case."""
    variables = {f"SPANSCAPE_{name.upper()}": value for name, value in environment.items()}
    command = [sys.executable, "-m", "collector", "--store", store_url or f"chdb://{folder}"]
    ports = ["--api-port", "0", "--otlp-http-port", "0", "--otlp-grpc-port", "0"]
    log = tempfile.TemporaryFile("a+")  # noqa: SIM115  the collector object keeps it open
    process = subprocess.Popen(
        [*command, *ports, *options],
        stdout=subprocess.PIPE,
        stderr=log,
        text=True,
        env={**os.environ, **variables},
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    match = re.match(r"ready api=(\S+) otlp_http=(\S+) otlp_grpc=(\S+)", line)
    if match is None:
        process.kill()
        process.wait()
        log.seek(0)
        raise AssertionError(f"the collector did not start: {line}{log.read()}")
    return RunningCollector(process, match[1], match[2], match[3], folder, log)


@contextmanager
def running_collector(folder: Path, *options: str, **environment: str) -> Iterator[RunningCollector]:
    collector = start_collector(folder, *options, **environment)
    try:
        yield collector
    finally:
        collector.stop()
