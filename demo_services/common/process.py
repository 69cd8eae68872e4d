"""How a process of the shop ends: on a signal, and with its supervisor."""

import os
import signal
import sys
import threading
from types import FrameType
from typing import NoReturn

_STDIN = 0
_GRACE_S = 5.0


def exit_on_signal() -> None:
    """SIGINT and SIGTERM raise SystemExit, so `with` and `finally` run. uvicorn handles both while it serves
    and raises them again when it is done: without this, that second time would kill before telemetry is flushed.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _exit)


def _exit(_number: int, _frame: FrameType | None) -> NoReturn:
    sys.exit(0)


def end_with_supervisor() -> None:
    """From now on the end of stdin means SIGTERM, and a forced end if that hangs.

    The supervisor holds the writing end of that pipe and never writes: it ends when the supervisor is gone, even after
    `kill -9`. Works on every platform and, unlike a parent-death signal, does not depend on a thread.
    """
    threading.Thread(target=_watch_stdin, name="lifeline", daemon=True).start()


def _watch_stdin() -> None:
    while os.read(_STDIN, 1024):
        pass
    force = threading.Timer(_GRACE_S, os._exit, args=(1,))
    force.daemon = True
    force.start()
    os.kill(os.getpid(), signal.SIGTERM)
