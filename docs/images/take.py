"""Takes the pictures of this folder from a running demo: `python docs/images/take.py http://127.0.0.1:8050`."""

import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

FOLDER = Path(__file__).parent
ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def main(url: str) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=ARGS)
        for scheme in ("light", "dark"):
            for width in (1440, 900):
                page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
                page.goto(f"{url}/", wait_until="networkidle")
                page.wait_for_timeout(4000)
                page.screenshot(path=FOLDER / f"map-{scheme}-{width}.png")
                if width == 1440:
                    page.goto(f"{url}/traces", wait_until="networkidle")
                    page.wait_for_timeout(3000)
                    page.screenshot(path=FOLDER / f"traces-{scheme}.png")
                    page.locator("a[href^='/trace/']").first.click()
                    page.wait_for_timeout(4000)
                    page.screenshot(path=FOLDER / f"trace-{scheme}.png")
                page.close()
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1])
