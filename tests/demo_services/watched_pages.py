"""The pages of breakers and of health in a real browser, which note everything that they come to show."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from dashboard.components.breaker_words import WORDS as STATES
from dashboard.components.health_words import WORDS as STATUSES

_NOTE_BREAKERS = """() => {
  const noted = (window.noted = { lamps: {}, changes: {} });
  const text = (row, selector) => row.querySelector(selector).textContent;
  const note = (where, key, word) => {
    const words = (where[key] = where[key] || []);
    if (words[words.length - 1] !== word) words.push(word);
  };
  const look = () => {
    document.querySelectorAll(".lamp-row").forEach(function (row) {
      note(noted.lamps, text(row, ".cell-name .two > small"), text(row, ".cell-state strong"));
    });
    document.querySelectorAll("#breakers-changes li:has(.two)").forEach(function (row) {
      note(noted.changes, `${text(row, "small")} ${text(row, "a")}`, text(row, ".moved").replace("→", ""));
    });
  };
  dash_clientside.spanscape.live.on("lamps", look);
  look();
}"""
_NOTE_HEALTH = """() => {
  const noted = (window.noted = {});
  const note = (key, word) => {
    noted[key] = noted[key] || [];
    if (!noted[key].includes(word)) noted[key].push(word);
  };
  const look = () => document.querySelectorAll(".health-row").forEach((row) => {
    note(row.dataset.service, row.querySelector(".health-words").textContent);
    row.querySelectorAll(".tile").forEach((tile) => {
      const [instance, word] = tile.getAttribute("aria-label").split(/: |,/);
      note(`${row.dataset.service} ${instance}`, word);
    });
  });
  new MutationObserver(look).observe(document.getElementById("health-body"), { childList: true });
  look();
}"""


class WatchedPages:
    def __init__(self, breakers: Any, health: Any) -> None:
        self._breakers, self._health = breakers, health
        self.complaints: list[str] = []
        """Errors on their consoles."""
        for page in (breakers, health):
            page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
            page.on("pageerror", lambda error: self.complaints.append(str(error)))

    def noted(self) -> dict[str, dict[str, list[str]]]:
        """`lamps` by caller and target, `changes` by caller and name, `health` by service and by service and instance."""
        return {**self._breakers.evaluate("window.noted"), "health": self._health.evaluate("window.noted")}

    def showed_breaker(self, service: str, target: str, state: str) -> bool:
        """Its lamp, or the list of latest changes for what was over in a moment."""
        noted, word = self.noted(), STATES[state]
        return word in noted["lamps"].get(f"{service} → {target}", []) or word in noted["changes"].get(
            f"{service} {target}", []
        )

    def showed_health(self, service: str, instance: str, statuses: Iterable[str]) -> bool:
        words = self.noted()["health"].get(f"{service} {instance}".strip(), [])
        return any(STATUSES[status] in words or STATUSES[status].lower() in words for status in statuses)


@contextmanager
def watched_pages(browser: Any, url: str) -> Iterator[WatchedPages]:
    """Both pages, once they show something."""
    breakers, health = (browser.new_page(viewport={"width": 1440, "height": 1800}, base_url=url) for _ in range(2))
    pages = WatchedPages(breakers, health)
    for page, path, row, script in (
        (breakers, "/breakers", ".lamp-row", _NOTE_BREAKERS),
        (health, "/health", ".health-row", _NOTE_HEALTH),
    ):
        page.set_default_timeout(60_000)
        page.goto(path)
        page.locator(row).first.wait_for()
        page.evaluate(script)
    yield pages
    breakers.close()
    health.close()
