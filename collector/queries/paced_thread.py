"""A thread that brings something up to date, again and again, without taking the machine from ingest."""

import logging
import threading
from collections.abc import Callable
from time import monotonic, process_time

from clickhouse_connect.driver.exceptions import ClickHouseError

from collector.errors import CollectorError
from collector.store.priority import WORK_NICE, give_way

log = logging.getLogger(__name__)

_IDLE_SHARE = 0.3  # of a core: a process that uses less has nothing that rests are for
_LONGEST_WAIT_S = 60.0  # at once: waits have a limit in C


class Allowance:
    """How much work is allowed: a `share` of the time. What is not used is saved, up to `saved_s` of work."""

    def __init__(self, share: float, saved_s: float) -> None:
        self._share, self._most_s = share, saved_s
        self._left_s = saved_s

    def rest_after(self, rested_s: float, worked_s: float) -> float:
        """Seconds to rest now, after a rest and then work. A rest that was cut short is not made up for."""
        self._left_s = min(self._most_s, max(self._left_s + rested_s * self._share, 0.0))
        self._left_s -= worked_s * (1 - self._share)
        return max(-self._left_s / self._share, 0.0)


class PacedThread:
    """Calls `work` when it is woken or `patience_s` after the last time; it outlives whatever `work` raises.

    Between two calls it rests for `interval_s` at least, and so long that `work` takes no more than `share` of the time; not
    longer than `longest_rest_s`, though, for what must be fresh even when it is slow. After a quiet time up to `saved_s` of work
    is done without that rest. While other programs hold the cores nothing of this process works: that is not counted. And a rest
    is for what else this process has to do: it ends when nothing woke it and the process did next to nothing for `quiet_s`.
    """

    def __init__(
        self,
        name: str,
        work: Callable[[], object],
        *,
        share: float,
        interval_s: float,
        patience_s: float,
        longest_rest_s: float = float("inf"),
        saved_s: float = 0.0,
        quiet_s: float = float("inf"),
        until_idle: bool = False,
        skip_rest: Callable[[], bool] = lambda: False,
        after_surprise: Callable[[], None] = lambda: None,
    ) -> None:
        """`until_idle`: when `work()` returned something true, there may be more to do, so that it is not waited for.
        `skip_rest()` may decide that no rest is needed; `after_surprise()` follows an error that is none of the
        store's."""
        self._work, self._interval_s, self._patience_s = work, interval_s, patience_s
        self._allowance = Allowance(share, saved_s)
        self._longest_rest_s, self._skip_rest, self._after_surprise = longest_rest_s, skip_rest, after_surprise
        self._until_idle, self._quiet_s = until_idle, quiet_s
        self.woken = threading.Event()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._loop, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        self.woken.set()

    def close(self) -> None:
        """Ends after the call under way. Harmless when it was never started."""
        self._closing.set()
        self.woken.set()
        if self._thread.ident is not None:
            self._thread.join(30)

    def _loop(self) -> None:
        give_way(WORK_NICE)
        ended = monotonic()
        while not self._closing.is_set():
            self.woken.wait(timeout=self._patience_s)
            self.woken.clear()
            started, cpu_s = monotonic(), process_time()
            rested_s = started - ended
            did_something = self._once()
            ended = monotonic()
            worked_s = min(ended - started, process_time() - cpu_s)
            rest_s = min(self._longest_rest_s, self._allowance.rest_after(rested_s, worked_s))
            if not self._skip_rest():
                self._closing.wait(self._interval_s)
                self._rest(rest_s - self._interval_s)
            if did_something and self._until_idle:
                self.woken.set()

    def _rest(self, most_s: float) -> None:
        until, was_woken = monotonic() + most_s, False
        while (left_s := until - monotonic()) > 0 and not self._closing.is_set():
            within_s, cpu_s = min(self._quiet_s, left_s, _LONGEST_WAIT_S), process_time()
            if self.woken.wait(within_s):
                self.woken.clear()
                was_woken = True
            elif within_s == self._quiet_s and process_time() - cpu_s < within_s * _IDLE_SHARE:
                break
        if was_woken:
            self.woken.set()

    def _once(self) -> object:
        name = self._thread.name
        try:
            return self._work()
        except (ClickHouseError, CollectorError, OSError) as error:
            log.warning("%s not brought up to date, will be repeated: %s", name, str(error).split("\n")[0])
        except Exception:  # what some telemetry brought about must not end the work for all others
            log.exception("unexpected error in bringing %s up to date", name)
            self._after_surprise()
        return None
