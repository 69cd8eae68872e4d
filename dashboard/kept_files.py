"""Scripts and styles are compressed once, not for every page: that takes a quarter of a second for all of them."""

import asyncio
import gzip
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, TypeAlias

Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
App: TypeAlias = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]

_FOLDERS = ("/_dash-component-suites/", "/assets/")
_MOST_FILES = 200
_FOREVER = (b"cache-control", b"public, max-age=31536000, immutable")
_CONDITIONS = {b"range", b"if-none-match", b"if-modified-since"}


class KeptFiles:
    """ASGI middleware. Keeps whole answers by address, which names the version; compresses in a thread, beside other answers."""

    def __init__(self, app: App) -> None:
        self._app = app
        self._kept: dict[tuple[Any, ...], list[Message]] = {}

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        key = _key(scope)
        if key is None:
            await self._app(scope, receive, send)
            return
        messages = self._kept.get(key) or await self._asked(key, scope, receive)
        for message in messages:
            await send(message)

    async def _asked(self, key: tuple[Any, ...], scope: MutableMapping[str, Any], receive: Receive) -> list[Message]:
        messages: list[Message] = []

        async def collect(message: Message) -> None:
            messages.append(message)

        await self._app({**scope, "headers": _without(scope["headers"], b"accept-encoding")}, receive, collect)
        if messages and messages[0].get("status") == 200:
            body = b"".join(message.get("body", b"") for message in messages[1:])
            headers = [*_without(messages[0]["headers"], b"cache-control", b"content-length"), _FOREVER]
            if key[-1]:
                body = await asyncio.to_thread(gzip.compress, body)
                headers += [(b"content-encoding", b"gzip"), (b"vary", b"accept-encoding")]
            messages = _whole(headers, body)
            self._kept[key] = messages
            while len(self._kept) > _MOST_FILES:
                del self._kept[next(iter(self._kept))]
        return messages


def _key(scope: MutableMapping[str, Any]) -> tuple[Any, ...] | None:
    """None for what is not a whole file with its version in the address: `?m=` for ours, `.v1_2m3` for Dash's."""
    if scope["type"] != "http" or scope["method"] != "GET" or not scope["path"].startswith(_FOLDERS):
        return None
    headers = dict(scope["headers"])
    versioned = scope["query_string"].startswith(b"m=") or ".v" in scope["path"]
    if not versioned or _CONDITIONS & headers.keys():
        return None
    return scope["path"], scope["query_string"], b"gzip" in headers.get(b"accept-encoding", b"")


def _without(headers: list[tuple[bytes, bytes]], *names: bytes) -> list[tuple[bytes, bytes]]:
    return [(name, value) for name, value in headers if name.lower() not in names]


def _whole(headers: list[tuple[bytes, bytes]], body: bytes) -> list[Message]:
    length = (b"content-length", str(len(body)).encode())
    return [
        {"type": "http.response.start", "status": 200, "headers": [*headers, length]},
        {"type": "http.response.body", "body": body},
    ]
