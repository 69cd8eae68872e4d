"""The time ranges a viewer can choose; all of them end now."""

from dataclasses import dataclass


@dataclass(frozen=True)
class TimeRange:
    """A window that ends now. `key` is its name in the URL and in the control."""

    key: str
    label: str
    seconds: int

    @property
    def start(self) -> str:
        """The window's start as the API's relative time, such as `-15m`."""
        return f"-{self.key}"


RANGES = (
    TimeRange("5m", "5 minutes", 5 * 60),
    TimeRange("15m", "15 minutes", 15 * 60),
    TimeRange("1h", "hour", 60 * 60),
    TimeRange("6h", "6 hours", 6 * 60 * 60),
    TimeRange("24h", "24 hours", 24 * 60 * 60),
)
DEFAULT_RANGE = RANGES[0]
QUERY_KEY = "range"


def time_range(key: str | None) -> TimeRange:
    """The range called `key`; the default one for anything else, since the key comes from an editable URL."""
    return next((known for known in RANGES if known.key == key), DEFAULT_RANGE)
