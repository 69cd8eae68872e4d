"""Drawings over one axis of time, one below the other: bars, lines and states, with moments marked through all of them.

Each is a drawing made of data (`plain`), WIDTH wide whatever the screen, so that equal places are equal moments.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from dashboard.components.plain import Plain

WIDTH = 1000.0
_TICKS = 6
_STATES = {"open": 1.0, "forced_open": 1.0, "half_open": 0.6}
_STEPS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 21600, 43200, 86400)


@dataclass(frozen=True)
class Mark:
    """A moment to be seen in every lane; `look` is a state."""

    at_ns: int
    look: str
    text: str


@dataclass(frozen=True)
class Bar:
    """Stacked `parts`, (look, number) from the bottom up, over one step."""

    start_ns: int
    parts: tuple[tuple[str, float], ...]
    text: str


@dataclass(frozen=True)
class Axis:
    """The time [start_ns, end_ns) that all lanes show."""

    start_ns: int
    end_ns: int
    marks: tuple[Mark, ...] = ()

    def x(self, at_ns: int) -> float:
        """The place of a moment; those outside stand at the border."""
        share = (at_ns - self.start_ns) / max(self.end_ns - self.start_ns, 1)
        return WIDTH * min(max(share, 0.0), 1.0)

    def bars(self, label: str, bars: Sequence[Bar], step_ns: int, height: int = 70) -> Plain:
        """Bars as high as their sum, of which the highest fills the lane."""
        top = max((sum(number for _, number in bar.parts) for bar in bars), default=0.0) or 1.0
        drawn: list[Plain] = []
        for bar in bars:
            left, right = self.x(bar.start_ns), self.x(bar.start_ns + step_ns)
            level = float(height)
            if right <= left:
                continue
            for look, number in bar.parts:
                tall = number / top * (height - 6)
                level -= tall
                if number:
                    drawn.append(_rect(f"bar bar-{look}", left, level, right - left, tall))
            drawn.append(_spot(left, right - left, height, bar.text))
        return self._lane(label, height, drawn, f"up to {top:g}" if bars else "")

    def line(
        self, label: str, points: Sequence[tuple[int, float, str]], step_ns: int, look: str, note: str = ""
    ) -> Plain:
        """Dots joined where steps follow each other: (start_ns, number, text)."""
        height = 56
        top = max((number for _, number, _ in points), default=0.0) or 1.0
        drawn: list[Plain] = []
        place: tuple[float, float] | None = None
        last_ns = 0
        for start_ns, number, text in points:
            here = (self.x(start_ns + step_ns // 2), height - 3 - number / top * (height - 10))
            if place is not None and start_ns - last_ns <= step_ns:
                ends = {"x1": place[0], "y1": place[1], "x2": here[0], "y2": here[1]}
                drawn.append(["line", {"class": f"lane-line lane-{look}", **_texts(ends)}])
            drawn.append(_rect(f"lane-dot lane-{look}", here[0] - 1.5, here[1] - 1.5, 3, 3))
            left = self.x(start_ns)
            drawn.append(_spot(left, self.x(start_ns + step_ns) - left, height, text))
            place, last_ns = here, start_ns
        return self._lane(label, height, drawn, note)

    def levels(
        self, label: str, parts: Sequence[tuple[int, int, str, str]], heights: Mapping[str, float], height: int = 22
    ) -> Plain:
        """(from, to, look, text) in the order of time, each as high as `heights` says, as a share of the lane."""
        return self._lane(label, height, self._levels(parts, heights, height))

    def states(self, label: str, parts: Sequence[tuple[int, int, str, str]]) -> Plain:
        """States of a breaker: the more alarming, the higher."""
        return self.levels(label, parts, _STATES)

    def small(self, label: str, parts: Sequence[tuple[int, int, str, str]], heights: Mapping[str, float]) -> Plain:
        """As `levels`, without a label beside it, for tables."""
        return self._drawing(label, 20, self._levels(parts, heights, 20))

    def _levels(
        self, parts: Sequence[tuple[int, int, str, str]], heights: Mapping[str, float], height: int
    ) -> list[Plain]:
        drawn: list[Plain] = []
        for start_ns, end_ns, look, text in parts:
            left, right = self.x(start_ns), self.x(end_ns)
            tall = height * heights.get(look, 0.25)
            width = max(right - left, 1.5)
            drawn.append(_rect(f"bar bar-{look or 'none'}", left, height - tall, width, tall))
            drawn.append(_spot(left, width, height, text))
        return drawn

    def ticks(self) -> Plain:
        """Times of day below the lanes."""
        step_s = next((step for step in _STEPS_S if (self.end_ns - self.start_ns) / 1e9 / step <= _TICKS), _STEPS_S[-1])
        step_ns = step_s * 10**9
        first = -(-self.start_ns // step_ns) * step_ns
        form = "%H:%M:%S" if step_s < 60 else "%H:%M" if step_s < 86400 else "%d %b"
        shown: list[Plain] = [
            [
                "span",
                {"class": "lane-tick", "style": {"--left": f"{self.x(at) / WIDTH * 100:.2f}%"}},
                datetime.fromtimestamp(at // 10**9, UTC).strftime(form),
            ]
            for at in range(first, self.end_ns, step_ns)
        ]
        return [
            "div",
            {"class": "lane"},
            ["span", {"class": "lane-label muted"}, "UTC"],
            ["div", {"class": "lane-ticks"}, *shown],
        ]

    def _lane(self, label: str, height: int, drawn: list[Plain], note: str = "") -> Plain:
        named: Plain = ["span", {"class": "lane-label"}, label, ["small", {}, note]]
        return ["div", {"class": "lane"}, named, self._drawing(label, height, drawn)]

    def _drawing(self, label: str, height: int, drawn: list[Plain]) -> Plain:
        shape = {"viewBox": f"0 0 {WIDTH:.0f} {height}", "preserveAspectRatio": "none", "height": str(height)}
        about = {"class": "lane-drawing", "role": "img", "aria-label": label}
        lines = [
            _line(mark, self.x(mark.at_ns), height) for mark in self.marks if self.start_ns <= mark.at_ns < self.end_ns
        ]
        return ["svg", {**about, **shape}, *drawn, *lines]


def _line(mark: Mark, x: float, height: int) -> Plain:
    ends = _texts({"x1": x, "x2": x, "y1": 0, "y2": height})
    return ["line", {"class": f"lane-mark mark-{mark.look}", **ends}, ["title", {}, mark.text]]


def legend(looks: Mapping[str, str]) -> Plain:
    """What the looks of bars mean."""
    items: list[Plain] = [
        ["span", {"class": "key"}, ["i", {"class": f"swatch bar-{look}"}], word] for look, word in looks.items()
    ]
    return ["p", {"class": "legend-line muted"}, *items]


def _rect(look: str, x: float, y: float, width: float, height: float) -> Plain:
    return ["rect", {"class": look, **_texts({"x": x, "y": y, "width": width, "height": height})}]


def _spot(x: float, width: float, height: float, text: str) -> Plain:
    return [
        "rect",
        {"class": "spot", **_texts({"x": x, "y": 0, "width": width, "height": height})},
        ["title", {}, text],
    ]


def _texts(numbers: Mapping[str, float]) -> dict[str, str]:
    return {name: f"{number:.1f}" for name, number in numbers.items()}
