"""What the operator says of breakers that telemetry does not: whom they guard, what a bare number means, name prefixes."""

import re
from dataclasses import dataclass
from typing import Any

from collector.conventions.breakers import STATES, Dialect, Fact, Metric

_SHAPE = 'expected {"targets": [{"service", "name", "target"}], "gauges": [{"metric", "states"}], "prefixes": [""]}'


@dataclass(frozen=True)
class BreakerMapping:
    targets: tuple[tuple[str, str, str], ...] = ()
    """(service, name, target); an empty service or name is any."""
    dialects: tuple[Dialect, ...] = ()
    prefixes: tuple[str, ...] = ()

    def target(self, service: str, name: str) -> str:
        """'' where the operator did not say."""
        return next((t for s, n, t in self.targets if s in ("", service) and n in ("", name)), "")


def read_mapping(document: Any) -> BreakerMapping:
    """From the JSON of `SPANSCAPE_BREAKERS_FILE`. Raises ValueError that says what was expected."""
    if not isinstance(document, dict) or document.keys() - {"targets", "gauges", "prefixes"}:
        raise ValueError(_SHAPE)
    try:
        targets = tuple(
            (one.get("service", ""), one.get("name", ""), one["target"]) for one in document.get("targets", [])
        )
        dialects = tuple(_gauge(one) for one in document.get("gauges", []))
        prefixes = tuple(str(prefix).lower() for prefix in document.get("prefixes", []))
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError(f"{_SHAPE}: {error}") from error
    return BreakerMapping(targets, dialects, prefixes)


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
