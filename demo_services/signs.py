"""What a scenario can promise to make visible. `scenario_signs.py` looks for them."""

from dataclasses import dataclass
from typing import Literal

Count = Literal["calls", "errors", "rejected"]
BreakerState = Literal["open", "half_open", "closed"]
HealthStatus = Literal["healthy", "degraded", "unhealthy"]


@dataclass(frozen=True)
class BreakerBecomes:
    service: str
    target: str
    state: BreakerState


@dataclass(frozen=True)
class EdgeCounts:
    """So many more on an edge of the map; ends are node ids."""

    source: str
    target: str
    what: Count
    at_least: int = 1


@dataclass(frozen=True)
class ServiceCounts:
    service: str
    what: Count
    at_least: int = 1


@dataclass(frozen=True)
class HealthBecomes:
    """Any of these statuses, of the service or of one instance."""

    service: str
    statuses: tuple[HealthStatus, ...]
    instance: str = ""


@dataclass(frozen=True)
class TracesMatch:
    """So many traces that a filter finds."""

    query: str
    at_least: int = 1


@dataclass(frozen=True)
class TraceBeginsIn:
    """A trace whose first span is this service's, where a caller's should be."""

    service: str
    operation: str


@dataclass(frozen=True)
class Deployed:
    """A change of a service's version among the events."""

    service: str
    earlier: str
    version: str


@dataclass(frozen=True)
class StartsBeforeItsCaller:
    """A call that seems to be answered before it was made."""

    service: str
    by_s: float


Sign = (
    BreakerBecomes
    | EdgeCounts
    | ServiceCounts
    | HealthBecomes
    | TracesMatch
    | TraceBeginsIn
    | Deployed
    | StartsBeforeItsCaller
)
