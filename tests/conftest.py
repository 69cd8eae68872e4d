"""Fixtures for every room: a real collector, ways to send to it, and a browser."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from running_collector import RunningCollector, running_collector

_BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
"""The first opens a page in a quarter of the time that those with windows take."""
_CHROMIUM_ARGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

# A change is judged by the same examples everywhere; HYPOTHESIS_PROFILE="new examples" looks for others.
settings.register_profile("same examples", derandomize=True, deadline=None)
settings.register_profile("new examples", deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same examples"))

_LONGEST = ("demo_services", "dashboard", "faults")
_MOST_WORKERS = 8  # each may run a collector, a browser and a shop


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that last long begin first, so that workers end at about the same time. Within a file the order stays."""
    items.sort(key=lambda item: item.path.parent.name not in _LONGEST)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """For `-n auto`: one more than there are processors, because many tests wait for something."""
    return min(_MOST_WORKERS, (os.cpu_count() or 1) + 1)


ONE_AT_A_TIME = {"commit_linger_ms": "20"}
"""Requests of most tests come alone and need not wait for company. A shop's do not: they would be 25 commits a second."""


@pytest.fixture(scope="module")
def collector(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningCollector]:
    """A collector with an empty store, shared by the tests of a module; use service names of your own.

    Nothing that falls silent becomes stale while the tests run, however slow the machine is.
    """
    folder: Path = tmp_path_factory.mktemp("collector")
    with running_collector(folder, breakers_stale_min_s="600", health_expires_min_s="600", **ONE_AT_A_TIME) as running:
        yield running


@pytest.fixture
def fresh_collector(tmp_path: Path) -> Iterator[RunningCollector]:
    """A collector with an empty store for one test."""
    with running_collector(tmp_path, **ONE_AT_A_TIME) as running:
        yield running


@pytest.fixture
def collector_url(fresh_collector: RunningCollector) -> str:
    return fresh_collector.api


@pytest.fixture
def send_traces(fresh_collector: RunningCollector) -> Callable[[ExportTraceServiceRequest], None]:
    return fresh_collector.send


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """A browser for the tests of a module."""
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        chromium = next(filter(None, map(shutil.which, _BROWSERS)), playwright.chromium.executable_path)
        if not Path(chromium).exists():
            missing = f"no {' or '.join(_BROWSERS)} on this machine, and none that `make browser` got"
            (pytest.fail if os.environ.get("CI") else pytest.skip)(missing)
        opened = playwright.chromium.launch(executable_path=chromium, args=_CHROMIUM_ARGS)
        yield opened
        opened.close()
