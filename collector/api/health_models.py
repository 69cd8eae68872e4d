"""The shapes of answers about health. See `models`."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from collector.api.breaker_models import InstanceId, MaybeMoment, Moment
from collector.api.models import Health, ServiceName

HealthStatus = Annotated[Health, Field(examples=["degraded"])]
Kind = Literal["overall", "liveness", "readiness", "startup"]
Maintenance = Annotated[bool, Field(description="taken out of service on purpose: no alarm", examples=[False])]
RawStatus = Annotated[str, Field(description="as the service wrote it", examples=["warn"])]
Format = Literal[
    "actuator", "microprofile", "health+json", "aspnet", "grpc", "kubernetes", "consul", "eureka", "httpcheck", "http"
]


class Check(BaseModel):
    name: str = Field(examples=["database:responseTime"])
    kind: Literal["overall", "liveness", "readiness", "startup", "component"] = Field(examples=["component"])
    status: HealthStatus
    raw_status: RawStatus
    details: dict[str, Any] = Field(examples=[{"observedValue": 320, "observedUnit": "ms"}])
    observed_at: MaybeMoment
    duration_ms: float | None = Field(examples=[12.5])
    output: str = Field(examples=["slow"])


class Reason(BaseModel):
    rule: str = Field(description="see docs/health-rules.md", examples=["more_errors_than_usual"])
    status: HealthStatus
    text: str = Field(examples=["12 % of its 400 calls of the last minutes failed, usually 0.5 %."])
    value: float | None = Field(examples=[0.12])
    link: str = Field(
        description="where to see more; may be empty", examples=["/api/v1/traces?service=orders&status=error"]
    )


class InstanceHealth(BaseModel):
    id: InstanceId
    status: HealthStatus
    maintenance: Maintenance
    source: Literal["push", "pull", "otlp", "registry", "inferred"] = Field(examples=["push"])
    observed_at: MaybeMoment
    stale: bool = Field(description="its reports are no longer in force", examples=[False])
    reasons: list[Reason] = Field(description="those that decide first")
    checks: list[Check]


class ServiceHealth(BaseModel):
    name: ServiceName
    namespace: str = Field(examples=["shop"])
    status: HealthStatus
    maintenance: Maintenance
    reasons: list[Reason] = Field(description="those that decide first")
    instances: list[InstanceHealth]


class SystemHealth(BaseModel):
    at: Moment
    services: list[ServiceHealth]


class HealthChange(BaseModel):
    at: Moment
    service: ServiceName
    instance: InstanceId = Field(description="empty for the whole service")
    from_: Health = Field(alias="from", examples=["healthy"])
    to: Health = Field(examples=["degraded"])
    reasons: list[Reason]


class HealthChanges(BaseModel):
    changes: list[HealthChange] = Field(description="newest first")


class Counts(BaseModel):
    healthy: int = Field(examples=[6])
    degraded: int = Field(examples=[1])
    unhealthy: int = Field(examples=[0])
    unknown: int = Field(examples=[0])


class ServiceSummary(BaseModel):
    name: ServiceName
    status: HealthStatus
    text: str = Field(description="the first reason", examples=["1 of 2 instances is unhealthy."])


class HealthSummary(BaseModel):
    status: HealthStatus = Field(description="the worst of the services that are not in maintenance")
    counts: Counts
    services: list[ServiceSummary]


class HealthReport(BaseModel):
    service: ServiceName
    instance: InstanceId = Field(description="empty when not said")
    namespace: str = Field(examples=["shop"])
    status: HealthStatus
    raw_status: RawStatus
    kind: Kind
    format: Format = Field(examples=["health+json"])
    maintenance: Maintenance
    checks: list[Check]
    observed_at: MaybeMoment
    expires_at: MaybeMoment = Field(description="three intervals of its sender later")
