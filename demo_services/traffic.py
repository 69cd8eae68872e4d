"""Shoppers: a light, steady load on the gateway, reported as a service of its own named `shopper`.

A journey is what one shopper does: look at the products, perhaps order one, perhaps look at that order.
"""

import argparse
import logging
import math
import random
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

from demo_services.catalogue import GATEWAY, SHOPPER
from demo_services.common.errors import PeerUnavailable
from demo_services.common.logs import OncePer
from demo_services.common.peers import Peer
from demo_services.common.process import end_with_supervisor, exit_on_signal
from demo_services.common.settings import ServiceSettings
from demo_services.common.telemetry import telemetry

_log = logging.getLogger(__name__)
_ORDERING_SHARE = 0.6  # of journeys
_LOOKING_BACK_SHARE = 0.7  # of orders
_THINKING_S = (0.1, 0.6)
_JOURNEY_S = 2.0  # no journey takes longer while the shop is well

Wait = Callable[[float], bool]  # waits so many seconds; true, and at once, when it is time to stop


class Shopper:
    """One simulated person. Two with the same seed choose alike, given the same products."""

    def __init__(self, gateway: Peer, seed: str, wait: Wait) -> None:
        self._gateway = gateway
        self._random = random.Random(seed)
        self._wait = wait

    def shop(self, journeys_per_s: float) -> None:
        """Goes shopping again and again, at random moments of that mean rate, until told to stop."""
        start_s = time.monotonic()
        while not self._wait(max(0.0, start_s - time.monotonic())):
            start_s = max(start_s, time.monotonic()) + self._random.expovariate(journeys_per_s)
            try:
                self._journey()
            except PeerUnavailable as error:
                _log.warning("%s", error)

    def _journey(self) -> None:
        answer = self._gateway.get("/products")
        if not answer.ok or self._random.random() >= _ORDERING_SHARE or self._thinks():
            return
        answer = self._gateway.post("/orders", self.choose(answer.json()))
        if not answer.ok or self._random.random() >= _LOOKING_BACK_SHARE or self._thinks():
            return
        self._gateway.get("/orders/{order_id}", order_id=answer.json()["id"])

    def _thinks(self) -> bool:
        return self._wait(self._random.uniform(*_THINKING_S))

    def choose(self, products: list[dict[str, Any]]) -> dict[str, Any]:
        """An order for one of the products, by preference one near the top of the list."""
        preferences = [1 / (position + 1) for position in range(len(products))]
        product = self._random.choices(products, preferences)[0]
        return {"sku": product["sku"], "quantity": self._random.randint(1, 3)}


def main(argv: list[str] | None = None) -> int:
    """Shops until SIGINT or SIGTERM."""
    settings = ServiceSettings()
    arguments = _parse(argv, settings)
    exit_on_signal()
    if settings.supervised:
        end_with_supervisor()
    with telemetry(SHOPPER, settings):
        _log.addFilter(OncePer(10.0))
        _send_shoppers(Peer(GATEWAY, arguments.gateway, timeout_s=10.0), arguments)
    return 0


def _parse(argv: list[str] | None, settings: ServiceSettings) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="demo_services.traffic", description="Send shoppers to the demo shop.")
    parser.add_argument("--rate", type=_positive(float), default=5.0, help="journeys per second, of all users together")
    parser.add_argument("--users", type=_positive(int), help="shoppers at a time (default: as the rate needs)")
    parser.add_argument("--seed", type=int, default=1, help="the same seed makes the same choices")
    parser.add_argument("--gateway", metavar="URL", default=settings.gateway_url, help="default: %(default)s")
    return parser.parse_args(argv)


def _positive(number: type[int] | type[float]) -> Callable[[str], float]:
    def parse(text: str) -> float:
        value = number(text)
        if not 0 < value < math.inf:
            raise argparse.ArgumentTypeError(f"a number above 0 expected, got {text}")
        return value

    return parse


def _send_shoppers(gateway: Peer, arguments: argparse.Namespace) -> None:
    """Returns only by SystemExit, once every shopper has stopped or a second has passed."""
    users = arguments.users or math.ceil(arguments.rate * _JOURNEY_S)
    print(f"{arguments.rate:g} journeys/s by {users} shoppers at {gateway.base_url}", flush=True)
    stop = threading.Event()
    threads = [
        threading.Thread(
            target=Shopper(gateway, f"{arguments.seed}/{number}", stop.wait).shop,
            args=(arguments.rate / users,),
            daemon=True,
        )
        for number in range(users)
    ]
    for thread in threads:
        thread.start()
    try:
        threading.Event().wait()
    finally:
        stop.set()
        deadline_s = time.monotonic() + 1.0
        for thread in threads:
            thread.join(max(0.0, deadline_s - time.monotonic()))


if __name__ == "__main__":
    sys.exit(main())
