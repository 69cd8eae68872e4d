"""Follows the collector's stream of changes, once for all viewers, in a thread of its own."""

import asyncio
import http.client
import json
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

_TIMEOUT_S = 40.0  # the stream says something every few seconds
_RETRY_S = 1.0
_TOPICS = ("topology,breakers,health", "topology")  # the second for a collector that knows no others


@dataclass(frozen=True)
class Change:
    """Whether the collector answers, and which of its data changed: all of it where `topic` is empty."""

    answers: bool
    topic: str = ""
    names: tuple[str, ...] = ()
    """Ids of breakers or names of services, by topic."""
    behind_s: float | None = None
    """For how long spans are stored that the map does not have; None when nothing was said about it."""


class ChangeFeed:
    """`on_change` runs in the event loop, after each change of the collector's data or of whether it answers."""

    def __init__(self, collector_url: str, on_change: Callable[[Change], None]) -> None:
        self._url = urlsplit(collector_url)
        self._on_change = on_change
        self._stopped = threading.Event()
        self._connection: http.client.HTTPConnection | None = None
        self._topics = 0
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    def start(self) -> None:
        """Call in the event loop. Starting twice is starting once."""
        if self._thread is None:
            self._loop = asyncio.get_running_loop()
            self._thread = threading.Thread(target=self._run, name="change-feed", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Ends the thread within moments."""
        self._stopped.set()
        connection = self._connection
        if connection is not None and connection.sock is not None:
            try:
                connection.sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                return  # it had ended by itself

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                self._follow()
            except (OSError, http.client.HTTPException, ValueError):
                self._tell(Change(False))
            self._stopped.wait(_RETRY_S)

    def _follow(self) -> None:
        """Reads events until the connection ends."""
        kind = http.client.HTTPSConnection if self._url.scheme == "https" else http.client.HTTPConnection
        connection = kind(self._url.hostname or "", self._url.port, timeout=_TIMEOUT_S)
        self._connection = connection
        try:
            path = f"{self._url.path}/api/v1/stream?topics={_TOPICS[self._topics]}"
            connection.request("GET", path, headers={"Accept": "text/event-stream"})
            response = connection.getresponse()
            if response.status == 400 and self._topics + 1 < len(_TOPICS):
                self._topics += 1
                return
            if response.status != 200:
                raise ValueError(f"the stream answered {response.status}")
            self._tell(Change(True))
            topic = ""
            while not self._stopped.is_set() and (line := response.readline()):
                if line.startswith(b"event:"):
                    topic = line[6:].strip().decode()
                elif line.startswith(b"data:"):
                    self._tell(_change(topic, line[5:]))
            self._tell(Change(False))
        finally:
            connection.close()

    def _tell(self, change: Change) -> None:
        loop = self._loop
        if loop is not None and not loop.is_closed() and not self._stopped.is_set():
            loop.call_soon_threadsafe(self._on_change, change)


def _change(topic: str, data: bytes) -> Change:
    """`reset` asks for everything again."""
    if topic == "reset":
        return Change(True)
    said = json.loads(data)
    return Change(True, topic, tuple(map(str, said.get("changed", ()))), said.get("behind_s"))
