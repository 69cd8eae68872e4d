"""Which reports have health judged anew, and which only renew what is known."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from collector.conventions import sql as conventions
from collector.conventions.health import Report
from collector.queries.health_reports import HealthReports, Reporter
from collector.settings import Settings
from collector.store.engine import Store

ORDERS = Reporter("orders", "orders-1")
UP = Report("healthy", "UP", "readiness", "actuator", False, [], "")
DOWN = replace(UP, status="unhealthy", raw_status="DOWN")


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    folder: Path = tmp_path_factory.mktemp("news")
    opened = Store(Settings(store_url=f"chdb://{folder}"), conventions.words())
    yield opened
    opened.close()


def test_what_was_said_before_is_no_news(store: Store) -> None:
    news: list[bool] = []
    reports = HealthReports(store, 60, news.append)
    for report in (UP, UP, DOWN, DOWN, UP):
        reports.record(ORDERS, report)
    assert news == [True, False, True, False, True]
    reports.record(replace(ORDERS, instance="orders-2"), UP)
    reports.record(ORDERS, replace(UP, kind="liveness"))
    assert news[5:] == [True, True]


def test_many_reports_are_news_when_one_of_them_is(store: Store) -> None:
    news: list[bool] = []
    reports = HealthReports(store, 60, news.append)
    others = [(Reporter("stock", str(number)), UP) for number in range(3)]
    for told in (others, others, [*others, (ORDERS, UP)], [(ORDERS, UP), *others]):
        reports.record_all(told)
    assert news == [True, False, True, False]


def test_a_report_that_comes_after_the_last_one_expired_is_news(store: Store) -> None:
    news: list[bool] = []
    reports = HealthReports(store, 0, news.append)
    for _ in range(2):
        reports.record(ORDERS, UP, interval_s=1e-6)
    assert news == [True, True]


def test_a_report_that_could_not_be_kept_is_news_when_it_is_sent_again(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    news: list[bool] = []
    reports = HealthReports(store, 60, news.append)

    def full(*_: Any) -> None:
        raise OSError("no space left on device")

    with monkeypatch.context() as broken:
        broken.setattr(store, "insert_rows", full)
        with pytest.raises(OSError, match="no space"):
            reports.record(ORDERS, DOWN)
    reports.record(ORDERS, DOWN)
    assert news == [True]
