"""Number formats and colours."""

from collections.abc import Sequence
from itertools import combinations
from math import dist

import pytest

from dashboard import theme


@pytest.mark.parametrize(
    ("duration_ns", "text"),
    [
        (0, "0 ns"),
        (850, "850 ns"),
        (1_000, "1 µs"),
        (12_340, "12.3 µs"),
        (4_560_000, "4.56 ms"),
        (99_960_000, "100 ms"),
        (1_230_000_000, "1.23 s"),
        (59_000_000_000, "59 s"),
        (123_000_000_000, "2 m 03 s"),
    ],
)
def test_durations_have_three_digits_and_a_unit(duration_ns: int, text: str) -> None:
    assert theme.format_duration(duration_ns) == text


def test_one_is_not_several() -> None:
    assert [theme.counted(count, "call") for count in (0, 1, 2, 1234)] == [
        "0 calls",
        "1 call",
        "2 calls",
        "1,234 calls",
    ]
    assert [theme.counted(count, "call was", "calls were") for count in (1, 2)] == ["1 call was", "2 calls were"]


def test_a_missing_percentile_is_a_dash() -> None:
    assert theme.format_ms(None) == "—"
    assert theme.format_ms(0.5) == "500 µs"


@pytest.mark.parametrize(
    ("count", "seconds", "text"),
    [
        (0, 300, "0/s"),
        (3690, 300, "12.3/s"),
        (30, 300, "0.1/s"),
        (1, 300, "0.2/min"),
        (1, 3600, "1/h"),
        (300_000, 300, "1,000/s"),
    ],
)
def test_slow_rates_are_given_per_minute_or_hour(count: int, seconds: int, text: str) -> None:
    assert theme.format_rate(count, seconds) == text


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [
        (0, 10, "0 %"),
        (0, 0, "0 %"),
        (1, 5000, "<0.1 %"),
        (21, 1000, "2.1 %"),
        (10, 10, "100 %"),
        (99_999, 100_000, ">99.9 %"),
    ],
)
def test_shares_hide_neither_few_nor_almost_all(part: int, whole: int, text: str) -> None:
    assert theme.format_share(part, whole) == text


def test_clock_and_date_are_utc() -> None:
    noon_ns = 1_767_268_985_123_456_789
    assert (theme.format_date(noon_ns), theme.format_clock(noon_ns)) == ("2026-01-01", "12:03:05.123")


def test_shorten_keeps_one_line() -> None:
    assert theme.shorten("a\nb", 10) == "a b"
    assert theme.shorten("abcdefgh", 5) == "abcd…"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_has_the_contrast_that_wcag_aa_asks_for(scheme: str) -> None:
    palette = theme.SCHEMES[scheme]
    texts = ["text", "muted", "accent", "error", "warn"]
    grounds = {name: ["bg", "surface", "raised"] for name in texts}
    grounds["error"] += ["error-soft"]
    grounds["accent"] = ["bg", "surface", "accent-soft"]
    low = [(t, g) for t in texts for g in grounds[t] if _contrast(palette[t], palette[g]) < 4.5]
    assert low == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_drawings_have_the_contrast_that_wcag_aa_asks_for(scheme: str) -> None:
    palette = theme.SCHEMES[scheme]
    bars = theme.SERVICE_LIGHT if scheme == "light" else theme.SERVICE_DARK
    drawn = [palette[name] for name in ("service", "database", "messaging", "external", "line", "control")]
    assert [colour for colour in [*drawn, *bars] if _contrast(colour, palette["surface"]) < 3] == []
    kinds = [palette[name] for name in ("service", "database", "messaging", "external")]
    assert [colour for colour in kinds if _contrast(colour, palette["on-kind"]) < 3] == []


# Machado, Oliveira and Fernandes 2009, severity 1.0: linear RGB as seen without one kind of cones.
_VISION = {
    "full": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protan": ((0.152, 1.053, -0.205), (0.115, 0.786, 0.099), (-0.004, -0.048, 1.052)),
    "deutan": ((0.367, 0.861, -0.228), (0.280, 0.673, 0.047), (-0.012, 0.043, 0.969)),
    "tritan": ((1.256, -0.077, -0.179), (-0.078, 0.931, 0.148), (0.005, 0.691, 0.304)),
}
_OKLAB = (
    ((0.4122, 0.5363, 0.0514), (0.2119, 0.6807, 0.1074), (0.0883, 0.2817, 0.6300)),
    ((0.2105, 0.7936, -0.0041), (1.9780, -2.4286, 0.4506), (0.0259, 0.7828, -0.8087)),
)


@pytest.mark.parametrize("vision", _VISION)
@pytest.mark.parametrize("colours", [theme.SERVICE_LIGHT, theme.SERVICE_DARK], ids=["light", "dark"])
def test_service_colours_are_told_apart_without_one_kind_of_cones(colours: tuple[str, ...], vision: str) -> None:
    seen = [_oklab([min(max(part, 0), 1) for part in _times(_VISION[vision], _linear(colour))]) for colour in colours]
    alike = [(one, other) for one, other in combinations(range(len(seen)), 2) if dist(seen[one], seen[other]) < 0.07]
    assert alike == []


def _oklab(linear: list[float]) -> list[float]:
    return _times(_OKLAB[1], [part ** (1 / 3) for part in _times(_OKLAB[0], linear)])


def _times(matrix: Sequence[Sequence[float]], values: Sequence[float]) -> list[float]:
    return [sum(a * b for a, b in zip(row, values, strict=True)) for row in matrix]


def _contrast(one: str, other: str) -> float:
    """https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio"""
    dark, light = sorted((_luminance(one), _luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def _luminance(colour: str) -> float:
    linear = _linear(colour)
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _linear(colour: str) -> list[float]:
    channels = [int(colour[index : index + 2], 16) / 255 for index in (1, 3, 5)]
    return [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
