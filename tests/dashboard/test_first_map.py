"""The map of a page that opens: asked for with the page itself, shown from what is known, then brought up to date."""

import asyncio
from typing import Any

import pytest

from dashboard.errors import CollectorUnreachable
from dashboard.live.ask_ahead import AskAhead
from dashboard.live.session import Session
from dashboard.live.wishes import TopologyWish
from dashboard.scope import EVERYTHING, Scope
from dashboard.time_range import TimeRange

NODE = {"name": "orders", "kind": "service", "calls": 1, "errors": 0, "rejected": 0, "p95_ms": 1.0, "last_seen": None}
NODE |= {
    "id": "service:orders",
    "namespace": "",
    "environments": [],
    "health": "unknown",
    "versions": [],
    "silent": False,
}


class _Client:
    """Remembers what it was asked for. A fresh answer has more calls than one from a moment ago."""

    url = "http://collector"

    def __init__(self, nodes: int = 1, reachable: bool = True, slow: bool = False) -> None:
        self.asked: list[tuple[str, Scope, str, float]] = []
        self.asked_twice = asyncio.Event()
        self._nodes, self._reachable, self._slow = nodes, reachable, slow

    async def topology(
        self, window: TimeRange, scope: Scope, traces: str = "", *, old_s: float = 0.0
    ) -> dict[str, Any]:
        self.asked.append((window.key, scope, traces, old_s))
        if len(self.asked) == 2:
            self.asked_twice.set()
        if self._slow:
            await asyncio.Event().wait()
        if not self._reachable:
            raise CollectorUnreachable("away", "nothing answers")
        nodes = [{**NODE, "calls": 1 if old_s else 2}] * self._nodes
        return {"nodes": nodes, "edges": [], "start": "", "end": "", "traces": None, "more_traces": False}


async def _visit(client: _Client, path: str, query: bytes = b"") -> list[str]:
    """Paths that reached the app behind, once nothing is asked any more."""
    reached: list[str] = []

    async def app(scope: Any, _receive: Any, _send: Any) -> None:
        reached.append(scope["path"])

    scope = {"type": "http", "method": "GET", "path": path, "query_string": query}
    await AskAhead(app, client)(scope, None, None)  # type: ignore[arg-type]
    for _ in range(3):
        await asyncio.sleep(0)
    return reached


def test_the_map_is_asked_for_with_its_page():
    client = _Client()
    query = b"range=1h&env=blue%20one&ns=shop&traces=status%3Derror&sel=service%3Aorders"
    assert asyncio.run(_visit(client, "/", query)) == ["/"]
    assert client.asked == [("1h", Scope("blue one", "shop"), "status=error", 0.0)]


@pytest.mark.parametrize("path", ["/services", "/assets/x.js"])
def test_other_pages_ask_for_no_map(path: str):
    client = _Client()
    assert asyncio.run(_visit(client, path)) == [path]
    assert client.asked == []


def test_pages_beyond_a_few_at_once_wait_for_their_own_question():
    client = _Client(slow=True)

    async def visits() -> None:
        async def app(_scope: Any, _receive: Any, _send: Any) -> None:
            return

        ahead = AskAhead(app, client)  # type: ignore[arg-type]
        scope = {"type": "http", "method": "GET", "path": "/", "query_string": b""}
        for _ in range(50):
            await ahead(scope, None, None)  # type: ignore[arg-type]
            await asyncio.sleep(0)

    asyncio.run(visits())
    assert len(client.asked) == 8


def test_a_collector_that_is_away_does_not_keep_the_page_away():
    assert asyncio.run(_visit(_Client(reachable=False), "/")) == ["/"]


async def _messages(client: _Client) -> list[dict[str, Any]]:
    """What a page that opens on the map is sent before the collector is asked a second time."""
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    session = Session(client, send, True, 0.0)  # type: ignore[arg-type]
    await session.wanted(TopologyWish(type="topology", number=1, fresh=True))
    running = asyncio.create_task(session.run())
    await asyncio.wait_for(client.asked_twice.wait(), 60)
    running.cancel()
    return [message for message in sent if message["type"] == "topology"]


def test_a_page_shows_what_is_known_and_then_what_is_newer():
    client = _Client()
    sent = asyncio.run(_messages(client))
    assert [asked[-1] for asked in client.asked[:2]] == [2.0, 0.0]
    assert client.asked[0][1] == EVERYTHING
    assert sent[0]["whole"]
    assert "service:orders" in sent[0]["elements"]


def test_an_empty_map_is_not_asked_for_again_and_again_as_if_it_were_new():
    client = _Client(nodes=0)
    asyncio.run(_messages(client))
    assert [asked[-1] for asked in client.asked[:2]] == [2.0, 0.0]
