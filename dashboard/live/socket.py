"""The WebSocket `/live`, and the one feed behind all of them."""

import asyncio
import contextlib
from typing import Any
from urllib.parse import urlsplit

import orjson
from fastapi import FastAPI, WebSocket, WebSocketDisconnect
from pydantic import ValidationError

from dashboard.client import CollectorClient
from dashboard.live.ask_ahead import AskAhead
from dashboard.live.feed import Change, ChangeFeed
from dashboard.live.session import Session
from dashboard.live.wishes import AnyWish

PATH = "/live"
_FOREIGN_ORIGIN = 4403
_TOO_MANY = 4429


class LivePages:
    """All open pages of one dashboard."""

    def __init__(self, client: CollectorClient, max_pages: int) -> None:
        self._client = client
        self._max_pages = max_pages
        self._sessions: set[Session] = set()
        self._answers: bool | None = None
        self._behind_s = 0.0
        self._feed = ChangeFeed(client.url, self._changed)

    def add_to(self, server: FastAPI) -> None:
        """Adds the route. Pages of other origins are refused: a browser would send them this machine's data."""
        server.add_api_websocket_route(PATH, self._serve)
        server.add_middleware(AskAhead, client=self._client)

    def stop(self) -> None:
        """Lets go of the collector."""
        self._feed.stop()

    def _changed(self, change: Change) -> None:
        self._answers = change.answers
        self._behind_s = change.behind_s if change.behind_s is not None else self._behind_s if change.answers else 0.0
        for session in self._sessions:
            session.fell_behind(self._behind_s)
        if change.topic != "behind":
            self._client.data_changed()
            for session in self._sessions:
                session.changed(change)

    async def _serve(self, socket: WebSocket) -> None:
        if not _same_origin(socket):
            await socket.close(_FOREIGN_ORIGIN)
            return
        await socket.accept()
        if len(self._sessions) >= self._max_pages:
            await socket.close(_TOO_MANY)
            return
        self._feed.start()

        async def send(message: dict[str, Any]) -> None:
            await socket.send_text(orjson.dumps(message).decode())

        session = Session(self._client, send, self._answers, self._behind_s)
        self._sessions.add(session)
        sending = asyncio.create_task(session.run())
        try:
            await self._receive(socket, session)
        except (WebSocketDisconnect, RuntimeError):
            pass  # the tab was closed
        finally:
            self._sessions.discard(session)
            sending.cancel()
            with contextlib.suppress(asyncio.CancelledError, WebSocketDisconnect, RuntimeError):
                await sending

    async def _receive(self, socket: WebSocket, session: Session) -> None:
        while True:
            text = await socket.receive_text()
            try:
                message = AnyWish.model_validate({"wish": orjson.loads(text)})
            except (ValidationError, orjson.JSONDecodeError) as error:
                await socket.send_json({"type": "refused", "words": str(error).splitlines()[0][:200]})
                continue
            await session.wanted(message.wish)


def _same_origin(socket: WebSocket) -> bool:
    """Programs send no origin; browsers always do."""
    origin = socket.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == socket.headers.get("host")
