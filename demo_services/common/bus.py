"""Events over Redis Streams: publishing, and consumer groups with redelivery and dead letters.

Spans follow the messaging conventions: a producer span in the trace of the cause, a consumer span in a trace of its own
that links to it. Redis's own client spans are left out here, for they would say the same twice.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import redis
from opentelemetry import metrics, propagate, trace
from opentelemetry.context import Context
from opentelemetry.instrumentation.utils import suppress_instrumentation
from opentelemetry.trace import Link, SpanKind, Status, StatusCode

from demo_services.common.errors import PeerUnavailable, ShopError
from demo_services.common.events import Event
from demo_services.common.faults import FaultBoard
from demo_services.common.guard import Guard
from demo_services.services import DEAD_LETTERS

_log = logging.getLogger(__name__)
_tracer = trace.get_tracer(__name__)
_KEPT_PER_STREAM = 5_000
_SOCKET_TIMEOUT_S = 2.0
_BLOCK_MS = 1_000
_IDLE_S = 0.2  # a stand-in may answer at once where a server would block
_AT_ONCE = 16


def connect(url: str) -> "redis.Redis":
    """Connects when first used. Does not retry: guards and relays do."""
    return redis.Redis.from_url(
        url, decode_responses=True, socket_timeout=_SOCKET_TIMEOUT_S, socket_connect_timeout=0.5, retry=None
    )


@contextmanager
def broker(board: FaultBoard | None) -> Iterator[None]:
    """Turns whatever goes wrong with Redis into PeerUnavailable; with the fault `broker_drop` all of it does."""
    if board and board.active("broker_drop"):
        raise PeerUnavailable("broker: connection dropped (injected)")
    try:
        with suppress_instrumentation():
            yield
    except (redis.RedisError, OSError) as error:
        raise PeerUnavailable(f"broker: {type(error).__name__}") from error


def _attributes(stream: str, event: Event, name: str, operation: str) -> dict[str, str]:
    return {
        "messaging.system": "redis",
        "messaging.destination.name": stream,
        "messaging.operation.name": name,
        "messaging.operation.type": operation,
        "messaging.message.id": event.id,
        "shop.event.type": event.type,
    }


class Publisher:
    def __init__(self, client: "redis.Redis", guard: Guard, board: FaultBoard | None = None) -> None:
        self._client = client
        self._guard = guard
        self._board = board

    def publish(self, stream: str, event: Event) -> None:
        """In the trace of the event's cause. Raises PeerUnavailable."""
        cause = propagate.extract(event.context)
        attributes = _attributes(stream, event, "xadd", "send")
        with _tracer.start_as_current_span(f"send {stream}", cause, SpanKind.PRODUCER, attributes):
            context: dict[str, str] = {}
            propagate.inject(context)
            sent = Event(event.id, event.type, event.data, context)
            self._guard.call(f"send {stream}", lambda: self._add(stream, sent))

    def _add(self, stream: str, event: Event) -> None:
        fields: dict[Any, Any] = dict(event.as_fields())
        with broker(self._board):
            self._client.xadd(stream, fields, maxlen=_KEPT_PER_STREAM, approximate=True)


class Consumer:
    """One member of a consumer group. `handle` is called once or more for each event; it must not mind repeats.

    A failed event stays unacknowledged and is delivered again after `redelivery_s`, to whoever asks first; after
    `max_deliveries` it goes to the dead letters.
    """

    def __init__(
        self,
        client: "redis.Redis",
        group: str,
        name: str,
        streams: tuple[str, ...],
        handle: Callable[[Event], None],
        redelivery_s: float,
        max_deliveries: int,
        board: FaultBoard | None = None,
    ) -> None:
        self._client = client
        self._group = group
        self._name = name
        self._streams = streams
        self._handle = handle
        self._redelivery_ms = int(redelivery_s * 1e3)
        self._max_deliveries = max_deliveries
        self._board = board
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._consume, name=f"consumer {group}", daemon=True)
        meter = metrics.get_meter(__name__)
        self._dead = meter.create_counter("shop.dead_letters", "{message}", "Events given up")

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(_SOCKET_TIMEOUT_S)

    def backlog(self) -> int:
        """Events not acknowledged yet, delivered or not. Raises PeerUnavailable."""
        waiting = 0
        with broker(self._board):
            for stream in self._streams:
                for group in self._client.xinfo_groups(stream):
                    if group["name"] == self._group:
                        waiting += (group["lag"] or 0) + group["pending"]
        return waiting

    def _consume(self) -> None:
        while not self._stop.is_set():
            try:
                self._join()
                while not self._stop.is_set():
                    self._again()
                    if not self._new():
                        self._stop.wait(_IDLE_S)
            except PeerUnavailable as error:
                _log.info("consumer waits: %s", error)
                self._stop.wait(0.5)
            except Exception:  # like a stream that the broker has lost: joining again makes it anew
                _log.exception("the consumer begins again")
                self._stop.wait(0.5)

    def _join(self) -> None:
        for stream in self._streams:
            with broker(self._board):
                try:
                    self._client.xgroup_create(stream, self._group, "0", mkstream=True)
                except redis.ResponseError as error:
                    if "BUSYGROUP" not in str(error):
                        raise

    def _new(self) -> int:
        with broker(self._board):
            wanted: dict[Any, Any] = dict.fromkeys(self._streams, ">")
            answer: Any = self._client.xreadgroup(self._group, self._name, wanted, count=_AT_ONCE, block=_BLOCK_MS)
        pairs = list(answer.items()) if isinstance(answer, dict) else answer or []
        for stream, entries in pairs:
            for entry_id, fields in entries:
                self._process(stream, entry_id, fields)
        return len(pairs)

    def _again(self) -> None:
        """Takes over what nobody has acknowledged in time."""
        for stream in self._streams:
            with broker(self._board):
                late: Any = self._client.xpending_range(
                    stream, self._group, "-", "+", _AT_ONCE, idle=self._redelivery_ms
                )
            for waiting in late:
                entry_id, deliveries = waiting["message_id"], waiting["times_delivered"]
                with broker(self._board):
                    claimed: Any = self._client.xclaim(stream, self._group, self._name, self._redelivery_ms, [entry_id])
                for _, fields in claimed:
                    if deliveries >= self._max_deliveries:
                        self._give_up(stream, entry_id, fields, deliveries)
                    else:
                        self._process(stream, entry_id, fields)

    def _process(self, stream: str, entry_id: str, fields: dict[str, str]) -> None:
        try:
            event = Event.from_fields(fields)
        except (ValueError, KeyError, TypeError):
            self._give_up(stream, entry_id, fields, 1)
            return
        attributes = _attributes(stream, event, "process", "process") | {"messaging.consumer.group.name": self._group}
        producer = trace.get_current_span(propagate.extract(event.context)).get_span_context()
        with _tracer.start_as_current_span(
            f"process {stream}", Context(), SpanKind.CONSUMER, attributes, [Link(producer)]
        ) as span:
            try:
                self._handle(event)
            except ShopError as error:
                span.set_attribute("error.type", type(error).__name__)
                span.set_status(Status(StatusCode.ERROR, str(error)))
                _log.warning("%s %s not handled: %s", event.type, event.id, error)
                return
            with broker(self._board):
                self._client.xack(stream, self._group, entry_id)

    def _give_up(self, stream: str, entry_id: str, fields: dict[str, str], deliveries: int) -> None:
        kept: dict[Any, Any] = fields | {"stream": stream, "group": self._group, "deliveries": str(deliveries)}
        kept["given_up_at"] = f"{time.time():.3f}"
        with broker(self._board):
            self._client.xadd(DEAD_LETTERS, kept, maxlen=_KEPT_PER_STREAM, approximate=True)
            self._client.xack(stream, self._group, entry_id)
        self._dead.add(1, {"messaging.destination.name": stream})
        _log.error("%s %s goes to the dead letters after %d deliveries", stream, fields.get("id", entry_id), deliveries)
