"""Shoppers: a load on the gateway, steady or in waves, reported as a service of its own named `shopper`."""

import argparse
import logging
import math
import random
import sys
import threading
import time
from collections.abc import Callable

from demo_services.common.errors import ShopError
from demo_services.common.logs import OncePer
from demo_services.common.process import end_with_supervisor, exit_on_signal
from demo_services.common.settings import ServiceSettings
from demo_services.common.telemetry import telemetry
from demo_services.journeys import Gateway, Shopper, Wait
from demo_services.services import SERVICES, SHOPPER

_log = logging.getLogger(__name__)
_JOURNEY_S = 3.0  # few journeys take longer while the shop is well
_MOST_USERS = 500
_TOURS = 3  # at most, until one of the first shopper's succeeds
_AGAIN_S = 0.5


class Pace:
    """When the next journey of one shopper begins: at random moments of a mean rate, which may swing in waves."""

    def __init__(self, journeys_per_s: float, wave_s: float, seed: str) -> None:
        self._rate = journeys_per_s
        self._wave_s = wave_s
        self._random = random.Random(seed)

    def pause_s(self, at_s: float) -> float:
        """From `at_s` on. In waves the rate swings between a fifth of the mean and nine fifths."""
        rate = self._rate
        if self._wave_s:
            rate *= 1 + 0.8 * math.sin(2 * math.pi * at_s / self._wave_s)
        return self._random.expovariate(rate)


def keep_shopping(shopper: Shopper, pace: Pace, wait: Wait, first: bool = False) -> None:
    """Until told to stop; a shop that fails is a pity, not an end. The first shopper looks around before."""
    tours = _TOURS if first else 0
    while tours and not _try(shopper.look_around) and not wait(_AGAIN_S):
        tours -= 1
    start_s = time.monotonic() + pace.pause_s(0.0)
    while not wait(max(0.0, start_s - time.monotonic())):
        start_s = max(start_s, time.monotonic()) + pace.pause_s(start_s)
        _try(shopper.go)


def _try(journey: Callable[[], object]) -> bool:
    try:
        journey()
    except ShopError as error:
        _log.warning("%s", error)
        return False
    return True


def main(argv: list[str] | None = None) -> int:
    """Shops until SIGINT or SIGTERM."""
    settings = ServiceSettings()
    arguments = _parse(argv)
    exit_on_signal()
    if settings.supervised:
        end_with_supervisor()
    with telemetry(SHOPPER, settings.model_copy(update={"instance": settings.instance or f"{SHOPPER}-1"})):
        _log.addFilter(OncePer(10.0))
        _send_shoppers(arguments)
    return 0


def _parse(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="spanscape traffic", description="Send shoppers to the demo shop.")
    parser.add_argument("--rate", type=_positive(float), default=5.0, help="journeys per second, of all users together")
    parser.add_argument("--users", type=_positive(int), help="shoppers at a time (default: as the rate needs)")
    parser.add_argument("--seed", type=int, default=1, help="the same seed makes the same choices")
    parser.add_argument(
        "--waves", type=_positive(float), metavar="SECONDS", help="let the rate swing, that long a wave"
    )
    parser.add_argument(
        "--gateway", metavar="URL", default=SERVICES["gateway"].default_url, help="default: %(default)s"
    )
    arguments = parser.parse_args(argv)
    arguments.users = arguments.users or math.ceil(arguments.rate * _JOURNEY_S)
    if arguments.users > _MOST_USERS:
        parser.error(f"--users: at most {_MOST_USERS} expected")
    return arguments


def _positive(number: type[int] | type[float]) -> Callable[[str], float]:
    def parse(text: str) -> float:
        value = number(text)
        if not 0 < value < math.inf:
            raise argparse.ArgumentTypeError(f"a number above 0 expected, got {text}")
        return value

    return parse


def _send_shoppers(arguments: argparse.Namespace) -> None:
    """Returns only by SystemExit, once every shopper has stopped or a second has passed."""
    users: int = arguments.users
    print(f"{arguments.rate:g} journeys/s by {users} shoppers at {arguments.gateway}", flush=True)
    stop = threading.Event()
    gateway = Gateway(arguments.gateway, users)
    threads = []
    for number in range(users):
        seed = f"{arguments.seed}/{number}"
        shopper = Shopper(gateway, seed, stop.wait)
        pace = Pace(arguments.rate / users, arguments.waves or 0.0, seed)
        threads.append(
            threading.Thread(target=keep_shopping, args=(shopper, pace, stop.wait, number == 0), daemon=True)
        )
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
