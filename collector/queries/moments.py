"""Moments and durations as text; moments are RFC 3339 in UTC with microseconds."""

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def moment_text(moment_ns: int) -> str | None:
    """None for 0, which stands for a moment that is not known."""
    if not moment_ns:
        return None
    return (_EPOCH + timedelta(microseconds=moment_ns // 1000)).isoformat(timespec="microseconds")


def shown_duration(duration_ns: int) -> str:
    """For example 12.5 ms."""
    for unit, size in (("s", 10**9), ("ms", 10**6), ("µs", 10**3)):
        if duration_ns >= size:
            return (
                f"{duration_ns / size:.3g} {unit}" if duration_ns < 1000 * size else f"{duration_ns / size:,.0f} {unit}"
            )
    return f"{duration_ns} ns"
