"""The window of time that every page shows: the last minutes until now, or from one moment to another."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?Z")
LONGEST = timedelta(days=31)


@dataclass(frozen=True)
class TimeRange:
    """`key` is its name in the URL and in the control; `start` and `end` are times of the API, `[start, end)`."""

    key: str
    label: str
    seconds: int
    start: str
    end: str = "now"

    @property
    def is_live(self) -> bool:
        """Whether it ends now and therefore moves."""
        return self.end == "now"

    @property
    def step(self) -> str:
        """A step of whole minutes that makes at most some 60 points."""
        return f"{max(1, round(self.seconds / 60 / 60))}m"

    def params(self) -> dict[str, str]:
        """Query parameters of the API."""
        return {"start": self.start} if self.is_live else {"start": self.start, "end": self.end}


def _last(key: str, label: str, seconds: int) -> TimeRange:
    return TimeRange(key, f"last {label}", seconds, f"-{key}")


RANGES = (
    _last("5m", "5 minutes", 5 * 60),
    _last("15m", "15 minutes", 15 * 60),
    _last("1h", "hour", 60 * 60),
    _last("6h", "6 hours", 6 * 60 * 60),
    _last("24h", "24 hours", 24 * 60 * 60),
    _last("7d", "7 days", 7 * 24 * 60 * 60),
)
DEFAULT_RANGE = RANGES[0]
QUERY_KEY = "range"


def time_range(key: str | None) -> TimeRange:
    """The range called `key`: one of RANGES, or `<from>/<to>` such as `2026-01-31T12:00Z/2026-01-31T12:15Z`.

    The default one for anything else, since the key comes from an editable URL.
    """
    known = next((known for known in RANGES if known.key == key), None)
    return known or between(key or "") or DEFAULT_RANGE


def at_least(window: TimeRange, key: str) -> TimeRange:
    """The range, or one as long as `key` with the same end if it is shorter."""
    longer = time_range(key)
    if window.seconds >= longer.seconds:
        return window
    if window.is_live:
        return longer
    end = datetime.fromisoformat(window.end)
    return from_moments(end - timedelta(seconds=longer.seconds), end)


def between(key: str) -> TimeRange | None:
    """The range `<from>/<to>`; None if that is not one."""
    ends = key.split("/")
    if len(ends) != 2 or not all(_MOMENT.fullmatch(end) for end in ends):
        return None
    try:
        start, end = (datetime.fromisoformat(text) for text in ends)
    except ValueError:
        return None
    if not timedelta(0) < end - start <= LONGEST:
        return None
    return from_moments(start, end)


def from_moments(start: datetime, end: datetime) -> TimeRange:
    """From one moment to another, both counted in whole seconds."""
    texts = [f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}" for moment in (start, end)]
    same_day = start.astimezone(UTC).date() == end.astimezone(UTC).date()
    until = f"{end:%H:%M}" if same_day else f"{end:%d %b %H:%M}"
    return TimeRange(
        "/".join(texts), f"{start:%d %b %H:%M} to {until} UTC", int((end - start).total_seconds()), texts[0], texts[1]
    )
