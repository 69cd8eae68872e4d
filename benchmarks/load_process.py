"""Runs the load generator beside this process, so that neither slows the other."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict

from benchmarks.load_generator import LoadPlan, LoadResult

_GRACE_S = 90.0


def run_load(plan: LoadPlan, on_measuring: Callable[[], None] = lambda: None, on_measured: Callable[[], None] = lambda: None) -> LoadResult:
    """Calls back when the warm-up and when the measured time are over. Raises RuntimeError when the generator fails."""
    process = _start(plan)
    try:
        _expect(process, "measuring")
        on_measuring()
        _expect(process, "measured")
        on_measured()
        text, _ = process.communicate(timeout=_GRACE_S)
        return LoadResult(**json.loads(text))
    finally:
        _end(process)


@contextmanager
def background_load(plan: LoadPlan) -> Iterator[None]:
    """Load for as long as it is entered, or `plan.duration_s`. Enters when the warm-up is over."""
    process = _start(plan)
    try:
        _expect(process, "measuring")
        yield
        if process.poll() is not None:
            raise RuntimeError("the background load ended early")
    finally:
        _end(process)


def _start(plan: LoadPlan) -> "subprocess.Popen[str]":
    command = [sys.executable, "-m", "benchmarks.load_generator", json.dumps(asdict(plan))]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def _expect(process: "subprocess.Popen[str]", word: str) -> None:
    line = process.stdout.readline() if process.stdout else ""
    if line.strip() != word:
        raise RuntimeError(f"the load generator failed: expected {word!r}, got {line.strip()!r}")


def _end(process: "subprocess.Popen[str]") -> None:
    if process.poll() is None:
        process.terminate()
    process.wait()
    if process.stdout is not None:
        process.stdout.close()
