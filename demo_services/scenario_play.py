"""Plays a scenario: customers, faults at their moments, and a look now and then at what has become visible."""

import itertools
import math
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

import requests
import tenacity

from demo_services.common.errors import ShopError
from demo_services.fault_command import FaultClient, FaultNotInjected, NoInstance
from demo_services.journeys import Gateway
from demo_services.scenario_signs import CollectorView
from demo_services.scenarios import Injection, Load, Promise, Scenario

_LOOK_EVERY_S = 0.5
_HANDS_PER_ORDER = 3.0  # orders may take so many seconds while things are bad
_MOST_HANDS = 40
_REST_S = 20.0  # between two rounds of faults: breakers close again, and what was held back is done
_REGISTERED_S = 10.0  # an instance that is not registered at the beginning may have lost its lease for a moment
_SKUS = ("mug-blue", "pen-ink", "socks-wool", "bag-tote", "bottle-steel", "notebook-a5")
_PASSWORD = "correct horse battery"


@dataclass(frozen=True)
class Outcome:
    """Of one promise. `seen` says what was there, `after_s` when; `seen` is "" for a promise that was not kept."""

    promise: Promise
    seen: str
    after_s: float


class Customers:
    """Send a load until told to stop. What the shop answers is for the collector to tell."""

    def __init__(self, gateway: str, load: Load, stop: threading.Event) -> None:
        self._gateway = Gateway(gateway, _MOST_HANDS)
        self._load = load
        self._stop = stop
        self._skus = itertools.cycle(_SKUS)
        self._threads: list[threading.Thread] = []

    def start(self) -> None:
        self._hire(self._load.orders_per_s, _HANDS_PER_ORDER, self._buy)
        self._hire(self._load.views_per_s, 1.0, self._view)
        self._hire(self._load.pestering_per_s, 0.05, self._look_at_self, together=True)

    def join(self) -> None:
        for thread in self._threads:
            thread.join(15)

    def _hire(self, per_s: float, hands_per_s: float, act: Callable[[str], None], together: bool = False) -> None:
        """So many hands share the rate; each is a customer of its own, or all are one."""
        hands = min(_MOST_HANDS, math.ceil(per_s * hands_per_s))
        shared = self._sign_up() if together and hands else ""
        for _ in range(hands):
            pause_s = hands / per_s
            thread = threading.Thread(target=self._repeat, args=(act, pause_s, shared), daemon=True)
            thread.start()
            self._threads.append(thread)

    def _repeat(self, act: Callable[[str], None], pause_s: float, token: str) -> None:
        next_s = time.monotonic()
        while not self._stop.wait(max(0.0, next_s - time.monotonic())):
            next_s = max(next_s, time.monotonic() - pause_s) + pause_s
            try:
                token = token or self._sign_up()
                act(token)
            except ShopError:
                continue

    def _sign_up(self) -> str:
        account = {"email": f"visitor-{uuid.uuid4().hex[:12]}@example.org", "password": _PASSWORD}
        self._gateway.ask("POST", "/v1/users", body={**account, "name": "A. Visitor"})
        answer: Any = self._gateway.ask("POST", "/v1/login", body=account)
        return str(answer["token"]) if answer else ""

    def _buy(self, token: str) -> None:
        self._gateway.ask("POST", "/v1/orders", token, {"sku": next(self._skus), "quantity": 1})

    def _view(self, token: str) -> None:
        self._gateway.ask("GET", "/v2/products/{sku}", token, sku=next(self._skus))
        self._look_at_self(token)

    def _look_at_self(self, token: str) -> None:
        self._gateway.ask("GET", "/v1/users/me", token)


def play(
    scenario: Scenario,
    gateway: str,
    faults: FaultClient,
    collector: str,
    pace: float = 1.0,
    patience: float = 1.0,
    tell: Callable[[Outcome], None] = lambda _outcome: None,
) -> list[Outcome]:
    """What became of each promise, in the table's order.

    `pace` below 1 shortens the faults, for quick shops; `patience` above 1 stretches the time for each promise, for slow
    machines. Ends when every promise is kept or its time is over: until then the faults come again, after a rest in which
    the shop can recover. Faults still on are reverted. Raises FaultNotInjected.
    """
    view = CollectorView(collector, time.time_ns())
    started_s = time.monotonic()
    outcomes: dict[Promise, Outcome] = {}
    with _load(gateway, scenario.load), _injected(scenario, faults, pace):
        while len(outcomes) < len(scenario.promises):
            after_s = time.monotonic() - started_s
            for promise in scenario.promises:
                if promise in outcomes:
                    continue
                seen = _look(view, promise)
                if seen or after_s > promise.within_s * patience:
                    outcomes[promise] = Outcome(promise, seen, after_s)
                    tell(outcomes[promise])
            time.sleep(_LOOK_EVERY_S)
    return [outcomes[promise] for promise in scenario.promises]


def _look(view: CollectorView, promise: Promise) -> str:
    try:
        return view.find(promise.sign)
    except requests.RequestException:
        return ""


@contextmanager
def _load(gateway: str, load: Load) -> Iterator[None]:
    stop = threading.Event()
    customers = Customers(gateway, load, stop)
    customers.start()
    try:
        yield
    finally:
        stop.set()
        customers.join()


_once_registered = tenacity.Retrying(
    retry=tenacity.retry_if_exception_type(NoInstance),
    stop=tenacity.stop_after_delay(_REGISTERED_S),
    wait=tenacity.wait_fixed(0.2),
    reraise=True,
)


@contextmanager
def _injected(scenario: Scenario, faults: FaultClient, pace: float) -> Iterator[None]:
    """Injects at once what begins at once; the rest, and the next rounds, on a thread."""
    first = [injection for injection in scenario.injections if injection.at_s == 0]
    for injection in first:
        _once_registered(_inject, injection, faults, pace)
    over = threading.Event()
    later = [injection for injection in scenario.injections if injection not in first]
    thread = threading.Thread(target=_inject_in_rounds, args=(scenario, later, faults, pace, over), daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join(10)
        _revert(scenario, faults)


def _inject_in_rounds(
    scenario: Scenario, due: Sequence[Injection], faults: FaultClient, pace: float, over: threading.Event
) -> None:
    """What is `due` of the first round, then after each rest all of it again, until it is `over`."""
    lasts_s = max((injection.at_s + injection.for_s for injection in scenario.injections), default=0) * pace
    while scenario.injections:
        began_s = time.monotonic()
        for injection in sorted(due, key=lambda injection: injection.at_s):
            if over.wait(max(0.0, began_s + injection.at_s * pace - time.monotonic())):
                return
            with suppress(FaultNotInjected):  # what has crashed may not be back yet
                _inject(injection, faults, pace)
        if over.wait(max(0.0, began_s + lasts_s + _REST_S - time.monotonic())):
            return
        due = scenario.injections


def _inject(injection: Injection, faults: FaultClient, pace: float) -> None:
    faults.inject(injection.service, injection.kind, injection.value, injection.for_s * pace, injection.instance)


def _revert(scenario: Scenario, faults: FaultClient) -> None:
    """What has crashed or is down comes back by itself, and cannot be asked."""
    for service in {injection.service for injection in scenario.injections}:
        with suppress(FaultNotInjected):
            faults.revert(service)
