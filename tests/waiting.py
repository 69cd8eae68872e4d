"""Waiting for a condition, with a bound."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def poll_until(check: Callable[[], T], what: str, timeout_s: float = 60) -> T:
    """The first truthy answer of `check`. Fails with `what` and the last answer when `timeout_s` is over."""
    deadline_s, pause = time.monotonic() + timeout_s, threading.Event()
    while not (answer := check()):
        assert time.monotonic() < deadline_s, f"waited {timeout_s:g} s for {what}; last seen: {answer!r}"
        pause.wait(0.01)
    return answer
