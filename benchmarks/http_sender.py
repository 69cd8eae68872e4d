"""HTTP clients that cost little: no client library, an answer is looked at as far as needed."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import cast
from urllib.parse import urlsplit

BACK_OFF_S = 0.2
"""What a sender waits after a refusal."""

_HEAD = b"POST /v1/traces HTTP/1.1\r\nHost: HOST\r\nContent-Type: application/x-protobuf\r\nContent-Length: %d\r\n\r\n"


class HttpSender(asyncio.Protocol):
    """One keep-alive HTTP/1.1 connection, one request at a time. Understands answers with a Content-Length only."""

    def __init__(self, host: str) -> None:
        self._head = _HEAD.replace(b"HOST", host.encode())
        self._transport: asyncio.Transport | None = None
        self._received = b""
        self._answer: asyncio.Future[int] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(exc or ConnectionError("the collector closed the connection"))

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, separator, body = self._received.partition(b"\r\n\r\n")
        if not separator or len(body) < _content_length(head):
            return
        self._received = b""
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(int(head[9:12]))

    async def send(self, body: bytes) -> int:
        """The status of the answer. Raises ConnectionError; how long to wait for it is the caller's affair."""
        assert self._transport is not None
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.writelines([self._head % len(body), body])
        return await self._answer

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()


def _content_length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0


@asynccontextmanager
async def open_senders(url: str, count: int) -> AsyncIterator[list[HttpSender]]:
    """`count` connections to the OTLP receiver at `url`."""
    address = urlsplit(url)
    loop = asyncio.get_running_loop()
    senders: list[HttpSender] = []
    try:
        for _ in range(count):
            _, sender = await loop.create_connection(
                lambda: HttpSender(address.netloc), address.hostname or "", address.port or 4318
            )
            senders.append(sender)
        yield senders
    finally:
        for sender in senders:
            sender.close()
