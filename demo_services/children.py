"""One child process of the supervisor: its start, its output, its end, and how long to wait before the next try."""

import importlib
import multiprocessing
import multiprocessing.connection
import multiprocessing.forkserver
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any, Protocol, TextIO

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

PREFIX_WIDTH = 16


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


class Launched(Protocol):
    """What both ways to start a process give back."""

    @property
    def pid(self) -> int | None: ...

    def terminate(self) -> None: ...

    def kill(self) -> None: ...


@dataclass(frozen=True)
class _Life:
    """One start of a child: its process, its output, the lifeline to its stdin, and how to wait for its end."""

    process: Launched
    output: IO[str]
    lifeline: IO[bytes]
    wait: Callable[[float | None], int | None]


class Child:
    """A module's `main` that runs as a child process. Its lines go to the console under its name, its end to `report`.
    Its stdin is the lifeline (`common/process.py`); a session of its own keeps Ctrl-C for the supervisor alone.
    """

    def __init__(
        self,
        name: str,
        module: str,
        arguments: Sequence[str],
        env: Mapping[str, str],
        console: Console,
        report: Callable[[Exited], None],
    ) -> None:
        self.name = name
        self.backoff = Backoff()
        self._module = module
        self._arguments = list(arguments)
        self._env = dict(env)
        self._console = console
        self._report = report
        self._life: _Life | None = None
        self._started_s = 0.0

    @property
    def running(self) -> bool:
        return self._life is not None and self._life.wait(0) is None

    @property
    def lived_s(self) -> float:
        return time.monotonic() - self._started_s

    def start(self) -> int:
        """Returns the process id."""
        self._started_s = time.monotonic()
        launch = _fork if CAN_FORK else _spawn
        self._life = launch(self._module, self._arguments, self._env)
        threading.Thread(target=self._follow, args=(self._life,), name=f"follow {self.name}", daemon=True).start()
        return self._life.process.pid or 0

    def ask_to_end(self) -> None:
        if self.running and self._life:
            self._life.process.terminate()

    def kill(self) -> None:
        if self.running and self._life:
            self._life.process.kill()

    def wait(self, timeout_s: float) -> bool:
        """Whether it has ended within that time."""
        return self._life is None or self._life.wait(timeout_s) is not None

    def _follow(self, life: _Life) -> None:
        with life.output, life.lifeline:
            for line in life.output:
                self._console.say(self.name, line.rstrip())
            code = life.wait(None)
        self._report(Exited(self, code or 0))


def _fork(module: str, arguments: list[str], env: dict[str, str]) -> _Life:
    """From a process that has imported everything (`preload.py`): that saves each child a second and 60 MB."""
    stdin, lifeline = _context.Pipe(duplex=False)
    output, stdout = _context.Pipe(duplex=False)
    process = _context.Process(target=_run_forked, args=(module, arguments, env, stdin, stdout))
    process.start()
    stdin.close()
    stdout.close()

    def wait(timeout_s: float | None) -> int | None:
        multiprocessing.connection.wait([process.sentinel], timeout_s)
        code: int | None = process.exitcode
        return code

    return _Life(process, _opened(output, "r"), _opened(lifeline, "wb"), wait)


def _opened(end: "Connection[Any, Any]", mode: str) -> Any:
    """The pipe's end as a file that owns it."""
    fd = os.dup(end.fileno())
    end.close()
    return open(fd, mode) if "b" in mode else open(fd, mode, encoding="utf-8", errors="replace")


def _run_forked(
    module: str,
    arguments: list[str],
    env: dict[str, str],
    stdin: "Connection[Any, Any]",
    stdout: "Connection[Any, Any]",
) -> None:
    """In the child: what a fresh interpreter would find, then the module's main."""
    os.setsid()
    for end, fd in ((stdin, 0), (stdout, 1), (stdout, 2)):
        os.dup2(end.fileno(), fd)
    stdin.close()
    stdout.close()
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    os.environ.update(env)
    sys.argv = [module, *arguments]
    sys.exit(importlib.import_module(module).main())


def _spawn(module: str, arguments: list[str], env: dict[str, str]) -> _Life:
    """A fresh interpreter, where there is no fork server."""
    process = subprocess.Popen(
        [sys.executable, "-m", module, *arguments],
        env={**os.environ, **env},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        encoding="utf-8",
        errors="replace",
        start_new_session=True,
    )
    assert process.stdout is not None
    assert process.stdin is not None

    def wait(timeout_s: float | None) -> int | None:
        try:
            return process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            return None

    return _Life(process, process.stdout, process.stdin.buffer, wait)  # type: ignore[attr-defined]


CAN_FORK = "forkserver" in multiprocessing.get_all_start_methods()
_context: Any = multiprocessing.get_context("forkserver" if CAN_FORK else "spawn")


def prepare() -> None:
    """Call before the first start: the fork server then imports everything while the caller goes on."""
    if CAN_FORK:
        _context.set_forkserver_preload(["demo_services.preload"])
        multiprocessing.forkserver.ensure_running()
