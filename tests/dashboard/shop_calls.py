"""Calls of a small shop, a collector that counts them, and the page that shows their map."""

import time
from typing import Any

from otlp_requests import Span, request
from running_collector import RunningCollector
from waiting import poll_until

from dashboard import ids

CY = "dash_clientside.spanscape.cy"
SHOP = {"service.namespace": "shop"}
RANGE = "15m"
"""So long that nothing leaves it while the tests run."""


def call(caller: str, callee: str, trace: str, *, failed: bool = False, ago_s: float = 5) -> list[Span]:
    at = {"start_ns": time.time_ns() - int(ago_s * 10**9), "duration_ns": 20 * 10**6, "trace": trace, "error": failed}
    return [
        Span(caller, "root", kind="server", **at),
        Span(caller, "out", parent="root", kind="client", **at),
        Span(callee, "in", parent="out", kind="server", **at),
    ]


def send_shop(collector: RunningCollector, words: str) -> None:
    """web -> cart -> stock, where stock fails, and an hour ago web -> retired. What is to be told apart from other sendings has
    other `words`."""
    spans = [span for n in range(10) for span in call("web", "cart", f"{words}-w{n}")]
    spans += [span for n in range(10) for span in call("cart", "stock", f"{words}-c{n}", failed=n < 4)]
    collector.send(request(spans, SHOP))
    old = [span for n in range(6) for span in call("web", "retired", f"{words}-o{n}", ago_s=3600)]
    collector.send(request(old, SHOP))


def shop_is_counted(collector: RunningCollector, more: int = 0) -> None:
    """Waits until the map has all calls of one sending, and `more`."""
    poll_until(lambda: _calls_on_the_map(collector, RANGE) == 20 + more, "the calls")
    poll_until(lambda: _calls_on_the_map(collector, "65m") == 26 + more, "the older calls")


def _calls_on_the_map(collector: RunningCollector, ago: str) -> int:
    """An edge is there with its first calls; the others are counted a moment later."""
    return sum(edge["calls"] for edge in collector.get("/topology", start=f"-{ago}")["edges"])


def opened(page: Any, address: str = f"/?range={RANGE}") -> Any:
    """The page with its map, and with all around it."""
    page.goto(address)
    page.wait_for_function(f"window.{CY}?.nodes().length > 0")
    page.locator(f"#{ids.TOPOLOGY_PLACE} #{ids.TOPOLOGY_STAGE}").wait_for()
    return page
