"""Breakers of the demo shop: from the moment that a breaker moves, as the service notes it, to the lamp and the edge in
the browser.

The payment provider is made slow again and again, so that payments' breaker to it opens, tries and closes under real traffic. A
page of lamps and a map are open and note, frame by frame, what they show. All clocks are this machine's.
"""

import subprocess
import sys
import time
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, NamedTuple

import requests

from benchmarks.browser import WAIT_MS, new_context
from benchmarks.demo_in_browser import demo_in_browser
from benchmarks.figures import Figure, Report, Target, percentile
from benchmarks.options import Options

_SERVICE, _PROVIDER = "payments", "payment-provider"
_SLOW_S, _REST_S = 9, 16
_LATEST_NS = 10 * 10**9


class Shown(NamedTuple):
    """A page began to show a state of the breaker."""

    at_ns: int
    state: str


def run(options: Options) -> Report:
    """Left out when only other cases are asked for. Raises RuntimeError when the breaker or a page does not follow."""
    if not options.chosen("breakers of the demo"):
        return Report("Breakers of the demo", [], ["Left out: only other cases were asked for."])
    with demo_in_browser(options) as (browser, ports):
        pages = [_watching(browser, ports["dashboard"], path, shown) for path, shown in _WATCHED]
        for _ in range(int(options.pick(6, 1))):
            _make_slow(ports)
        moves = _moves(ports["api"])
        lamps, edges = ([Shown(*one) for one in page.evaluate("window.told")] for page in pages)
    lamp_ms, edge_ms = list(_delays_ms(moves, lamps)), list(_delays_ms(moves, edges))
    if not lamp_ms or not edge_ms:
        raise RuntimeError(f"{len(moves)} moves of the breaker, {len(lamps)} seen as lamps, {len(edges)} on the map")
    figures = [
        Figure("a breaker moves in the shop: to the lamp, p95", "ms", [percentile(lamp_ms, 0.95)], Target(2000)),
        Figure("  median", "ms", [percentile(lamp_ms, 0.5)]),
        Figure("a breaker moves in the shop: to the edge, p95", "ms", [percentile(edge_ms, 0.95)], Target(2000)),
        Figure("  median", "ms", [percentile(edge_ms, 0.5)]),
    ]
    return Report(
        "Breakers of the demo", figures, [f"{len(moves)} changes of state of {_SERVICE}' breaker to {_PROVIDER}."]
    )


_LAMP = f"""() => {{
  const rows = Array.from(document.querySelectorAll("#breakers-list .lamp-row"));
  const row = rows.find((one) => one.textContent.includes("{_SERVICE} → {_PROVIDER}"));
  return row ? row.className.match(/lamp-row-(\\w+)/)[1] : "";
}}"""
_EDGE = f"""() => {{
  const edge = window.dash_clientside?.spanscape?.cy?.edges("[source = 'service:{_SERVICE}'][target = 'external:{_PROVIDER}']");
  return (edge && edge.length && edge[0].classes().find((name) => name.startsWith("breaker-")) || "").replace("breaker-", "");
}}"""
_WATCHED = (("/breakers", _LAMP), ("/", _EDGE))
_WATCH = """(shown) => {
  window.told = [];
  let last = "";
  const look = eval(shown);
  const frame = () => {
    const state = look();
    if (state && state !== last) {
      window.told.push([Date.now() * 1000000, state]);
      last = state;
    }
    requestAnimationFrame(frame);
  };
  frame();
}"""


def _watching(browser: Any, port: int, path: str, shown: str) -> Any:
    """A page in a window of its own, in front: others get fewer frames."""
    page = new_context(browser).new_page()
    page.goto(f"http://127.0.0.1:{port}{path}")
    page.wait_for_function(shown, timeout=WAIT_MS)
    page.evaluate(_WATCH, shown)
    return page


def _make_slow(ports: dict[str, int]) -> None:
    """The provider takes 1.5 s a charge for a while, then is well again long enough for the breaker to close."""
    words = ["fault", _PROVIDER, "latency", "1500ms", "--for", f"{_SLOW_S}s"]
    registry = ["--registry", f"http://127.0.0.1:{ports['registry']}"]
    subprocess.run([sys.executable, "-m", "spanscape.main", *words, *registry], check=True, stdout=subprocess.DEVNULL)
    time.sleep(_SLOW_S + _REST_S)


def _moves(api: int) -> list[Shown]:
    """Of the one instance of the service, earliest first, as it noted them itself."""
    asked = {"start": "-15m", "service": _SERVICE}
    answer = requests.get(f"http://127.0.0.1:{api}/api/v1/breakers/transitions", params=asked, timeout=60)
    answer.raise_for_status()
    found = [one for one in answer.json()["transitions"] if one["target"] == _PROVIDER]
    return [Shown(int(one["at_ns"]), one["to"]) for one in reversed(found)]


def _delays_ms(moves: list[Shown], shown: list[Shown]) -> Iterator[float]:
    """Of each move, until it was shown. A state that was left before it could be shown is left out."""
    for move, after in pairwise([*moves, Shown(time.time_ns(), "")]):
        seen = next((one for one in shown if one.state == move.state and one.at_ns >= move.at_ns), None)
        if seen is not None and seen.at_ns - move.at_ns < _LATEST_NS:
            yield (seen.at_ns - move.at_ns) / 1e6
        elif after.at_ns - move.at_ns > _LATEST_NS:
            yield _LATEST_NS / 1e6
