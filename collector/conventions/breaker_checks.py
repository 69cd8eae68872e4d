"""Breakers inside health reports: Spring Boot's component `circuitBreakers`, which resilience4j fills.

Each detail says what a metric of resilience4j says, and is read as that metric. Source: resilience4j-spring-boot3
CircuitBreakersHealthIndicator.java.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

FORMAT, COMPONENT = "actuator", "circuitBreakers"
_CHECK = re.compile(rf"(?:.*/)?{COMPONENT}/(?P<name>.+)")
_PREFIX = "resilience4j_circuitbreaker_"
_NUMBERS = {
    "failureRate": "failure_rate",
    "slowCallRate": "slow_call_rate",
    "failureRateThreshold": "failure_rate_threshold",
    "slowCallRateThreshold": "slow_call_rate_threshold",
    "notPermittedCalls": "not_permitted_calls",
}
_STATES = {"UP": "closed", "DOWN": "open", "CIRCUIT_OPEN": "open", "CIRCUIT_HALF_OPEN": "half_open"}
"""What the component's status says where its details are hidden."""


class Told(NamedTuple):
    """A point of a metric."""

    metric: str
    attributes: dict[str, str]
    value: float


def told_by(check: Mapping[str, Any]) -> Iterator[Told]:
    """What a check of a report tells of breakers; nothing if it is of something else. They are checks of their own, or in the
    details of the component."""
    name, details = str(check.get("name")), check.get("details") or {}
    if name.rsplit("/", 1)[-1] == COMPONENT:
        for member, inner in details.items():
            if isinstance(inner, dict) and "status" in inner:
                yield from told_by({**inner, "name": f"{COMPONENT}/{member}", "raw_status": inner["status"]})
        return
    match = _CHECK.fullmatch(name)
    if match is None:
        return
    about = {"name": match["name"]}
    details = details if isinstance(details, dict) else {}
    state = str(details.get("state") or _STATES.get(str(check.get("raw_status")), ""))
    if state:
        yield Told(f"{_PREFIX}state", {**about, "state": state}, 1.0)
    for detail, metric in _NUMBERS.items():
        number = _number(details.get(detail))
        if number is not None:
            yield Told(f"{_PREFIX}{metric}", about, number)


def _number(value: Any) -> float | None:
    """`12.5%`, `12.5` or a number."""
    try:
        return float(str(value).removesuffix("%"))
    except ValueError:
        return None
