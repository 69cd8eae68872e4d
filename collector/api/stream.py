"""Server-sent events: what changed, as it changes.

Each event has an id; a client that comes back with `Last-Event-ID` gets what it missed, or a `reset` event when that
was before the collector started or longer ago than the last HISTORY changes. Who follows the map is also told how far it is
behind what is stored: with each change, and with each heartbeat while it is.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from datetime import datetime
from time import time_ns
from typing import NamedTuple

import orjson

HISTORY = 1000


TOPICS = {"topology": "changed_minutes", "breakers": "changed", "health": "changed"}
"""By topic, the field of its events that lists what changed: minutes, ids of breakers, names of services."""


class _Change(NamedTuple):
    id: int
    topic: str
    what: list[str]


class ChangeFeed:
    """Published from any thread, followed from the event loop that `attach` was called in."""

    def __init__(
        self, behind_s: Callable[[], float] = lambda: 0.0, heartbeat_s: float = 5.0, history: int = HISTORY
    ) -> None:
        """`behind_s()` says for how long spans are stored that the map does not have."""
        self._behind_s, self._heartbeat_s = behind_s, heartbeat_s
        self._changes: deque[_Change] = deque(maxlen=history)
        self._forgotten = time_ns()  # versions are later: they are the times at which they were made
        self._loop: asyncio.AbstractEventLoop | None = None
        self._followers: set[asyncio.Event] = set()
        self._closed = False

    def attach(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    def publish(self, version: int, minutes: list[datetime]) -> None:
        """`version` is a time in nanoseconds, later than that of the change before."""
        self._hand_over(version, "topology", [minute.isoformat() for minute in minutes])

    def publish_names(self, topic: str, names: list[str]) -> None:
        """What changed of a topic other than the map: ids of breakers, names of services."""
        self._hand_over(time_ns(), topic, names)

    def close(self) -> None:
        """Ends every stream. Call in the loop."""
        self._closed = True
        for follower in self._followers:
            follower.set()

    async def follow(self, topics: list[str], last_id: int | None) -> AsyncIterator[bytes]:
        """Events from now on, or from after `last_id`, until the feed closes or the client goes."""
        wake = asyncio.Event()
        self._followers.add(wake)
        try:
            resumable = last_id is not None and self._forgotten <= last_id <= self._latest
            seen = last_id if last_id is not None and resumable else self._latest
            yield b"retry: 2000\nid: %d\n\n" % seen
            if last_id is not None and not resumable:
                yield _event("reset", seen, {})
            was_behind = False
            while not self._closed:
                wake.clear()
                missed = [change for change in self._changes if change.id > seen]
                if missed:
                    seen = missed[-1].id
                    for topic in topics:
                        what = sorted({name for change in missed if change.topic == topic for name in change.what})
                        if any(change.topic == topic for change in missed):
                            behind = {"behind_s": self._behind_now()} if topic == "topology" else {}
                            was_behind = was_behind or bool(behind.get("behind_s"))
                            yield _event(topic, seen, {TOPICS[topic]: what, **behind})
                    continue
                try:
                    await asyncio.wait_for(wake.wait(), self._heartbeat_s)
                except TimeoutError:
                    behind_s = self._behind_now() if "topology" in topics else 0.0
                    yield _state(behind_s) if behind_s or was_behind else b": still here\n\n"
                    was_behind = behind_s > 0
        finally:
            self._followers.discard(wake)

    @property
    def _latest(self) -> int:
        return self._changes[-1].id if self._changes else self._forgotten

    def _behind_now(self) -> float:
        return round(self._behind_s(), 1)

    def _hand_over(self, version: int, topic: str, what: list[str]) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._add, version, topic, what)

    def _add(self, version: int, topic: str, what: list[str]) -> None:
        """Ids grow whoever publishes."""
        if len(self._changes) == self._changes.maxlen:
            self._forgotten = self._changes[0].id
        self._changes.append(_Change(max(version, self._latest + 1), topic, what))
        for follower in self._followers:
            follower.set()


def _event(name: str, id_: int, data: object) -> bytes:
    return b"event: %s\nid: %d\ndata: %s\n\n" % (name.encode(), id_, orjson.dumps(data))


def _state(behind_s: float) -> bytes:
    """No change, so that it has no id: who comes back does not miss it."""
    return b"event: behind\ndata: %s\n\n" % orjson.dumps({"behind_s": behind_s})
