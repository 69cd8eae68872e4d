"""What the dashboard's tests share: data in the collector's shapes, a running dashboard, and a page of the browser."""

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from checkout_trace import ORDER, send_traces
from running_collector import RunningCollector
from running_dashboard import running_dashboard


@pytest.fixture
def node() -> Callable[..., dict[str, Any]]:
    """A node of the graph that shows only what matters: `node("orders", errors=3)`."""

    def build(name: str, kind: str = "service", **given: Any) -> dict[str, Any]:
        numbers = {"calls": 100, "errors": 0, "rejected": 0, "p50_ms": 1.0, "p95_ms": 2.0, "p99_ms": 3.0}
        known = {"namespace": "", "health": "unknown", "versions": [], "instances": []}
        return {"id": name, "name": name, "kind": kind, **numbers, **known, **given}

    return build


@pytest.fixture
def edge() -> Callable[..., dict[str, Any]]:
    """An edge of the graph: `edge("gateway", "orders", rejected=5)`."""

    def build(source: str, target: str, kind: str = "call", **given: Any) -> dict[str, Any]:
        numbers = {"calls": 100, "errors": 0, "rejected": 0, "p50_ms": 1.0, "p95_ms": 2.0, "p99_ms": 3.0}
        return {"source": source, "target": target, "kind": kind, "breakers": [], **numbers, **given}

    return build


@pytest.fixture
def graph() -> Callable[..., dict[str, Any]]:
    """An answer of five minutes: `graph([node("a"), node("b")], [edge("a", "b")])`."""

    def build(nodes: list[dict[str, Any]], edges: list[dict[str, Any]]) -> dict[str, Any]:
        times = {"start": "2026-01-31T12:00:00+00:00", "end": "2026-01-31T12:05:00+00:00"}
        return {**times, "nodes": nodes, "edges": edges, "unpaired": 0}

    return build


@pytest.fixture
def span() -> Callable[..., dict[str, Any]]:
    """A span: `span("b", parent="a", start_ms=10, duration_ms=5)`; times count from the start of the trace."""

    def build(
        span_id: str, parent: str = "", start_ms: int = 0, duration_ms: int = 100, **given: Any
    ) -> dict[str, Any]:
        plain = {"service": "orders", "name": span_id, "kind": "server", "status": "unset", "status_message": ""}
        times = {"start_ns": str(10**18 + start_ms * 10**6), "duration_ns": str(duration_ms * 10**6)}
        rest = {"attributes": {}, "resource": {"attributes": {}}, "scope": {"name": ""}, "events": [], "links": []}
        return {"span_id": span_id, "parent_span_id": parent, **plain, **times, **rest, **given}

    return build


@pytest.fixture
def trace() -> Callable[..., dict[str, Any]]:
    """A trace of 100 ms with these spans."""

    def build(*spans: dict[str, Any]) -> dict[str, Any]:
        return {
            "trace_id": "ab" * 16,
            "start_ns": str(10**18),
            "duration_ns": str(100 * 10**6),
            "spans": list(spans),
            "warnings": [],
        }

    return build


@pytest.fixture(scope="module")
def dashboard_url(collector: RunningCollector) -> Iterator[str]:
    """A dashboard that shows the collector of the module."""
    with running_dashboard(collector.api) as url:
        yield url


@pytest.fixture(scope="module")
def checkout(collector: RunningCollector) -> None:
    """The traces of checkout_trace.py are stored."""
    send_traces(collector)


@pytest.fixture
def outline(collector: RunningCollector, checkout: None) -> dict[str, Any]:
    """Of the trace ORDER."""
    answer: dict[str, Any] = collector.get(f"/traces/{ORDER}/outline")
    return answer


@pytest.fixture
def expected_complaints() -> list[str]:
    """A test that breaks something on purpose adds what the browser will say of it."""
    return []


@pytest.fixture
def page(browser: Any, dashboard_url: str, expected_complaints: list[str]) -> Iterator[Any]:
    """A page of its own. After the test: no error on its console, no uncaught exception, no request to another host."""
    complaints: list[str] = []
    opened = browser.new_page(viewport={"width": 1440, "height": 900}, base_url=dashboard_url)
    opened.set_default_timeout(60_000)
    opened.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    opened.on("pageerror", lambda error: complaints.append(str(error)))
    opened.on("request", lambda request: complaints.extend(_foreign(request.url, dashboard_url)))
    yield opened
    opened.close()
    assert [said for said in complaints if not any(word in said for word in expected_complaints)] == []


def _foreign(url: str, own: str) -> list[str]:
    parts = urlsplit(url)
    is_own = parts.scheme in ("data", "blob") or parts.netloc == urlsplit(own).netloc
    return [] if is_own else [f"request to another host: {url}"]
