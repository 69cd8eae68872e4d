"""The client against a real HTTP server."""

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from dashboard.client import CollectorClient, TraceFilters
from dashboard.errors import CollectorProblem, CollectorUnreachable
from dashboard.time_range import time_range

WINDOW = time_range("15m")


@contextmanager
def answering(status: int, body: object) -> Iterator[tuple[str, list[str]]]:
    """A server that gives one answer to everything: its address, and the paths that were asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            payload = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(payload)))
            self.end_headers()
            self.wfile.write(payload)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_filters_become_query_parameters():
    filters = TraceFilters(service="a&b", q="status=error", min_duration_ms=1500000.5)
    with answering(200, {"traces": [], "next": None}) as (url, asked):
        client = CollectorClient(url)
        asyncio.run(client.find_traces(filters, WINDOW, limit=7))
        client.close()
    assert asked == ["/api/v1/traces?service=a%26b&q=status%3Derror&min_duration=1500000.5ms&start=-15m&limit=7"]


def test_a_name_cannot_leave_its_path():
    with answering(200, {"operations": []}) as (url, asked):
        client = CollectorClient(url)
        asyncio.run(client.operations("../services?x", WINDOW))
        client.close()
    assert asked == ["/api/v1/services/..%2Fservices%3Fx/operations?start=-15m"]


def test_viewers_that_ask_at_once_share_one_request():
    async def ask(client: CollectorClient) -> None:
        await asyncio.gather(*(client.topology(WINDOW) for _ in range(5)))

    with answering(200, {"nodes": [], "edges": []}) as (url, asked):
        client = CollectorClient(url)
        asyncio.run(ask(client))
        client.close()
    assert asked == ["/api/v1/topology?start=-15m&silent=1h"]


def test_an_answer_from_before_a_change_is_not_shared():
    async def ask_around_a_change(client: CollectorClient) -> None:
        early = asyncio.ensure_future(client.topology(WINDOW))
        await asyncio.sleep(0)
        client.data_changed()
        await client.topology(WINDOW)
        await client.topology(WINDOW)
        await early

    with answering(200, {"nodes": [], "edges": []}) as (url, asked):
        client = CollectorClient(url)
        asyncio.run(ask_around_a_change(client))
        client.close()
    assert len(asked) == 2


def test_the_panel_takes_what_the_map_shows():
    async def ask_around_a_change(client: CollectorClient) -> None:
        await client.topology(WINDOW)
        client.data_changed()
        await client.shown_topology(WINDOW)

    with answering(200, {"nodes": [], "edges": []}) as (url, asked):
        client = CollectorClient(url)
        asyncio.run(ask_around_a_change(client))
        client.close()
    assert len(asked) == 1


def test_a_page_that_opens_takes_an_answer_from_a_moment_ago():
    now = [100.0]

    async def ask_around_a_change(client: CollectorClient) -> None:
        await client.topology(WINDOW)
        now[0] += 0.5
        client.data_changed()
        now[0] += 1
        await client.topology(WINDOW, old_s=2.0)
        assert len(asked) == 1
        now[0] += 1.5
        await client.topology(WINDOW, old_s=2.0)

    with answering(200, {"nodes": [], "edges": []}) as (url, asked):
        client = CollectorClient(url, clock=lambda: now[0])
        asyncio.run(ask_around_a_change(client))
        client.close()
    assert len(asked) == 2


def test_an_answer_is_asked_for_again_when_it_is_old():
    now = [100.0]

    async def ask_twice(client: CollectorClient) -> None:
        await client.topology(WINDOW)
        now[0] += 10
        await client.topology(WINDOW)

    with answering(200, {"nodes": [], "edges": []}) as (url, asked):
        client = CollectorClient(url, clock=lambda: now[0])
        asyncio.run(ask_twice(client))
        client.close()
    assert len(asked) == 2


def test_a_problem_is_told_in_the_words_of_the_collector():
    problem = {"title": "Bad request", "detail": "q: column 5: expected a value", "status": 400}
    with answering(400, problem) as (url, _):
        client = CollectorClient(url)
        with pytest.raises(CollectorProblem, match="column 5") as caught:
            asyncio.run(client.find_traces(TraceFilters(q="x="), WINDOW))
        client.close()
    assert (caught.value.title, caught.value.status) == ("Bad request", 400)


def test_something_that_is_no_collector_is_named_as_such():
    with answering(200, b"<html>") as (url, _):
        client = CollectorClient(url)
        with pytest.raises(CollectorProblem, match="is this a Spanscape collector"):
            asyncio.run(client.topology(WINDOW))
        client.close()


def test_an_unreachable_collector_is_asked_again_the_next_time():
    async def ask(client: CollectorClient) -> None:
        for _ in range(2):
            with pytest.raises(CollectorUnreachable, match="Nothing answers"):
                await client.topology(WINDOW)

    with answering(200, {}) as (url, _):
        pass
    client = CollectorClient(url)
    asyncio.run(ask(client))
    client.close()
