"""The stream of changes: what happens is told at once, and what a client missed when it comes back."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from time import time_ns
from typing import Any

import pytest
import requests
from api_answers import minutes_ago
from otlp_requests import Span, request
from running_collector import RunningCollector

from collector.api.stream import ChangeFeed

Event = dict[str, str]


@contextmanager
def following(collector: RunningCollector, last_id: str = "") -> Iterator[Iterator[Event]]:
    """The changes that a stream tells: what has an id. Heartbeats have none."""
    headers = {"Last-Event-ID": last_id} if last_id else {}
    url = f"{collector.api}/api/v1/stream?topics=topology"
    with requests.get(url, headers=headers, stream=True, timeout=60) as response:
        assert response.headers["Content-Type"].startswith("text/event-stream")
        yield (event for event in events_of(response.iter_lines(chunk_size=1, decode_unicode=True)) if "id" in event)


def events_of(lines: Iterator[str]) -> Iterator[Event]:
    event: Event = {}
    for line in lines:
        if line:
            name, _, value = line.partition(": ")
            event[name] = value
        elif event:
            yield event
            event = {}


def minute(start_ns: int) -> str:
    return datetime.fromtimestamp(start_ns // 10**9, UTC).isoformat()


def changed(event: Event) -> list[str]:
    minutes: list[str] = json.loads(event["data"])["changed_minutes"]
    return minutes


def test_a_change_is_told_at_once_with_its_minute(fresh_collector: RunningCollector) -> None:
    with following(fresh_collector) as events:
        opening = next(events)
        assert opening["retry"] == "2000"
        start_ns = minutes_ago(5)
        fresh_collector.send(request([Span("a", "s", start_ns=start_ns)]))
        event = next(events)
    assert event["event"] == "topology"
    assert changed(event) == [minute(start_ns)]
    assert int(event["id"]) > int(opening["id"])


def test_who_comes_back_gets_what_was_missed(fresh_collector: RunningCollector) -> None:
    seen, missed = minutes_ago(9), [minutes_ago(8), minutes_ago(7)]
    with following(fresh_collector) as events:
        opening = next(events)["id"]
        fresh_collector.send(request([Span("a", "s", trace="0", start_ns=seen)]))
        last = next(events)["id"]
    with following(fresh_collector) as others_events:
        next(others_events)
        for number, start_ns in enumerate(missed):
            fresh_collector.send(request([Span("a", "s", trace=f"m{number}", start_ns=start_ns)]))
            assert changed(next(others_events)) == [minute(start_ns)]
    with following(fresh_collector, last) as events:
        next(events)
        assert changed(next(events)) == [minute(start_ns) for start_ns in missed]
    with following(fresh_collector, opening) as events:
        next(events)
        assert changed(next(events)) == [minute(start_ns) for start_ns in (seen, *missed)]


@pytest.mark.parametrize("last_id", ["1", str(2**62), "-5", "what?"])
def test_who_was_away_too_long_is_told_to_start_again(collector: RunningCollector, last_id: str) -> None:
    with following(collector, last_id) as events:
        opening = next(events)
        if last_id.isdecimal():
            reset = next(events)
            assert (reset["event"], reset["data"], reset["id"]) == ("reset", "{}", opening["id"])


def test_a_stream_ends_when_the_collector_stops(fresh_collector: RunningCollector) -> None:
    with following(fresh_collector) as events:
        next(events)
        assert fresh_collector.stop() == 0
        assert list(events) == []


async def take(stream: AsyncIterator[bytes], count: int) -> list[bytes]:
    return [await asyncio.wait_for(anext(stream), 5) for _ in range(count)]


def run(scenario: Any) -> None:
    asyncio.run(scenario())


def test_a_quiet_stream_has_a_heartbeat() -> None:
    async def scenario() -> None:
        feed = ChangeFeed(heartbeat_s=0.01)
        opening, *beats = await take(feed.follow(["topology"], None), 3)
        assert opening.startswith(b"retry: 2000\nid: ")
        assert beats == [b": still here\n\n"] * 2

    run(scenario)


def test_who_follows_the_map_is_told_how_far_it_is_behind_until_it_is_not() -> None:
    async def scenario() -> None:
        told = iter([12.34, 17.5, 0.0, 0.0])
        feed = ChangeFeed(lambda: next(told), heartbeat_s=0.01)
        feed.attach(asyncio.get_running_loop())
        stream = feed.follow(["topology"], None)
        await take(stream, 1)
        feed.publish(time_ns(), [])
        change, *beats = await take(stream, 4)
        assert b'"behind_s":12.3}' in change
        states = [b'event: behind\ndata: {"behind_s":%s}\n\n' % behind for behind in (b"17.5", b"0.0")]
        assert beats == [*states, b": still here\n\n"]
        others = await take(feed.follow(["breakers"], None), 2)
        assert others[1] == b": still here\n\n"

    run(scenario)


def test_a_change_while_an_event_is_being_sent_is_not_lost() -> None:
    async def scenario() -> None:
        feed = ChangeFeed(heartbeat_s=60)
        feed.attach(asyncio.get_running_loop())
        stream = feed.follow(["topology"], None)
        await take(stream, 1)
        versions = [time_ns() + n for n in range(3)]
        for version in versions:
            feed.publish(version, [])
            (event,) = await take(stream, 1)
            assert b"id: %d\n" % version in event

    run(scenario)


def test_changes_that_were_forgotten_make_a_reset() -> None:
    async def scenario() -> None:
        feed = ChangeFeed(history=2)
        feed.attach(asyncio.get_running_loop())
        first, second, third, fourth = (time_ns() + n for n in range(4))
        for version in (first, second, third, fourth):
            feed.publish(version, [])
        await asyncio.sleep(0)  # the loop takes in what was published
        _, kept = await take(feed.follow(["topology"], second), 2)
        _, lost = await take(feed.follow(["topology"], first), 2)
        assert kept.startswith(b"event: topology\nid: %d\n" % fourth)
        assert lost.startswith(b"event: reset\nid: %d\n" % fourth)

    run(scenario)
