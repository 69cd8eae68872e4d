"""Health that arrives as metrics, one table entry each: which states a metric tells, and what they mean.

Points of one metric, instance and subject (`subject`: attributes that tell apart what it is about) that come together are one
report. Sources: collector httpcheckreceiver documentation.md; .NET Microsoft.Extensions.Diagnostics.HealthChecks; semantic
conventions model/k8s and model/hardware; envoyproxy/envoy cluster_stats (members and health checks of a cluster).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property


@dataclass(frozen=True, eq=False)
class HealthMetric:
    format: str
    metric: str
    """The name; `_` and `.` are the same, and `_total` may follow."""
    label: str = ""
    """The attribute that names the state. Where there is none, `statuses` maps the value."""
    statuses: Mapping[str, str] = field(default_factory=dict)
    reads: str = "set"
    """`set`: the state whose series is above 0; `risen`: the state whose counter rose last; `value`: the number itself."""
    kind: str = "overall"
    service: tuple[str, ...] = ()
    """Attributes, of the point or else the resource, that name the service instead of `service.name`."""
    service_form: str = ""
    """A regular expression whose first group is the service's name in such an attribute."""
    instance: tuple[str, ...] = ("service.instance.id",)
    subject: tuple[str, ...] = ()
    by_url: str = ""
    """The attribute with the URL of the service, which a setting binds to its name."""

    @cached_property
    def regex(self) -> "re.Pattern[str]":
        return re.compile(re.escape(self.metric.replace(".", "_")).replace("_", "[._]") + "(?:[._]total)?")

    def service_of(self, words: Mapping[str, str]) -> str:
        """The service that the attributes of a point and its resource name; empty where they do not."""
        raw = next((words[key] for key in (*self.service, "service.name") if words.get(key)), "")
        match = re.search(self.service_form, raw) if self.service_form else None
        return match[1] if match else raw


_CLUSTER = ("envoy.cluster_name", "envoy_cluster_name", "cluster_name")
_SOME = {"0": "unhealthy", "*": "healthy"}
_NONE = {"0": "healthy", "*": "degraded"}
_WORKLOAD = ("k8s.deployment.name", "k8s.statefulset.name", "k8s.daemonset.name", "k8s.job.name")

HEALTH_METRICS = (
    HealthMetric(
        "httpcheck",
        "httpcheck.status",
        "http.status_class",
        {"2xx": "healthy", "3xx": "healthy", "4xx": "unhealthy", "5xx": "unhealthy"},
        by_url="http.url",
    ),
    HealthMetric("httpcheck", "httpcheck.error", "error.message", {"*": "unhealthy"}, by_url="http.url"),
    HealthMetric(
        "aspnet",
        "dotnet.health_check.reports",
        "dotnet.health_check.status",
        {"healthy": "healthy", "degraded": "degraded", "unhealthy": "unhealthy"},
        reads="risen",
    ),
    HealthMetric(
        "kubernetes",
        "k8s.container.ready",
        statuses={"1": "healthy", "0": "unhealthy"},
        reads="value",
        kind="readiness",
        service=("service.name", *_WORKLOAD),
        instance=("service.instance.id", "k8s.pod.name"),
        subject=("k8s.container.name",),
    ),
    HealthMetric(
        "kubernetes",
        "k8s.pod.status.phase",
        "k8s.pod.status.phase",
        {
            "running": "healthy",
            "succeeded": "healthy",
            "failed": "unhealthy",
            "pending": "unknown",
            "unknown": "unknown",
        },
        kind="liveness",
        service=("service.name", *_WORKLOAD),
        instance=("service.instance.id", "k8s.pod.name"),
    ),
    HealthMetric(
        "hardware",
        "hw.status",
        "hw.state",
        {"ok": "healthy", "degraded": "degraded", "failed": "unhealthy", "predicted_failure": "degraded"},
        subject=("hw.id", "hw.name"),
    ),
    *(
        HealthMetric(
            "envoy",
            f"{prefix}cluster.{metric}",
            statuses=statuses,
            reads="value",
            service=_CLUSTER,
            service_form=r"^(?:outbound\|[0-9]+\|[^|]*\|)?([^.|]+)",
            instance=(),
            subject=("service.name",),
        )
        for prefix in ("", "envoy.")
        for metric, statuses in (
            ("membership_healthy", _SOME),
            ("membership_degraded", _NONE),
            ("health_check.healthy", _SOME),
        )
    ),
)


def health_metric(name: str) -> HealthMetric | None:
    return next((one for one in HEALTH_METRICS if one.regex.fullmatch(name.lower())), None)


def metric_pattern() -> str:
    """A regular expression for the engine's `match` over the lower-case name."""
    return f"^(?:{'|'.join(one.regex.pattern for one in HEALTH_METRICS)})$"


def meaning(metric: HealthMetric, raw: str) -> str:
    return metric.statuses.get(raw.lower(), metric.statuses.get("*", "unknown"))
