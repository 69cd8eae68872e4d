"""Every page of the dashboard in headless Chromium, beside the running demo shop: from its address until it shows its content, in a
browser that has nothing yet, and in one that was there before."""

import time
from contextlib import closing
from typing import Any
from urllib.parse import quote

import requests

from benchmarks.browser import new_context, opening_ms
from benchmarks.demo_in_browser import demo_in_browser
from benchmarks.figures import Figure, Report, Target
from benchmarks.options import Options

_MOST_MS = 1500
_TRAFFIC_S = 30  # before the first page is opened


def run(options: Options) -> Report:
    """Left out when only other cases are asked for. Raises RuntimeError when Chromium is missing or a page shows nothing."""
    if not options.chosen("pages in the browser"):
        return Report("Pages", [], ["Left out: only other cases were asked for."])
    with demo_in_browser(options) as (browser, ports):
        time.sleep(options.pick(_TRAFFIC_S, 5))
        pages = _pages(f"http://127.0.0.1:{ports['api']}/api/v1")
        root = f"http://127.0.0.1:{ports['dashboard']}"
        figures = [
            figure
            for name, (path, content) in pages.items()
            for figure in _opened(browser, name, root + path, content, int(options.pick(5, 1)))
        ]
    return Report("Pages", figures, ["The demo runs with its traffic, on the same cores."])


def _pages(api: str) -> dict[str, tuple[str, str]]:
    """Address and content, as a selector, of each page."""
    breaker, trace = (
        requests.get(f"{api}/{path}", params={"start": "-15m"}, timeout=60).json()[path.split("/")[-1]][0]
        for path in ("breakers", "traces")
    )
    return {
        "map": ("/", "body[data-map]:not([data-map='0']) #topology-stage canvas[data-id=layer2-node]"),
        "services": ("/services", ".ag-center-cols-container .ag-row"),
        "service": ("/service/orders", ".service-section"),
        "charts of a service": ("/service/orders", ".service-charts .main-svg"),
        "traces": ("/traces", ".trace-open"),
        "trace": (f"/trace/{trace['trace_id']}", ".wf-row"),
        "breakers": ("/breakers", "#breakers-list .lamp-row"),
        "breaker": (f"/breakers/{quote(breaker['id'], safe='')}", ".breaker-head"),
        "health": ("/health", ".health-row"),
        "health of a service": ("/health/orders", ".page.health h1"),
        "doctor": ("/doctor", ".page h1"),
    }


def _opened(browser: Any, name: str, address: str, content: str, times: int) -> list[Figure]:
    shown = f"document.querySelector({content!r})"
    first, again = [], []
    for _ in range(times):
        with closing(new_context(browser)) as context:
            first.append(opening_ms(context, address, shown))
            again.append(opening_ms(context, address, shown))
    return [
        Figure(f"{name}: first time", "ms", first, Target(_MOST_MS)),
        Figure(f"{name}: again", "ms", again, Target(_MOST_MS)),
    ]
