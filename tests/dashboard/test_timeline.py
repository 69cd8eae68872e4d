"""The line of time under the map: what happened is marked where it happened."""

from dashboard.components.timeline import history
from dashboard.time_range import TimeRange, time_range

WINDOW: TimeRange = time_range("2026-01-31T12:00:00Z/2026-01-31T14:00:00Z")
START_S = 1769860800


def event(minute: int, kind: str = "health", title: str = "") -> dict[str, str]:
    at = f"2026-01-31T12:{minute:02d}:00+00:00"
    return {"at": at, "kind": kind, "service": "orders", "title": title or f"change {minute}", "detail": ""}


def marks(*events):
    return history(WINDOW, None, list(events))["marks"]


def test_a_mark_stands_where_it_happened_and_tells_what():
    (mark,) = marks(event(30, "fault", "Fault injected: latency"))
    assert (mark["left"], mark["kind"], mark["sign"]) == (25.0, "fault", "⚡")
    assert mark["words"] == "12:30:00 · orders · Fault injected: latency"


def test_the_charts_show_the_whole_history_at_one_scale():
    def point(minute: int, errors: int) -> dict[str, object]:
        return {"start_ns": str((START_S + minute * 60) * 10**9), "calls": 100, "errors": errors}

    _, errors = history(WINDOW, {"step_s": 120, "points": [point(20, 8), point(60, 4)]}, [])["charts"]
    step = 320 / 60
    bars = [bar[3][1]["d"] for bar in errors[2:]]
    assert bars == [f"M{10 * step:.1f} 6.0 L{11 * step:.1f} 6.0", f"M{30 * step:.1f} 30.0 L{31 * step:.1f} 30.0"]
    assert errors[1]["aria-label"] == "Errors over time, at most 8 errors in 2 min"


def test_changes_of_a_kind_at_about_the_same_time_are_one_mark():
    assert [mark["words"].count("change") for mark in marks(event(50), event(31), event(30))] == [1, 2]


def test_kinds_keep_marks_of_their_own():
    assert [mark["kind"] for mark in marks(event(30, "breaker"), event(30, "health"))] == ["breaker", "health"]


def test_a_mark_of_very_many_changes_says_how_many_it_does_not_tell():
    (mark,) = marks(*(event(30, title=f"instance {number}") for number in range(100)))
    assert mark["words"].splitlines()[-1] == "and 92 more"
    assert len(mark["words"].splitlines()) == 9


def test_a_deployment_is_told_once_and_offered_to_compare_with_the_time_before():
    told = history(WINDOW, None, [event(40, "deployment", "orders 1.4.0 → 1.5.0"), event(30)])
    (deployed, _) = told["marks"]
    assert (deployed["sign"], deployed["name"], deployed["words"]) == (
        "▲",
        "Deployments",
        "12:40:00 · orders 1.4.0 → 1.5.0",
    )
    assert told["deployments"] == [{"at_ms": (START_S + 2400) * 1000, "words": "12:40:00 orders 1.4.0 → 1.5.0"}]


def test_a_line_of_days_says_on_which():
    days = time_range("2026-01-28T12:00:00Z/2026-01-31T14:00:00Z")
    assert history(days, None, [event(30)])["marks"][0]["words"] == "01-31 12:30:00 · orders · change 30"
