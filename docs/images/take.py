"""Takes the pictures of this folder from a running demo, each once its page is live and nothing on it moves or loads:
`python docs/images/take.py http://127.0.0.1:8050 [folder]`. They tell most after `spanscape scenario slow-provider`.
"""

import re
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
LONGEST_MS = 180_000  # a demo that was just started is behind for a while
PAGES = (
    ("services", "/services"),
    ("service", "/service/orders"),
    ("breakers", "/breakers"),
    ("health", "/health"),
    ("traces", "/traces"),
)
# For two seconds: the page is live and not behind, nothing visible says that it loads, charts are drawn, the map stands still.
SETTLED = """() => {
  const isSeen = (each) => each.checkVisibility({ visibilityProperty: true });
  const visible = (selector) => Array.from(document.querySelectorAll(selector)).some(isSeen);
  const cy = document.getElementById("topology-stage") && window.dash_clientside.spanscape.cy;
  const isSettled =
    document.getElementById("connection")?.textContent === "Live" &&
    document.querySelector(".page, #trace-page, #topology-stage") &&
    !visible(".state, .spinner, .is-loading, .kind-waiting") &&
    !visible(".chart-place:not(:has(.main-svg))") &&
    (cy === null || (cy && cy.nodes().length > 0 && !cy.elements(":animated").length && !cy.animated()));
  window.settledAt = isSettled ? window.settledAt ?? performance.now() : undefined;
  return isSettled && performance.now() - window.settledAt > 2000;
}"""


def main(url: str, folder: Path) -> None:
    """All pictures, in both colour schemes; the map also for a narrow window."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGS)
        for scheme in ("light", "dark"):
            for width in (1440, 900):
                page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
                page.set_default_timeout(LONGEST_MS)
                page.goto(f"{url}/")
                _take(page, folder / f"map-{scheme}-{width}.png")
                if width == 1440:
                    _take_others(page, url, scheme, folder)
                page.close()
        browser.close()


def _take_others(page: Page, url: str, scheme: str, folder: Path) -> None:
    page.evaluate("void dash_clientside.spanscape.select('service:orders')")
    page.get_by_role("heading", name="Slowest recent traces").wait_for()
    _take(page, folder / f"panel-{scheme}.png")
    for name, path in PAGES:
        page.goto(f"{url}{path}")
        _take(page, folder / f"{name}-{scheme}.png")
    page.goto(f"{url}/traces?service=orders")
    page.locator(".trace-open", has_text=re.compile("^order")).first.click()
    page.locator(".wf-row").first.wait_for()
    _take(page, folder / f"trace-{scheme}.png")


def _take(page: Page, path: Path) -> None:
    page.evaluate("window.settledAt = undefined")
    page.wait_for_function(SETTLED, polling=200)
    page.screenshot(path=path)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]) if len(sys.argv) > 2 else Path(__file__).parent)
