"""The map left open beside the running demo shop for an hour: by how much the memory of its tab grows.

The heap is measured every minute after garbage collections. What the page makes once, such as compiled code, comes in the first
minutes; growth is counted from there.
"""

import statistics
import time
from typing import Any

from benchmarks.browser import WAIT_MS, heap_bytes, new_page
from benchmarks.demo_in_browser import demo_in_browser
from benchmarks.figures import Figure, Report, Target
from benchmarks.options import Options

_HOUR_S = 3600.0
_SAMPLES = 65  # in the time of the measurement and its beginning
_BEGINNING = 5  # samples that are not counted
_AROUND = 5  # samples, of which the median is one end


def run(options: Options) -> Report:
    """Left out when only other cases are asked for. Raises RuntimeError when Chromium is missing or the map does not come."""
    if not options.chosen("memory of the tab"):
        return Report("Memory of the tab", [], ["Left out: only other cases were asked for."])
    length_s = options.duration_s or options.pick(_HOUR_S, 10)
    with demo_in_browser(options) as (browser, ports):
        page = new_page(browser)
        page.goto(f"http://127.0.0.1:{ports['dashboard']}/")
        page.wait_for_function("Number(document.body.dataset.map) > 0", timeout=WAIT_MS)
        sizes, changes = _watched(page, length_s)
    begin, end = (statistics.median(part) for part in (sizes[_BEGINNING:][:_AROUND], sizes[-_AROUND:]))
    figures = [
        Figure("heap when the page has settled", "MiB", [begin / 2**20]),
        Figure("heap at the end", "MiB", [end / 2**20]),
        Figure("growth", "% more", [100 * (end / begin - 1)], Target(20)),
    ]
    return Report(
        "Memory of the tab", figures, [f"Open for {length_s / 60:.0f} minutes, {changes:,} changes of the map."]
    )


def _watched(page: Any, length_s: float) -> tuple[list[int], int]:
    """Bytes of the heap at equal distances, and how often the map changed meanwhile."""
    session = page.context.new_cdp_session(page)
    page.evaluate("made = 0; dash_clientside.spanscape.live.on('topology', () => { made += 1; })")
    sizes = []
    for _ in range(_SAMPLES):
        time.sleep(length_s / (_SAMPLES - _BEGINNING))
        sizes.append(heap_bytes(session))
    return sizes, page.evaluate("made")
