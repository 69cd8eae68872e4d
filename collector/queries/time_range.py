"""Half-open time ranges [start_ns, end_ns), epoch nanoseconds."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

MINUTE_NS = 60 * 10**9


@dataclass(frozen=True, slots=True)
class TimeRange:
    start_ns: int
    end_ns: int

    @property
    def parameters(self) -> dict[str, int]:
        """For statements that compare `Timestamp` with {start_ns:Int64} and {end_ns:Int64}."""
        return {"start_ns": self.start_ns, "end_ns": self.end_ns}

    @property
    def minutes(self) -> dict[str, datetime]:
        """The minutes that the range touches, {from_minute:DateTime} and {to_minute:DateTime}, both included."""
        return {"from_minute": minute_of(self.start_ns), "to_minute": minute_of(self.end_ns - 1)}

    def each_minute(self) -> list[datetime]:
        first, last = minute_of(self.start_ns), minute_of(self.end_ns - 1)
        return [first + timedelta(minutes=number) for number in range(int((last - first).total_seconds()) // 60 + 1)]


def minute_of(moment_ns: int) -> datetime:
    return datetime.fromtimestamp(moment_ns // MINUTE_NS * 60, UTC)
