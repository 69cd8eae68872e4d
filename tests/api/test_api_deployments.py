"""Deployments among the events: one for each change of a service's version, none for restarts and further instances."""

from datetime import datetime

import pytest
from api_answers import MINUTE_NS, minutes_ago
from otlp_requests import Span, request
from running_collector import RunningCollector

SECOND_NS = 10**9
Seen = tuple[int, str, str]
"""At so many seconds, this version, on this instance."""

ROLLED_OUT: list[Seen] = [(0, "1", "a"), (0, "1", "b"), (65, "2", "a"), (70, "1", "b"), (75, "2", "b"), (90, "2", "a")]


def ran(collector: RunningCollector, service: str, start_ns: int, seen: list[Seen], environment: str = "") -> None:
    """One export, in which each process says what it is."""
    messages = []
    for second, version, instance in seen:
        said = {"service.version": version, "service.instance.id": instance, "deployment.environment": environment}
        span = Span(service, f"{second} {instance}", trace=service, start_ns=start_ns + second * SECOND_NS)
        messages.append(request([span], {name: value for name, value in said.items() if value}))
    collector.send(*messages)


def deployments(
    collector: RunningCollector, service: str, start_ns: int, from_s: int = 0
) -> list[tuple[int, str, str]]:
    """(second, title, detail), the earliest first, of the half hour from `from_s` on."""
    from_ns = start_ns + from_s * SECOND_NS
    window = {"start": str(from_ns), "end": str(from_ns + 30 * MINUTE_NS)}
    found = reversed(collector.get("/events", kinds="deployment", **window)["events"])
    return [
        (round(datetime.fromisoformat(event["at"]).timestamp() - start_ns / SECOND_NS), event["title"], event["detail"])
        for event in found
        if event["service"] == service
    ]


@pytest.mark.parametrize(
    ("service", "seen", "told"),
    [
        ("first", [(0, "1", "a"), (5, "1", "b"), (200, "1", "a")], []),
        ("rolled", ROLLED_OUT, [(65, "rolled 1 → 2", "")]),
        ("restarted", [*ROLLED_OUT, (400, "2", "a"), (1200, "2", "c")], [(65, "restarted 1 → 2", "")]),
        (
            "back",
            [*ROLLED_OUT, (100, "1", "a"), (110, "2", "b"), (120, "1", "b")],
            [(65, "back 1 → 2", ""), (100, "back 2 → 1", "1 ran before")],
        ),
        (
            "within-a-minute",
            [
                (0, "1", "a"),
                (60, "1", "a"),
                (75, "2", "a"),
                (90, "2", "a"),
                (95, "1", "a"),
                (119, "1", "a"),
                (121, "1", "a"),
            ],
            [(75, "within-a-minute 1 → 2", ""), (90, "within-a-minute 2 → 1", "1 ran before")],
        ),
        (
            "again",  # 1 comes back, and then 2
            [(0, "1", "a"), (70, "2", "a"), (130, "1", "a"), (190, "2", "a")],
            [
                (70, "again 1 → 2", ""),
                (130, "again 2 → 1", "1 ran before"),
                (190, "again 1 → 2", "2 ran before"),
            ],
        ),
        (
            "new-names",  # as pods have
            [(0, "1", "a"), (60, "1", "a"), (65, "2", "b"), (300, "2", "b"), (310, "1", "c"), (320, "2", "b")],
            [(65, "new-names 1 → 2", ""), (310, "new-names 2 → 1", "1 ran before")],
        ),
        (
            "more-of-the-old",  # while both run
            [(0, "1", "a"), (60, "2", "b"), (100, "1", "a"), (110, "1", "c"), (115, "2", "b")],
            [(60, "more-of-the-old 1 → 2", "")],
        ),
        (
            "rarely-asked",  # both run for long
            [(0, "1", "a"), (60, "2", "b"), (400, "1", "a"), (700, "2", "b"), (1000, "1", "a")],
            [(60, "rarely-asked 1 → 2", "")],
        ),
        (
            "nameless",
            [(0, "1", ""), (60, "2", ""), (90, "1", ""), (120, "2", ""), (800, "1", "")],
            [(60, "nameless 1 → 2", ""), (800, "nameless 2 → 1", "1 ran before")],
        ),
        ("versionless", [(0, "", "a"), (60, "1", "a"), (120, "", "a"), (180, "1", "a")], []),
    ],
)
def test_a_change_of_version_is_told_once(
    collector: RunningCollector, service: str, seen: list[Seen], told: list[tuple[int, str, str]]
) -> None:
    start_ns = minutes_ago(40)
    ran(collector, service, start_ns, seen)
    assert deployments(collector, service, start_ns) == told


def test_environments_deploy_on_their_own(collector: RunningCollector) -> None:
    start_ns = minutes_ago(40)
    ran(collector, "shared", start_ns, [(0, "1", "a"), (60, "2", "a")], "staging")
    ran(collector, "shared", start_ns, [(10, "1", "b"), (600, "2", "b")], "production")
    assert deployments(collector, "shared", start_ns) == [
        (60, "shared 1 → 2", "in staging"),
        (600, "shared 1 → 2", "in production"),
    ]


def test_what_came_before_the_window_counts(collector: RunningCollector) -> None:
    """Two hours earlier 1 was deployed after 0."""
    start_ns = minutes_ago(200)
    ran(collector, "long-ago", start_ns, [(0, "0", "a"), (60, "1", "a")])
    later_s = 7200
    ran(collector, "long-ago", start_ns, [(later_s, "1", "b"), (later_s + 60, "2", "c"), (later_s + 900, "0", "d")])
    assert deployments(collector, "long-ago", start_ns, later_s - 60) == [
        (later_s + 60, "long-ago 1 → 2", ""),
        (later_s + 900, "long-ago 2 → 0", "0 ran before"),
    ]
