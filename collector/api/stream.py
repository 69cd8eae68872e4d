"""Server-sent events: what changed, as it changes.

Each event has an id; a client that comes back with `Last-Event-ID` gets what it missed, or a `reset` event when that is
longer ago than the last HISTORY changes or before the collector started.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from datetime import datetime

import orjson

HISTORY = 1000
HEARTBEAT_S = 15.0


class ChangeFeed:
    """Published from any thread, followed from the event loop that `attach` was called in."""

    def __init__(self) -> None:
        self._changes: deque[tuple[int, list[datetime]]] = deque(maxlen=HISTORY)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._followers: set[asyncio.Event] = set()
        self._closed = False

    def attach(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop

    def publish(self, version: int, minutes: list[datetime]) -> None:
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._add, version, minutes)

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
            seen = self._changes[-1][0] if last_id is None and self._changes else last_id or 0
            yield b"retry: 2000\n\n"
            if last_id is not None and (not self._changes or last_id < self._changes[0][0] - 1) and last_id != seen_last(self._changes):
                yield _event("reset", seen_last(self._changes), {})
                seen = seen_last(self._changes)
            while not self._closed:
                missed = [change for change in self._changes if change[0] > seen]
                if missed:
                    seen = missed[-1][0]
                    minutes = sorted({minute for _, changed in missed for minute in changed})
                    for topic in topics:
                        yield _event(topic, seen, {"changed_minutes": [minute.isoformat() for minute in minutes]})
                wake.clear()
                try:
                    await asyncio.wait_for(wake.wait(), HEARTBEAT_S)
                except TimeoutError:
                    yield b": still here\n\n"
        finally:
            self._followers.discard(wake)

    def _add(self, version: int, minutes: list[datetime]) -> None:
        self._changes.append((version, minutes))
        for follower in self._followers:
            follower.set()


def seen_last(changes: deque[tuple[int, list[datetime]]]) -> int:
    return changes[-1][0] if changes else 0


def _event(name: str, id_: int, data: object) -> bytes:
    return b"event: %s\nid: %d\ndata: %s\n\n" % (name.encode(), id_, orjson.dumps(data))
