"""The line of time under the map, as a page asks for it."""

import asyncio
from typing import Any

from dashboard.live.session import Session
from dashboard.live.wishes import HistoryWish


class _Client:
    """Remembers what it was asked for."""

    def __init__(self) -> None:
        self.asked: dict[str, dict[str, str]] = {}

    async def optional(self, path: str, _window: Any, **more: str) -> dict[str, Any]:
        self.asked[path] = more
        return {"step_s": 60, "points": []}

    aside = optional


def test_it_is_of_the_environment_that_the_page_shows():
    client = _Client()
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    async def ask() -> None:
        await Session(client, send, True, 0.0).wanted(HistoryWish(type="history", range="15m", environment="blue"))

    asyncio.run(ask())
    assert client.asked["/api/v1/timeseries"]["environment"] == "blue"
    assert [message["type"] for message in sent] == ["history"]
