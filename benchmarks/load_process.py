"""Runs the load generator beside this process, so that neither slows the other."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass

from benchmarks.collector_process import CollectorProcess
from benchmarks.load_generator import LoadPlan, LoadResult
from benchmarks.options import PROJECT
from benchmarks.rounds import Shape

_SHAPE, _CONNECTIONS = Shape(270), 32
_FOREVER_S = 24 * 3600.0


def run_load(plan: LoadPlan, at_phase: Callable[[], None] = lambda: None) -> LoadResult:
    """Calls back twice: when the warm-up and when the measured time are over. Raises RuntimeError when it fails."""
    process = _start(plan)
    try:
        _expect(process, "measuring")
        at_phase()
        _expect(process, "measured")
        at_phase()
        text = _line(process)
        if not text:
            raise RuntimeError("the load generator failed after measuring")
        return LoadResult(**json.loads(text))
    finally:
        _end(process)


@dataclass
class Background:
    """Load that runs beside a measurement."""

    reached_spans_per_s: float = 0.0
    """Acknowledged; known when the load has ended."""
    foreign_requests: int = 0
    """For the caller to set: requests acknowledged meanwhile that are not of this load."""


@contextmanager
def background_load(collector: CollectorProcess, spans_per_s: float, warm_up_s: float) -> Iterator[Background]:
    """Steady load over HTTP for as long as it is entered. Enters when that has warmed up."""
    address = collector.otlp_http
    plan = LoadPlan("http", address, _SHAPE.spans, _SHAPE.small, _CONNECTIONS, warm_up_s, _FOREVER_S, spans_per_s)
    process, background = _start(plan), Background()
    try:
        _expect(process, "measuring")
        started, before = time.perf_counter(), collector.figures()["requests_total"]
        yield background
        if process.poll() is not None:
            raise RuntimeError("the background load ended early")
        requests = collector.figures()["requests_total"] - before - background.foreign_requests
        background.reached_spans_per_s = requests * _SHAPE.spans / (time.perf_counter() - started)
    finally:
        _end(process)


def _start(plan: LoadPlan) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "benchmarks.load_generator", json.dumps(asdict(plan))]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=PROJECT)


def _expect(process: "subprocess.Popen[str]", word: str) -> None:
    line = _line(process)
    if line != word:
        raise RuntimeError(f"the load generator failed: expected {word!r}, got {line!r}")


def _line(process: "subprocess.Popen[str]") -> str:
    """The next line, '' at the end. The generator bounds its own time."""
    return process.stdout.readline().strip() if process.stdout else ""


def _end(process: "subprocess.Popen[str]") -> None:
    if process.poll() is None:
        process.terminate()
    process.wait()
    if process.stdout is not None:
        process.stdout.close()
