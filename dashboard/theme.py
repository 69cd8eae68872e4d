"""Colours, service colours and number formats. CSS and the graph take every colour from here."""

from collections.abc import Mapping
from datetime import UTC, datetime
from types import MappingProxyType

NONE = "—"  # shown where there is no number

LIGHT: Mapping[str, str] = MappingProxyType(
    {
        "bg": "#f5f6f9",
        "surface": "#ffffff",
        "raised": "#eef0f5",
        "border": "#d5dae3",
        "control": "#7d8899",
        "text": "#18202c",
        "muted": "#536073",
        "accent": "#3a50c8",
        "accent-soft": "#e9edfc",
        "error": "#b3261e",
        "error-soft": "#fdecea",
        "warn": "#875100",
        "warn-soft": "#fdf1dc",
        "ok": "#1d6b3a",
        "ok-soft": "#e3f3e8",
        "line": "#7a8699",
        "service": "#3a50c8",
        "database": "#0b6b7c",
        "messaging": "#7a3ab5",
        "external": "#5a6576",
        "on-kind": "#ffffff",
    }
)
DARK: Mapping[str, str] = MappingProxyType(
    {
        "bg": "#0e131a",
        "surface": "#161d27",
        "raised": "#1f2834",
        "border": "#2e3948",
        "control": "#6c7a8f",
        "text": "#e5eaf1",
        "muted": "#9eabbd",
        "accent": "#97abff",
        "accent-soft": "#232e52",
        "error": "#ff9186",
        "error-soft": "#3c1d1c",
        "warn": "#f3b862",
        "warn-soft": "#38290f",
        "ok": "#6fd193",
        "ok-soft": "#17311f",
        "line": "#76849a",
        "service": "#8fa4ff",
        "database": "#5fc6d6",
        "messaging": "#c79cf4",
        "external": "#a6b1c1",
        "on-kind": "#0e131a",
    }
)
SCHEMES: Mapping[str, Mapping[str, str]] = MappingProxyType({"light": LIGHT, "dark": DARK})

# Bars of a trace; assets/format.js chooses one for each service. Found by search: with full colour vision or without one kind of
# cones, any two of a scheme differ as much as ten colours can that stand out from the surface and are not glaring.
SERVICE_LIGHT = (
    "#5c5249",
    "#229ecf",
    "#5b0169",
    "#7a6d13",
    "#db7b19",
    "#4838a3",
    "#3667c7",
    "#ac3f85",
    "#144601",
    "#72947c",
)
SERVICE_DARK = (
    "#c98329",
    "#b1e2fc",
    "#8b5396",
    "#f6e994",
    "#a55700",
    "#9d9afd",
    "#6186cb",
    "#c39cb1",
    "#a6d19b",
    "#5e7f68",
)

_TIME_UNITS = (("s", 10**9), ("ms", 10**6), ("µs", 10**3))
ERROR_SHARE_BAD = 0.05  # share of errors from which a node or edge is drawn as failing
SHARE_NOTED = 0.01  # share of errors or rejections from which it is drawn in colour


def css_variables() -> str:
    """The palette as CSS custom properties for both schemes: `--ss-<name>` and `--svc-<number>`."""
    blocks = []
    for scheme, services in (("light", SERVICE_LIGHT), ("dark", SERVICE_DARK)):
        named = [f"--ss-{name}:{colour}" for name, colour in SCHEMES[scheme].items()]
        numbered = [f"--svc-{number}:{colour}" for number, colour in enumerate(services)]
        blocks.append(f'html:root[data-mantine-color-scheme="{scheme}"]{{{";".join(named + numbered)}}}')
    return "\n".join(blocks)


def format_duration(duration_ns: int) -> str:
    """Nanoseconds for people, three digits: `850 ns`, `12.3 µs`, `4.56 ms`, `1.23 s`, `2 m 03 s`."""
    if duration_ns < 1_000:
        return f"{duration_ns} ns"
    if duration_ns >= 60 * 10**9:
        minutes, seconds = divmod(round(duration_ns / 10**9), 60)
        return f"{minutes} m {seconds:02d} s"
    unit, size = next((unit, size) for unit, size in _TIME_UNITS if duration_ns >= size)
    return f"{_three_digits(duration_ns / size)} {unit}"


def format_ms(duration_ms: float | None) -> str:
    """Milliseconds for people; a dash where there is no number."""
    return NONE if duration_ms is None else format_duration(round(duration_ms * 1_000_000))


def format_rate(count: int, seconds: float) -> str:
    """`count` in a window of `seconds` as `12.3/s`; slow rates as `6/min` or `2/h`."""
    if count == 0:
        return "0/s"
    per_second = count / seconds
    if per_second >= 0.1:
        return f"{_three_digits(per_second)}/s"
    if per_second * 60 >= 0.1:
        return f"{_three_digits(per_second * 60)}/min"
    return f"{_three_digits(per_second * 3600)}/h"


def format_share(part: int, whole: int) -> str:
    """`part` of `whole` in percent: `2.1 %`; never `0 %` for something, never `100 %` for not quite all."""
    if part <= 0 or whole <= 0:
        return "0 %"
    percent = 100 * part / whole
    return ">99.9 %" if part < whole and percent > 99.9 else percent_text(percent)


def percent_text(percent: float) -> str:
    """`2.1 %`; never `0 %` for something."""
    return "<0.1 %" if 0 < percent < 0.1 else f"{_trim(f'{percent:.1f}')} %"


def format_count(count: int) -> str:
    """`1,234,567`."""
    return f"{count:,}"


def counted(count: int, one: str, many: str = "") -> str:
    """`1 call`, `1,234 calls`; `many` where it is not `one` with an s."""
    return f"{format_count(count)} {one if count == 1 else many or f'{one}s'}"


def format_clock(time_ns: int) -> str:
    """Time of day in UTC, to the millisecond: `12:03:05.123`."""
    return f"{_utc(time_ns):%H:%M:%S}.{time_ns // 1_000_000 % 1000:03d}"


def format_moment(moment: str) -> str:
    """Time of day of an RFC 3339 moment: `12:03 UTC`."""
    return f"{datetime.fromisoformat(moment).astimezone(UTC):%H:%M} UTC"


def format_date(time_ns: int) -> str:
    """`2026-11-23`, in UTC."""
    return f"{_utc(time_ns):%Y-%m-%d}"


def shorten(text: str, length: int) -> str:
    """`text` on one line, cut to `length` characters with an ellipsis in the last place."""
    line = " ".join(text.split())
    return line if len(line) <= length else line[: length - 1] + "…"


def _utc(time_ns: int) -> datetime:
    return datetime.fromtimestamp(time_ns // 10**9, UTC)


def _three_digits(value: float) -> str:
    decimals = 0 if value >= 99.95 else 1 if value >= 9.995 else 2
    return _trim(f"{value:,.{decimals}f}")


def _trim(number: str) -> str:
    return number.rstrip("0").rstrip(".") if "." in number else number
