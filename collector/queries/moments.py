"""Moments as text: RFC 3339 in UTC with microseconds."""

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def moment_text(moment_ns: int) -> str | None:
    """None for 0, which stands for a moment that is not known."""
    if not moment_ns:
        return None
    return (_EPOCH + timedelta(microseconds=moment_ns // 1000)).isoformat(timespec="microseconds")
