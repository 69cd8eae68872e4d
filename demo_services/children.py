"""One child process of the supervisor: its start, its output, its end, and how long to wait before the next try."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TextIO

PREFIX_WIDTH = 10


class Console:
    """Whole lines with the name of who says them, from any thread. Once nobody reads any more, it says no more."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._lock = threading.Lock()
        self._closed = False

    def say(self, name: str, line: str) -> None:
        self.say_plain(f"{name:<{PREFIX_WIDTH}}| {line}")

    def say_plain(self, line: str) -> None:
        with self._lock:
            if self._closed:
                return
            try:
                print(line, file=self._out, flush=True)
            except OSError:
                self._closed = True


@dataclass(frozen=True)
class Exited:
    """A child's process has ended. `code` is negative for a signal, as in subprocess."""

    child: "Child"
    code: int


class Backoff:
    """Pauses between restarts: doubling from `first_s` up to `longest_s`, from the start again after a long life."""

    def __init__(self, first_s: float = 0.5, longest_s: float = 10.0, long_life_s: float = 30.0) -> None:
        self._first_s = first_s
        self._longest_s = longest_s
        self._long_life_s = long_life_s
        self._next_s = first_s

    def after_life_of(self, lived_s: float) -> float:
        """Seconds to wait before the next start."""
        if lived_s >= self._long_life_s:
            self._next_s = self._first_s
        pause_s = self._next_s
        self._next_s = min(self._next_s * 2, self._longest_s)
        return pause_s


class Child:
    """A program that runs as a child process. Its lines go to the console under its name, its end to `report`.
    Its stdin is the lifeline (`common/process.py`); a session of its own keeps Ctrl-C for the supervisor alone.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        env: Mapping[str, str],
        console: Console,
        report: Callable[[Exited], None],
    ) -> None:
        self.name = name
        self.backoff = Backoff()
        self._command = command
        self._env = env
        self._console = console
        self._report = report
        self._process: subprocess.Popen[str] | None = None
        self._started_s = 0.0

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    @property
    def lived_s(self) -> float:
        return time.monotonic() - self._started_s

    def start(self) -> int:
        """Returns the process id."""
        self._started_s = time.monotonic()
        self._process = subprocess.Popen(
            [sys.executable, *self._command],
            env={**os.environ, **self._env},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
            errors="replace",
            start_new_session=True,
        )
        threading.Thread(target=self._follow, args=(self._process,), name=f"follow {self.name}", daemon=True).start()
        return self._process.pid

    def ask_to_end(self) -> None:
        if self._process is not None:
            self._process.terminate()

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()

    def wait(self, timeout_s: float) -> bool:
        """Whether it has ended within that time."""
        if self._process is None:
            return True
        try:
            self._process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            return False
        return True

    def _follow(self, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        assert process.stdin is not None
        with process.stdout, process.stdin:
            for line in process.stdout:
                self._console.say(self.name, line.rstrip())
            code = process.wait()
        self._report(Exited(self, code))
