"""What the operator says that telemetry does not: whom breakers guard, what a bare number means, name prefixes, and which
service a checked URL belongs to.
"""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from collector.conventions.breakers import STATES, Dialect, Fact, Metric

_SHAPE = (
    'expected {"targets": [{"service", "name", "target"}], "gauges": [{"metric", "states"}], "prefixes": [""], '
    '"urls": [{"url", "service"}]}'
)


@dataclass(frozen=True)
class BreakerMapping:
    targets: tuple[tuple[str, str, str], ...] = ()
    """(service, name, target); an empty service or name is any."""
    dialects: tuple[Dialect, ...] = ()
    prefixes: tuple[str, ...] = ()
    urls: tuple[tuple[str, str], ...] = ()
    """(beginning of a URL, service), for health that is told of URLs."""

    def target(self, service: str, name: str) -> str:
        """'' where the operator did not say."""
        return next((t for s, n, t in self.targets if s in ("", service) and n in ("", name)), "")

    def service_of_url(self, url: str) -> str:
        """What is configured for the longest beginning, else the host's name; '' for no URL."""
        found = max((one for one in self.urls if url.startswith(one[0])), key=lambda one: len(one[0]), default=None)
        return found[1] if found else urlsplit(url).hostname or ""


def read_mapping(document: Any) -> BreakerMapping:
    """From the JSON of `SPANSCAPE_BREAKERS_FILE`. Raises ValueError that says what was expected."""
    if not isinstance(document, dict) or document.keys() - {"targets", "gauges", "prefixes", "urls"}:
        raise ValueError(_SHAPE)
    try:
        targets = tuple(
            (one.get("service", ""), one.get("name", ""), one["target"]) for one in document.get("targets", [])
        )
        dialects = tuple(_gauge(one) for one in document.get("gauges", []))
        prefixes = tuple(str(prefix).lower() for prefix in document.get("prefixes", []))
        urls = tuple((str(one["url"]), str(one["service"])) for one in document.get("urls", []))
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError(f"{_SHAPE}: {error}") from error
    return BreakerMapping(targets, dialects, prefixes, urls)


def _gauge(one: dict[str, Any]) -> Dialect:
    states = {str(number): state for number, state in one["states"].items()}
    if wrong := sorted(set(states.values()) - set(STATES)):
        raise ValueError(f"gauges: {one['metric']}: states are {', '.join(STATES)}, got {', '.join(wrong)}")
    metric = re.escape(one["metric"].lower()).replace(r"\.", "_")
    names = tuple(one.get("name", ("circuit_breaker.name", "name", "circuit", "breaker")))
    return Dialect(
        one.get("source", "configured"),
        "SPANSCAPE_BREAKERS_FILE",
        name=names,
        metrics=(Metric(metric, Fact.STATE_NUMBER, values=states),),
    )
