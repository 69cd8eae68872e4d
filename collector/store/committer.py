"""Group commit: the requests that arrive while a commit runs are the next commit.

Serialised protobuf messages concatenate, so a batch is `b"".join(bodies)` and no span is touched here. A request's future
ends only after its batch is on disk. When `queue_max_bytes` wait or are being written, `submit` raises Unavailable: the
caller tells the exporter to retry. A single body that is larger than that is taken when nothing else waits. When a write
fails for want of space or memory, the batch's futures end with Unavailable; a part of it may be stored, and once more when
it is sent again (see interrupted.py). When the engine refuses the content of a batch, the batch is normalised request by
request (see receivers/normalise.py), so that what is wrong with one does not touch the others.
"""

import logging
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from time import monotonic

from clickhouse_connect.driver.exceptions import ClickHouseError

from collector.errors import BadRequest, CollectorError, Unavailable
from collector.model import Normalised, Receipt, Signal
from collector.settings import Settings
from collector.store.engine import Store, error_code
from collector.store.priority import WORK_NICE, give_way

log = logging.getLogger(__name__)

_CONTENT_ERRORS = {
    469,  # VIOLATED_CONSTRAINT: an id, a time or a nested value that the inbox does not take
    444, 436,  # UNKNOWN_PROTOBUF_FORMAT, PROTOBUF_BAD_CAST: a group, a field of another type, a number out of range
    32, 33, 36, 27, 117, 131, 190, 321, 407, 6, 53, 69,  # what a reader of damaged or extreme values can raise
}  # fmt: skip
_STORE_ERRORS = {
    0,  # not from the engine
    74, 75, 76, 77, 243,  # the disk: cannot read, write, open or close a file, no space
    173, 241,  # memory
    159, 160, 202, 236, 394,  # time, other queries, shutdown
    198, 209, 210, 242, 285, 286, 319, 516, 999, 1000, 1001, 1002,  # the network, replicas, rights, all else
}  # fmt: skip
"""The store cannot write now, whatever the content. An error that is in neither set is tried request by request."""
_TOO_MANY_PARTS = 252
_ENOUGH_BYTES = 2**20  # waiting, while nothing is written: no need to wait for more
_FAIR_SHARE = 0.8  # of what other writers write: less than that is worth waiting for more
_NORMALISE_AHEAD = 64  # commits that normalise up front after one had to: traffic that needs it once needs it again


@dataclass(slots=True)
class _Request:
    body: bytes
    future: "Future[Receipt]"
    arrived_s: float
    is_urgent: bool


class Committer:
    """`Settings.commit_writers` threads write; `submit` may be called from any thread."""

    def __init__(
        self,
        store: Store,
        settings: Settings,
        normalise: Callable[[Signal, bytes], Normalised],
        on_commit: Callable[[Signal, bool], None] = lambda signal, is_urgent: None,
        on_failure: Callable[[Signal], None] = lambda signal: None,
        is_urgent: Callable[[Signal, bytes], bool] = lambda signal, body: False,
    ) -> None:
        """`on_commit` is called after each commit, and told whether a request of it was urgent: such a request does not wait
        for company. `on_failure` follows a commit that may have left a part of a batch behind."""
        self._store, self._settings, self._normalise = store, settings, normalise
        self._on_commit, self._on_failure, self._is_urgent = on_commit, on_failure, is_urgent
        self._condition = threading.Condition()
        self._waiting: dict[Signal, deque[_Request]] = {signal: deque() for signal in Signal}
        self._waiting_bytes = dict.fromkeys(Signal, 0)
        self._urgent: set[Signal] = set()
        self._ahead = dict.fromkeys(Signal, 0)
        self._closing = False
        self._ended_s = float("-inf")
        self.queued_bytes = 0
        self.counts = dict.fromkeys(
            ("requests", "bytes", "commits", "normalised", "refused", "failed", "turned_away"), 0
        )
        self._threads = [
            threading.Thread(target=self._write, name=f"committer-{number}", daemon=True)
            for number in range(settings.commit_writers)
        ]
        for thread in self._threads:
            thread.start()

    def submit(self, signal: Signal, body: bytes) -> "Future[Receipt]":
        """See `collector.model.Sink`."""
        request = _Request(body, Future(), monotonic(), self._is_urgent(signal, body))
        with self._condition:
            if self._closing:
                raise Unavailable("the collector is stopping", retry_after_s=5)
            if self.queued_bytes and self.queued_bytes + len(body) > self._settings.queue_max_bytes:
                self.counts["turned_away"] += 1
                raise Unavailable(f"the queue is full ({self.queued_bytes} bytes wait to be written)")
            self.queued_bytes += len(body)
            self._waiting_bytes[signal] += len(body)
            self._waiting[signal].append(request)
            if request.is_urgent:
                self._urgent.add(signal)
            self._condition.notify()
        return request.future

    def close(self) -> int:
        """Take no more, write what waits, stop. Returns how many requests were left when `drain_timeout_s` was over."""
        with self._condition:
            self._closing = True
            self._condition.notify_all()
        deadline = monotonic() + self._settings.drain_timeout_s
        for thread in self._threads:
            thread.join(max(0.0, deadline - monotonic()))
        with self._condition:
            left = [request for queue in self._waiting.values() for request in queue]
        for request in left:
            request.future.set_exception(Unavailable("the collector stopped before this was written", retry_after_s=5))
        return len(left)

    def _write(self) -> None:
        give_way(WORK_NICE)
        while (batch := self._next_batch()) is not None:
            signal, requests = batch
            try:
                self._commit(signal, requests)
            except BaseException as error:  # a writer must outlive any batch; its callers are told
                log.exception("commit failed")
                self._give_up(signal, requests, Unavailable(f"the commit failed: {error}"[:400], retry_after_s=5))
            finally:
                with self._condition:
                    self.queued_bytes -= sum(len(request.body) for request in requests)
                    self._ended_s = monotonic()

    def _next_batch(self) -> tuple[Signal, list[_Request]] | None:
        """Waits for work; None when closing and nothing is left. Of the signals that are due, the one that waited longest.

        A commit has a fixed cost (about 75 ms of CPU), so a request waits up to `commit_linger_ms` for company, unless it is
        urgent, or comes after so long a pause, or there is enough to do already: about as much as the other writers have in
        hand, so that under load the commits of all writers grow alike.
        """
        with self._condition:
            while True:
                waiting = [signal for signal, queue in self._waiting.items() if queue]
                if not waiting and self._closing:
                    return None
                left_s = {signal: self._left_to_linger_s(signal) for signal in waiting}
                due = [
                    signal for signal in waiting if left_s[signal] <= 0 or self._closing or self._enough_waits(signal)
                ]
                if due:
                    signal = min(due, key=left_s.__getitem__)
                    return signal, self._take(signal)
                self._condition.wait(min(left_s.values(), default=None))

    def _left_to_linger_s(self, signal: Signal) -> float:
        if signal in self._urgent:
            return float("-inf")
        linger_s, arrived_s = self._settings.commit_linger_ms / 1000, self._waiting[signal][0].arrived_s
        if self._being_written == 0 and arrived_s - self._ended_s >= linger_s:
            return 0.0  # nobody comes as often as it would wait
        return linger_s - (monotonic() - arrived_s)

    @property
    def _being_written(self) -> int:
        """Bytes."""
        return self.queued_bytes - sum(self._waiting_bytes.values())

    def _enough_waits(self, signal: Signal) -> bool:
        return self._waiting_bytes[signal] >= max(_ENOUGH_BYTES, _FAIR_SHARE * self._being_written)

    def _take(self, signal: Signal) -> list[_Request]:
        queue = self._waiting[signal]
        taken = [queue.popleft()]
        size = len(taken[0].body)
        while queue and size + len(queue[0].body) <= self._settings.commit_max_bytes:
            taken.append(queue.popleft())
            size += len(taken[-1].body)
        self._waiting_bytes[signal] -= size
        self._urgent.discard(signal)
        return taken

    def _commit(self, signal: Signal, requests: list[_Request]) -> None:
        if self._ahead[signal] > 0:
            self._ahead[signal] -= 1
            self._commit_normalised(signal, requests)
            return
        try:
            self._insert(signal, b"".join(request.body for request in requests))
        except ClickHouseError as error:
            if _blames_store(error):
                self._give_up(signal, requests, _unavailable(error))
                return
            self._ahead[signal] = _NORMALISE_AHEAD
            self._commit_normalised(signal, requests)
            return
        except (OSError, Unavailable) as error:
            self._give_up(signal, requests, _unavailable(error))
            return
        self._succeed(signal, [(request, Receipt()) for request in requests])

    def _commit_normalised(self, signal: Signal, requests: list[_Request]) -> None:
        """Normalise each request by itself, then commit all that are good together; if that fails, one by one."""
        good: list[tuple[_Request, Normalised]] = []
        for request in requests:
            try:
                good.append((request, self._normalise(signal, request.body)))
            except CollectorError as error:
                _fail([request], error)
            except Exception:
                log.exception("cannot normalise a request of %s", signal)
                _fail([request], CollectorError("unexpected error in the collector; see its log"))
        self._count(normalised=len(requests))
        if not good:
            return
        try:
            self._insert(signal, b"".join(normalised.body for _, normalised in good))
        except (ClickHouseError, OSError, Unavailable) as error:
            if len(good) == 1 or _blames_store(error):
                refusal = (
                    BadRequest(f"the store cannot take this request: {error}"[:400])
                    if _blames_content(error)
                    else _unavailable(error)
                )
                self._give_up(signal, [request for request, _ in good], refusal)
            else:
                for request, _ in good:
                    self._commit_normalised(signal, [request])
            return
        self._succeed(
            signal, [(request, Receipt(normalised.refused, normalised.reason)) for request, normalised in good]
        )

    def _insert(self, signal: Signal, body: bytes) -> None:
        if body:
            self._store.insert_request(f"otlp_{signal}", body)
            self._count(commits=1, bytes=len(body))

    def _succeed(self, signal: Signal, done: list[tuple[_Request, Receipt]]) -> None:
        self._count(requests=len(done), refused=sum(receipt.refused for _, receipt in done))
        self._on_commit(signal, any(request.is_urgent for request, _ in done))
        for request, receipt in done:
            request.future.set_result(receipt)

    def _give_up(self, signal: Signal, requests: list[_Request], error: CollectorError) -> None:
        self._count(failed=len(requests))
        _fail(requests, error)
        self._on_failure(signal)

    def _count(self, **amounts: int) -> None:
        with self._condition:
            for name, amount in amounts.items():
                self.counts[name] += amount


def _fail(requests: list[_Request], error: CollectorError) -> None:
    for request in requests:
        if not request.future.done():
            request.future.set_exception(error)


def _blames_store(error: BaseException) -> bool:
    return error_code(error) in _STORE_ERRORS or (error_code(error) == _TOO_MANY_PARTS and not _blames_content(error))


def _blames_content(error: BaseException) -> bool:
    code = error_code(error)
    return code in _CONTENT_ERRORS or (code == _TOO_MANY_PARTS and "partitions" in str(error))


def _unavailable(error: BaseException) -> Unavailable:
    log.warning("cannot write: %s", error)
    return Unavailable(f"the store cannot write now: {str(error).splitlines()[0][:200]}", retry_after_s=5)
