"""Small charts as drawings made of data: no library to load, colours from the page, one line of words for those who do
not see them."""

from collections.abc import Sequence

from dashboard.components.plain import Plain

WIDTH, HEIGHT = 320, 56
_BASE = HEIGHT - 2


def area_chart(values: Sequence[float | None], look: str, label: str, texts: Sequence[str]) -> Plain:
    """A filled line over equal steps; None leaves a gap. `texts` tell each step when the pointer is on it."""
    top = max((value for value in values if value is not None), default=0.0) or 1.0
    pieces = [_area(piece, len(values), top) for piece in _pieces(values)]
    step = WIDTH / max(len(values), 1)
    shown = look if any(values) else "nothing"
    spots: list[Plain] = [
        [
            "rect",
            {"class": "spot", "x": f"{index * step:.1f}", "y": "0", "width": f"{step:.1f}", "height": str(HEIGHT)},
            ["title", {}, text],
        ]
        for index, text in enumerate(texts)
    ]
    return [
        "svg",
        {"class": f"chart chart-{shown}", "viewBox": f"0 0 {WIDTH} {HEIGHT}", "preserveAspectRatio": "none"}
        | {"role": "img", "aria-label": label},
        *pieces,
        *spots,
    ]


def _pieces(values: Sequence[float | None]) -> list[list[tuple[int, float]]]:
    pieces: list[list[tuple[int, float]]] = [[]]
    for index, value in enumerate(values):
        if value is None:
            pieces.append([])
        else:
            pieces[-1].append((index, value))
    return [piece for piece in pieces if piece]


def _area(piece: Sequence[tuple[int, float]], count: int, top: float) -> Plain:
    step = WIDTH / max(count, 1)
    points = [((index + 0.5) * step, _BASE - value / top * (HEIGHT - 8)) for index, value in piece]
    if len(points) == 1:
        x, y = points[0]
        points = [(x - step / 2, y), (x + step / 2, y)]
    line = " ".join(f"L{x:.1f} {y:.1f}" for x, y in points)[1:]
    closed = f"M{points[0][0]:.1f} {_BASE} L{line} L{points[-1][0]:.1f} {_BASE}Z"
    return ["g", {}, ["path", {"class": "area", "d": closed}], ["path", {"class": "line", "d": f"M{line}"}]]
