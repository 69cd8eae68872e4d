"""The line of time under the map: what happened is marked where it happened."""

from dashboard.components.timeline import history
from dashboard.time_range import TimeRange, time_range

WINDOW: TimeRange = time_range("2026-01-31T12:00:00Z/2026-01-31T14:00:00Z")


def event(minute: int, kind: str = "health", title: str = "") -> dict[str, str]:
    at = f"2026-01-31T12:{minute:02d}:00+00:00"
    return {"at": at, "kind": kind, "service": "orders", "title": title or f"change {minute}", "detail": ""}


def marks(*events):
    return history(WINDOW, None, list(events))["marks"]


def test_a_mark_stands_where_it_happened_and_tells_what():
    (mark,) = marks(event(30, "fault", "Fault injected: latency"))
    assert (mark["left"], mark["kind"], mark["sign"]) == (25.0, "fault", "⚡")
    assert mark["words"] == "12:30:00 UTC · orders · Fault injected: latency"


def test_changes_of_a_kind_at_about_the_same_time_are_one_mark():
    assert [mark["words"].count("change") for mark in marks(event(50), event(31), event(30))] == [1, 2]


def test_kinds_keep_marks_of_their_own():
    assert [mark["kind"] for mark in marks(event(30, "breaker"), event(30, "health"))] == ["breaker", "health"]


def test_a_mark_of_very_many_changes_says_how_many_it_does_not_tell():
    (mark,) = marks(*(event(30, title=f"instance {number}") for number in range(100)))
    assert mark["words"].splitlines()[-1] == "and 92 more"
    assert len(mark["words"].splitlines()) == 9
