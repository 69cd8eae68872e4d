"""Headless Chromium: when a page shows what it is asked for, and how much memory it takes."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

WAIT_MS = 60_000
"""Of anything that is waited for in a page."""
_CHROMIUM = "/usr/bin/chromium"
_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
_SIZE = {"width": 1440, "height": 900}
_WATCH = """{
  const look = () => (SHOWN ? setTimeout(noted) : requestAnimationFrame(look));
  const noted = () => (window.shownAtMs = performance.timeOrigin + performance.now());
  requestAnimationFrame(look);
}"""


@contextmanager
def chromium() -> Iterator[Any]:
    """A browser. Raises RuntimeError when it or its driver is missing, or a page does not come to what is waited for."""
    from playwright.sync_api import Error, sync_playwright

    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=_CHROMIUM, args=_ARGUMENTS)
            yield browser
            browser.close()
    except Error as error:
        raise RuntimeError(str(error).splitlines()[0]) from error


def new_page(browser: Any) -> Any:
    """Of a browser, without a cache; or of a context, with what it has."""
    return browser.new_page(viewport=_SIZE) if hasattr(browser, "new_context") else browser.new_page()


def new_context(browser: Any) -> Any:
    """Its pages share a cache, which is empty at first."""
    return browser.new_context(viewport=_SIZE)


def opened(browser: Any, address: str, shown: str) -> tuple[Any, float]:
    """A page (see `new_page`), and milliseconds from asking for the address until that is painted which makes `shown` true, an
    expression of the page.

    The page itself looks at each frame and takes the time after it: a question from outside waits until the page has nothing
    else to do, which on a page that goes on loading is long after it was seen.
    """
    page = new_page(browser)
    page.add_init_script(_WATCH.replace("SHOWN", shown))
    started = time.time()
    page.goto(address, wait_until="commit")
    page.wait_for_function("window.shownAtMs", timeout=WAIT_MS)
    return page, float(page.evaluate("shownAtMs")) - started * 1000


def opening_ms(browser: Any, address: str, shown: str) -> float:
    """The time of `opened`, of a page that is closed again."""
    page, taken_ms = opened(browser, address, shown)
    page.close()
    return taken_ms


def heap_bytes(session: Any) -> int:
    """What a session of Chromium's protocol says of its page after two garbage collections."""
    for _ in range(2):
        session.send("HeapProfiler.collectGarbage")
    return int(session.send("Runtime.getHeapUsage")["usedSize"])
