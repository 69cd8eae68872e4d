"""Whether a page can be read as it is drawn: contrast of its texts, and nothing beyond its right edge."""

from typing import Any

_LOW = """() => {
  const numbers = (colour) => (colour.match(/^rgba?\\(/) ? colour.match(/[\\d.]+/g).map(Number) : null);
  const light = (rgb) => {
    const [r, g, b] = rgb.map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const found = numbers(getComputedStyle(at).backgroundColor);
      if (found && (found[3] === undefined || found[3] === 1)) {
        return found.slice(0, 3);
      }
    }
    return [255, 255, 255];
  };
  const low = [];
  for (const element of document.querySelectorAll(".page *")) {
    const texts = Array.from(element.childNodes).filter((node) => node.nodeType === 3);
    const said = texts.map((node) => node.textContent).join("").trim();
    const ink = numbers(getComputedStyle(element).color);
    if (said && ink && element.getClientRects().length && !element.closest("svg, button:disabled")) {
      const [more, less] = [light(ink.slice(0, 3)), light(ground(element))].sort((one, other) => other - one);
      if ((more + 0.05) / (less + 0.05) < 4.5) {
        low.push(`${said.slice(0, 40)} (${element.className}): ${((more + 0.05) / (less + 0.05)).toFixed(1)}`);
      }
    }
  }
  return low;
}"""


def hard_to_read(page: Any) -> list[str]:
    """Texts with less contrast than WCAG AA asks for, https://www.w3.org/TR/WCAG22/#contrast-minimum; and, if the page is wider
    than its window, that."""
    wide = page.evaluate("document.documentElement.scrollWidth > innerWidth")
    return [*page.evaluate(_LOW), *(["wider than the window"] if wide else [])]


def lightness(page: Any) -> int:
    """Of the page's ground: 0 to 765."""
    return int(
        page.evaluate(
            "getComputedStyle(document.body).backgroundColor.match(/[\\d.]+/g).slice(0, 3).map(Number).reduce((a, b) => a + b)"
        )
    )
