"""`spanscape fault payments latency 2s --for 60s`: injects a fault into a running shop, found through its registry."""

import argparse
import sys
from dataclasses import dataclass
from typing import Any

import requests
import tenacity

from demo_services.common.errors import BadInput
from demo_services.common.faults import KINDS, seconds
from demo_services.services import REGISTRY, SERVICES

_TIMEOUT_S = 5.0
_RESTART_S = 20.0  # an instance that the registry knows but that does not listen is being started anew


class FaultNotInjected(Exception):
    """Why, in one line for the user."""


class NoInstance(FaultNotInjected):
    """None is registered: never, or not now, as it is being started anew or could not renew its lease in time."""


class _NoAnswer(FaultNotInjected):
    """Nobody listens."""


_until_it_listens = tenacity.retry(
    retry=tenacity.retry_if_exception_type(_NoAnswer),
    stop=tenacity.stop_after_delay(_RESTART_S),
    wait=tenacity.wait_fixed(0.2),
    reraise=True,
)


@dataclass(frozen=True)
class Target:
    instance: str
    url: str


class FaultClient:
    """Injects into, and reverts in, the instances that a registry knows."""

    def __init__(self, registry_url: str) -> None:
        self._registry_url = registry_url.rstrip("/")
        self._session = requests.Session()
        self._session.trust_env = False

    def targets(self, service: str, instance: str = "") -> list[Target]:
        """All instances of the service, or the one. Raises NoInstance if there is none."""
        if service == REGISTRY:
            return [Target(REGISTRY, self._registry_url)]
        found = self._ask("GET", f"{self._registry_url}/services/{service}")
        targets = [Target(entry["instance"], entry["url"]) for entry in found]
        targets = [target for target in targets if instance in ("", target.instance)]
        if not targets:
            raise NoInstance(f"{instance or service}: no such instance runs")
        return targets

    def inject(
        self, service: str, kind: str, value: str = "", duration_s: float = 60.0, instance: str = ""
    ) -> list[str]:
        """Returns the instances hit. Raises FaultNotInjected."""
        body = {"kind": kind, "value": value, "duration_s": duration_s}
        targets = self.targets(service, instance)
        for target in targets:
            self._ask_instance("PUT", f"{target.url}/_faults", body)
        return [target.instance for target in targets]

    def revert(self, service: str, instance: str = "") -> list[str]:
        """Ends all faults of the service before their time. Returns its instances."""
        targets = self.targets(service, instance)
        for target in targets:
            self._ask_instance("DELETE", f"{target.url}/_faults")
        return [target.instance for target in targets]

    @_until_it_listens
    def _ask_instance(self, method: str, url: str, body: Any = None) -> Any:
        return self._ask(method, url, body)

    def _ask(self, method: str, url: str, body: Any = None) -> Any:
        try:
            answer = self._session.request(method, url, json=body, timeout=_TIMEOUT_S)
        except requests.RequestException as error:
            raise _NoAnswer(f"{url} does not answer: does the shop run?") from error
        if answer.status_code == 404:
            raise FaultNotInjected(f"{url}: this shop takes no faults")
        if not answer.ok:
            raise FaultNotInjected(str(answer.json().get("detail", answer.reason)))
        return answer.json() if answer.content else None


def main(argv: list[str] | None = None) -> int:
    """0, or 1 with one line on stderr."""
    arguments = _parse(argv)
    client = FaultClient(arguments.registry)
    try:
        if arguments.kind == "revert":
            hit = client.revert(arguments.service, arguments.instance)
            print(f"reverted in {', '.join(hit)}")
            return 0
        hit = client.inject(
            arguments.service, arguments.kind, " ".join(arguments.value), arguments.duration_s, arguments.instance
        )
    except FaultNotInjected as error:
        print(f"spanscape fault: {error}", file=sys.stderr)
        return 1
    print(f"{arguments.kind} in {', '.join(hit)} for {arguments.duration_s:g} s")
    return 0


def _parse(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="spanscape fault", description="Inject a fault into the running demo shop. It reverts by itself."
    )
    parser.add_argument("service", choices=sorted(set(SERVICES) - {"mail"}))
    parser.add_argument("kind", choices=[*KINDS, "revert"])
    parser.add_argument("value", nargs="*", help='like 2s, "uniform 100ms 900ms", 0.3 or 1.1.0, as the kind needs')
    parser.add_argument("--for", dest="duration_s", type=_duration, default=60.0, metavar="TIME", help="default: 60s")
    parser.add_argument("--instance", default="", help="only this one, like users-2")
    parser.add_argument(
        "--registry", metavar="URL", default=SERVICES[REGISTRY].default_url, help="default: %(default)s"
    )
    return parser.parse_args(argv)


def _duration(text: str) -> float:
    try:
        return seconds(text)
    except BadInput as error:
        raise argparse.ArgumentTypeError(str(error)) from error


if __name__ == "__main__":
    sys.exit(main())
