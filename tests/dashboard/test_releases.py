"""A suspect that runs a new version says so."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dashboard.components import releases
from dashboard.components.topology_view import Wish, build_view
from dashboard.live.session import Session
from dashboard.live.wishes import HistoryWish, TopologyWish


def deployment(at: datetime, title: str, service: str = "users") -> dict[str, Any]:
    return {"at": at.isoformat(), "kind": "deployment", "service": service, "title": title, "detail": ""}


def shown(end: datetime) -> Any:
    return {"start": (end - timedelta(minutes=5)).isoformat(), "end": end.isoformat(), "nodes": [], "edges": []}


def test_the_newest_version_of_each_service_counts():
    at = datetime(2026, 1, 31, 12, tzinfo=UTC)
    found = releases.latest(
        [
            {**deployment(at, "users is healthy"), "kind": "health"},
            deployment(at, "users 1.4.0 → 1.3.0"),
            deployment(at - timedelta(minutes=1), "users 1.3.0 → 1.4.0"),
            deployment(at, "a b 1 → 2", "a b"),
        ]
    )
    assert found == {
        "service:users": releases.Release(at, "1.4.0", "1.3.0"),
        "service:a b": releases.Release(at, "1", "2"),
    }


@pytest.mark.parametrize(
    ("ago", "words"),
    [
        (timedelta(seconds=20), "1.4.0 came less than a minute ago, 1.3.0 before"),
        (timedelta(minutes=3, seconds=30), "1.4.0 came 3 min ago, 1.3.0 before"),
        (timedelta(minutes=19), "1.4.0 came 19 min ago, 1.3.0 before"),
        (timedelta(minutes=21), ""),
        (timedelta(seconds=-1), ""),
    ],
)
def test_words_are_for_versions_that_came_in_the_range_or_shortly_before(ago, words):
    now = datetime.now(UTC) + timedelta(seconds=30)  # the range is of the present however slow the test is
    assert releases.told(releases.Release(now - ago, "1.3.0", "1.4.0"), shown(now)) == words


def test_a_range_of_the_past_tells_the_time():
    end = datetime(2026, 1, 31, 12, tzinfo=UTC)
    release = releases.Release(end - timedelta(minutes=3), "1.3.0", "1.4.0")
    assert releases.told(release, shown(end)) == "1.4.0 came at 11:57 UTC, 1.3.0 before"
    assert releases.told(None, shown(end)) == ""


def test_what_is_wrong_names_the_version_beside_the_errors(node, graph):
    topology = graph([node("service:users", errors=40), node("service:web")], [])
    at = datetime(2026, 1, 31, 12, 4, tzinfo=UTC)
    known = releases.latest([deployment(at, f"{name} 1.3.0 → 1.4.0", name) for name in ("users", "web")])
    (suspect,) = build_view(topology, Wish(), {}, releases=known).texts["suspects"]
    assert "40 % of 100 calls fail" in suspect[1]["aria-label"]
    assert "1.4.0 came at 12:04 UTC, 1.3.0 before" in suspect[1]["aria-label"]


class _Client:
    """Knows a service that fails, and its deployment."""

    url = "http://collector"

    def __init__(self, topology: Any, events: list[dict[str, Any]]) -> None:
        self._topology, self._events = topology, events

    async def topology(self, *_: Any, **__: Any) -> Any:
        return self._topology

    async def optional(self, *_: Any, **__: Any) -> dict[str, Any]:
        return {"step_s": 60, "points": []}

    async def aside(self, *_: Any, **__: Any) -> dict[str, Any]:
        return {"events": self._events}


def test_the_events_of_the_line_of_time_tell_the_map(node, graph):
    topology = graph([node("service:users", errors=40)], [])
    client = _Client(topology, [deployment(datetime(2026, 1, 31, 12, 4, tzinfo=UTC), "users 1.3.0 → 1.4.0")])

    async def said() -> str:
        found = asyncio.Event()
        words: list[str] = []

        async def send(message: dict[str, Any]) -> None:
            for suspect in message.get("texts", {}).get("suspects", []):
                words.append(suspect[1]["aria-label"])
                if "came" in words[-1]:
                    found.set()

        session = Session(client, send, True, 0.0)  # type: ignore[arg-type]
        await session.wanted(TopologyWish(type="topology", range="2026-01-31T12:00:00Z/2026-01-31T12:05:00Z"))
        running = asyncio.create_task(session.run())
        await session.wanted(HistoryWish(type="history", range="5m"))
        await asyncio.wait_for(found.wait(), 60)
        running.cancel()
        return words[-1]

    assert "1.4.0 came at 12:04 UTC, 1.3.0 before" in asyncio.run(said())
