"""Retention drops whole days, the oldest first: by age, and by size but never the newest day."""

import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests
from fault_load import call_request
from otlp_requests import trace_id
from running_collector import RunningCollector, running_collector
from waiting import poll_until

from collector.settings import Settings
from collector.store.retention import Retention

DAY_NS = 86_400 * 10**9


def _send_days(collector: RunningCollector, ages_days: list[int]) -> None:
    """One trace of each age."""
    for age in ages_days:
        start_ns = time.time_ns() - age * DAY_NS
        assert collector.post(call_request(f"{age} days ago", start_ns=start_ns)).status_code == 200


def _ages(collector: RunningCollector) -> list[int]:
    """The ages in days of the traces that can be found, the newest first."""
    now_ns = time.time_ns()
    found = collector.get("/traces", start="-20d", limit=100)["traces"]
    return [round((now_ns - int(trace["start_ns"])) / DAY_NS) for trace in found]


def _is_there(collector: RunningCollector, trace: str) -> bool:
    return requests.get(f"{collector.api}/api/v1/traces/{trace_id(trace).hex()}", timeout=60).status_code == 200


def _calls(collector: RunningCollector) -> int:
    return sum(edge["calls"] for edge in collector.get("/topology", start="-20d")["edges"])


def test_days_older_than_the_limit_are_dropped_with_their_calls(tmp_path: Path) -> None:
    with running_collector(tmp_path, retention_days="3", retention_interval_s="0.3") as collector:
        _send_days(collector, [9, 5, 2, 1, 0])
        poll_until(lambda: _ages(collector) == [0, 1, 2], "the old days to go")
        poll_until(lambda: _calls(collector) == 3, "their calls to go from the map")
        assert collector.post(call_request("new")).status_code == 200


def test_a_spent_disk_budget_leaves_at_least_the_newest_day(tmp_path: Path) -> None:
    limits = {"retention_days": "0", "max_disk_bytes": "1", "retention_interval_s": "0.3"}
    with running_collector(tmp_path, **limits) as collector:
        _send_days(collector, [9, 5, 1, 0, -400])
        poll_until(lambda: _ages(collector) == [0], "all days but the newest to go")
        poll_until(lambda: not _is_there(collector, "-400 days ago"), "a day to come, which is nobody's newest, to go")
        assert _is_there(collector, "0 days ago")


class _Parts:
    """A store with two tables that have the same days, each of 100 bytes a table."""

    clustered = False
    database = "default"

    def __init__(self, *days: str) -> None:
        self._days = days
        self.dropped: list[str] = []

    def query(self, sql: str, parameters: object) -> list[dict[str, object]]:
        return [
            {"table": table, "partition": day, "bytes": 100}
            for day in self._days
            for table in ("otel_traces", "otel_logs")
        ]

    def command(self, sql: str) -> None:
        self.dropped.append(sql)


DAYS = ("2026-03-01", "2026-03-02", "2026-03-03", "2026-03-04", "2027-01-01")
NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("limit_bytes", "gone"),
    [
        (1000, []),
        (999, ["2027-01-01"]),
        (799, ["2026-03-01", "2027-01-01"]),
        (401, ["2026-03-01", "2026-03-02", "2027-01-01"]),
        (1, ["2026-03-01", "2026-03-02", "2026-03-03", "2027-01-01"]),
    ],
)
def test_no_more_days_go_than_the_disk_budget_needs_the_oldest_first(limit_bytes: int, gone: list[str]) -> None:
    parts = _Parts(*DAYS)
    settings = Settings(retention_days=0, max_disk_bytes=limit_bytes)
    assert Retention(parts, settings, now=lambda: NOON).run_once() == gone  # type: ignore[arg-type]
    assert len(parts.dropped) == 2 * len(gone)
    assert all(day in " ".join(parts.dropped) for day in gone)


def test_when_all_data_is_old_the_newest_of_it_stays() -> None:
    parts = _Parts("2020-01-01", "2020-01-02")
    settings = Settings(retention_days=0, max_disk_bytes=1)
    assert Retention(parts, settings, now=lambda: NOON).run_once() == ["2020-01-01"]  # type: ignore[arg-type]
