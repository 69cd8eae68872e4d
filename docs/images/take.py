"""Takes the pictures of this folder from a running demo: `python docs/images/take.py http://127.0.0.1:8050`."""

import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

FOLDER = Path(__file__).parent
ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
SETTLED_MS = 3500
PAGES = (
    ("services", "/services"),
    ("service", "/service/orders"),
    ("breakers", "/breakers"),
    ("health", "/health"),
    ("traces", "/traces"),
)


def main(url: str) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGS)
        for scheme in ("light", "dark"):
            for width in (1440, 900):
                page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
                _take(page, f"{url}/", f"map-{scheme}-{width}")
                if width == 1440:
                    _take_others(page, url, scheme)
                page.close()
        browser.close()


def _take_others(page: Page, url: str, scheme: str) -> None:
    page.evaluate("dash_clientside.spanscape.select('service:orders')")
    page.wait_for_timeout(SETTLED_MS)
    page.screenshot(path=FOLDER / f"panel-{scheme}.png")
    for name, path in PAGES:
        _take(page, f"{url}{path}", f"{name}-{scheme}")
    page.goto(f"{url}/traces?service=orders")
    page.locator("a[href^='/trace/']").first.click()
    page.wait_for_timeout(SETTLED_MS)
    page.screenshot(path=FOLDER / f"trace-{scheme}.png")


def _take(page: Page, address: str, name: str) -> None:
    page.goto(address)
    page.wait_for_timeout(SETTLED_MS)
    page.screenshot(path=FOLDER / f"{name}.png")


if __name__ == "__main__":
    main(sys.argv[1])
