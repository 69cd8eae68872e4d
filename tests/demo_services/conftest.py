"""A running shop that reports to a backend of the tests' own, for the tests of one file."""

from collections.abc import Iterator

import pytest
from customer import Customer
from otlp_sink import Sink, otlp_sink
from running_shop import CALM, RunningShop, running_shop

QUICK = {
    "breaker_open_s": "1",
    "breaker_window_s": "5",
    "metrics_interval_s": "1",
    "saga_lease_s": "2",
    "saga_stuck_s": "1",
    "redelivery_s": "0.3",
    "lease_s": "3",
    "heartbeat_s": "0.5",
    "rate_limit_burst": "60",
    "timeout_s": "20",
    "breaker_slow_call_s": "20",
}
"""Quick where something is waited for; patient where a busy machine would look like a service that is slow."""


@pytest.fixture(scope="module")
def sink() -> Iterator[Sink]:
    with otlp_sink() as sink:
        yield sink


@pytest.fixture(scope="module")
def shop(sink: Sink, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningShop]:
    """Without traffic and without chance, so that every span belongs to a test."""
    folder = tmp_path_factory.mktemp("shop")
    with running_shop(sink.url, folder, "--traffic-rate", "0", **CALM, **QUICK) as shop:
        yield shop


@pytest.fixture(scope="module")
def ada(shop: RunningShop) -> Customer:
    return Customer(shop.gateway)
