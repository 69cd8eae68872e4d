"""`spanscape scenario slow-provider`: plays a named failure on a running shop and ticks off what becomes visible."""

import argparse
import sys

import requests

from demo_services.fault_command import FaultClient, FaultNotInjected
from demo_services.scenario_play import Outcome, play
from demo_services.scenarios import SCENARIOS
from demo_services.services import GATEWAY, REGISTRY, SERVICES


def main(argv: list[str] | None = None) -> int:
    """0 if every promise was kept, else 1."""
    arguments = _parse(argv)
    if arguments.name is None:
        for scenario in SCENARIOS.values():
            print(f"{scenario.name:<20} {scenario.title}")
        return 0
    scenario = SCENARIOS[arguments.name]
    print(f"{scenario.title}\n{scenario.happens}\n", flush=True)
    try:
        outcomes = play(scenario, arguments.gateway, FaultClient(arguments.registry), arguments.collector, tell=_tell)
    except (FaultNotInjected, requests.RequestException) as error:
        print(f"spanscape scenario: {error}", file=sys.stderr)
        return 1
    return 0 if all(outcome.seen for outcome in outcomes) else 1


def _tell(outcome: Outcome) -> None:
    mark = "kept  " if outcome.seen else "BROKEN"
    seen = outcome.seen or f"not seen within {outcome.promise.within_s:g} s"
    print(f"{mark} {outcome.after_s:5.1f} s  {outcome.promise.says}: {seen}", flush=True)


def _parse(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="spanscape scenario", description="Play a named failure on the running shop.")
    parser.add_argument("name", nargs="?", choices=list(SCENARIOS), metavar="NAME", help="without: lists them")
    parser.add_argument("--gateway", metavar="URL", default=SERVICES[GATEWAY].default_url, help="default: %(default)s")
    parser.add_argument(
        "--registry", metavar="URL", default=SERVICES[REGISTRY].default_url, help="default: %(default)s"
    )
    parser.add_argument("--collector", metavar="URL", default="http://127.0.0.1:4320", help="default: %(default)s")
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
