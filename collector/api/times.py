"""Times in requests: RFC 3339, relative to now (`-15m`, `now`), or epoch nanoseconds; durations such as `200ms`."""

import re
from datetime import datetime
from time import time_ns

from collector.errors import BadRequest
from collector.queries.time_range import MINUTE_NS, TimeRange
from collector.settings import Settings

_UNITS_NS = {
    "ns": 1,
    "us": 10**3,
    "µs": 10**3,
    "ms": 10**6,
    "s": 10**9,
    "m": 60 * 10**9,
    "h": 3600 * 10**9,
    "d": 86400 * 10**9,
}
_DURATION = re.compile(r"([0-9]{1,19}(?:\.[0-9]{1,19})?)(ns|us|µs|ms|s|m|h|d)")
_EPOCH_NS = re.compile(r"[0-9]{13,19}")
_LAST_NS = (2**32 - 1) * 10**9 - 1  # year 2106: minutes of roll-ups are 32-bit seconds
_LONGEST_NS = 2**63 - 1


def parse_duration_ns(text: str, name: str) -> int:
    """`200ms` as nanoseconds. Raises BadRequest that names the parameter."""
    match = _DURATION.fullmatch(text.strip())
    if match is None:
        raise BadRequest(f'{name}: expected a duration such as 200ms, 1.5s or 2m, got "{text[:50]}"')
    return min(int(float(match[1]) * _UNITS_NS[match[2]]), _LONGEST_NS)


def parse_time_ns(text: str, name: str, now_ns: int) -> int:
    """A time as epoch nanoseconds. Raises BadRequest that names the parameter."""
    text = text.strip()
    if text == "now":
        return now_ns
    if text.startswith("-"):
        return max(0, now_ns - parse_duration_ns(text[1:], name))
    if _EPOCH_NS.fullmatch(text):
        return min(int(text), _LAST_NS)
    try:
        moment = datetime.fromisoformat(text.upper().replace(" ", "+"))
        if moment.tzinfo is None:
            raise ValueError("no time zone")
        return min(max(0, int(moment.timestamp()) * 10**9 + moment.microsecond * 1000), _LAST_NS)
    except (ValueError, OverflowError):
        raise BadRequest(
            f'{name}: expected a time such as -15m, now, 2026-01-31T12:00:00Z or epoch nanoseconds, got "{text[:50]}"'
        ) from None


def parse_range(start: str, end: str, max_days: int, now_ns: int | None = None) -> TimeRange:
    """The range [start, end). Raises BadRequest when it is empty, reversed or longer than `max_days`."""
    now_ns = time_ns() if now_ns is None else now_ns
    window = TimeRange(parse_time_ns(start, "start", now_ns), parse_time_ns(end, "end", now_ns))
    if window.start_ns >= window.end_ns:
        raise BadRequest(f"start: {start} is not before end {end}")
    if window.end_ns - window.start_ns > max_days * _UNITS_NS["d"]:
        raise BadRequest(
            f"start: the time range is longer than {max_days} days; "
            "ask for less, or raise SPANSCAPE_QUERY_MAX_RANGE_DAYS"
        )
    return window


def parse_silent_ns(text: str) -> int:
    """How long before a range silent services are looked for, in nanoseconds; 0 for none. Raises BadRequest."""
    silent_ns = parse_duration_ns(text, "silent") if text else 0
    if silent_ns > _UNITS_NS["d"]:
        raise BadRequest(f"silent: expected at most 24h, got {text[:50]}")
    return silent_ns


def parse_step_s(text: str, window: TimeRange, settings: Settings) -> int:
    """The step of a series, in seconds. Raises BadRequest when it is not in whole minutes or makes too many points."""
    step_ns = parse_duration_ns(text, "step")
    if step_ns < MINUTE_NS or step_ns % MINUTE_NS:
        raise BadRequest(f"step: expected whole minutes such as 1m or 1h, got {text[:50]}")
    if (window.end_ns - window.start_ns) // step_ns > settings.query_max_rows:
        raise BadRequest(f"step: {text} makes more than {settings.query_max_rows} points; choose a longer one")
    return min(step_ns // 10**9, settings.query_max_range_days * 86400)
