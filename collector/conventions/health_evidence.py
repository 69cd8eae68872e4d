"""What the rules of `health_rules.py` look at: of one instance, and of a whole service."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Said:
    """A report that is in force, or was: of one kind and source."""

    status: str
    raw_status: str
    kind: str
    source: str
    """pull, push, otlp or registry."""
    age_s: float
    is_expired: bool
    is_maintenance: bool = False
    failed_checks: tuple[str, ...] = ()
    output: str = ""


@dataclass(frozen=True, slots=True)
class Red:
    """Calls of some minutes, and the same of the hour before."""

    calls: int = 0
    errors: int = 0
    rejected: int = 0
    p95_ms: float | None = None
    usual_calls: int = 0
    usual_errors: int = 0
    usual_p95_ms: float | None = None

    @property
    def error_share(self) -> float:
        return self.errors / self.calls if self.calls else 0.0

    @property
    def usual_share(self) -> float:
        return self.usual_errors / self.usual_calls if self.usual_calls else 0.0


@dataclass(frozen=True, slots=True)
class InstanceFacts:
    said: tuple[Said, ...] = ()
    """The best source of each kind first: pull, push, orchestrator."""
    silent_s: float | None = None
    """Since its last telemetry; None when it never sent any."""

    def fresh(self, *kinds: str) -> tuple[Said, ...]:
        return tuple(one for one in self.said if not one.is_expired and (not kinds or one.kind in kinds))


@dataclass(frozen=True, slots=True)
class ServiceFacts:
    instances: tuple[str, ...] = ()
    """Statuses of the instances, without those in maintenance."""
    in_maintenance: int = 0
    red: Red = field(default_factory=Red)
    says_healthy: bool = False
    """A fresh report says so."""
    open_breakers: tuple[str, ...] = ()
    """`name (2 of 5 open)` of its own breakers."""
    refused_by: tuple[str, ...] = ()
    """Services whose breakers refuse calls to it."""
