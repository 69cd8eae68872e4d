"""Health that arrives as metrics, one table entry each: which states a metric tells, and what they mean.

Points of one metric, instance and subject (`subject`: attributes that tell apart what it is about) that come together are one
report. Sources: collector httpcheckreceiver documentation.md; .NET Microsoft.Extensions.Diagnostics.HealthChecks; semantic
conventions model/k8s and model/hardware; envoyproxy/envoy cluster_stats (members and health checks of a cluster).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from collector.conventions.counting import counted


@dataclass(frozen=True, eq=False)
class HealthMetric:
    format: str
    metric: str
    """The name; `_` and `.` are the same, and `_total` may follow."""
    label: str = ""
    """The attribute that names the state. Where there is none, `statuses` maps the value."""
    statuses: Mapping[str, str] = field(default_factory=dict)
    reads: str = "set"
    """`set`: the state whose series is above 0; `risen`: the state whose counter rose last; `value`: the number itself;
    `figures`: `judge` says it of all series together."""
    judge: "Callable[[Mapping[str, float]], tuple[str, str] | None] | None" = None
    """Raw status and status, by the last value of each figure that `label` names, for figures in `rising` by how much it rose;
    None when they say nothing."""
    rising: tuple[str, ...] = ()
    is_rising: bool = False
    """All figures count by how much they rose."""
    kind: str = "overall"
    service: tuple[str, ...] = ()
    """Attributes, of the point or else the resource, that name the service instead of `service.name`."""
    service_form: str = ""
    """A regular expression whose first group is the service's name in such an attribute."""
    instance: tuple[str, ...] = ("service.instance.id",)
    subject: tuple[str, ...] = ()
    by_url: str = ""
    """The attribute with the URL of the service, which a setting binds to its name."""
    pattern: str = ""
    """A regular expression over the name, in lower case with `_` for `.`, where the name is not always the same. Its named
    groups count as attributes."""

    @cached_property
    def regex(self) -> "re.Pattern[str]":
        pattern = self.pattern or re.escape(self.metric.replace(".", "_"))
        return re.compile(pattern.replace("_", "[._]") + "(?:[._]total)?", re.IGNORECASE)

    def service_of(self, words: Mapping[str, str]) -> str:
        """The service that the attributes of a point and its resource name; empty where they do not."""
        raw = next((words[key] for key in self.service if words.get(key)), "")
        if self.service_form:
            match = re.search(self.service_form, raw)
            raw = match[1] if match else ""
        return raw or words.get("service.name", "")


def _members(figures: Mapping[str, float]) -> tuple[str, str] | None:
    """Of a cluster's members, how many are healthy. Members that Envoy leaves out or holds for degraded are not."""
    healthy, total = figures.get("healthy"), figures.get("total")
    if healthy is None:
        return None
    of = counted(healthy, "member") if total is None else f"{healthy:g} of {counted(total, 'member')}"
    words = [f"{of} healthy"]
    words += [f"{figures[name]:g} {name}" for name in ("degraded", "excluded") if figures.get(name)]
    if total == 0:
        return "no members", "unknown"
    if not healthy:
        return ", ".join(words), "unhealthy"
    fewer = total is not None and healthy < total
    return ", ".join(words), "degraded" if fewer or figures.get("degraded") else "healthy"


def _active_checks(figures: Mapping[str, float]) -> tuple[str, str] | None:
    """What Envoy's own health checks of a cluster found since the last export."""
    healthy, passed = figures.get("healthy"), figures.get("success", 0)
    failed = figures.get("failure", 0) + figures.get("passive_failure", 0)
    if healthy is None and not passed and not failed:
        return None
    words = [counted(healthy, "member passes", "members pass")] if healthy is not None else []
    words += [counted(failed, "check") + " failed"] if failed else []
    words += [f"{passed:g} passed"] if passed else []
    none_pass = not healthy if healthy is not None else not passed
    return ", ".join(words), "unhealthy" if none_pass else "degraded" if failed else "healthy"


def _validations(figures: Mapping[str, float]) -> tuple[str, str]:
    """Rules for the body of an answer, by type: how many failed."""
    failed = sorted(name for name, count in figures.items() if count > 0)
    return (f"failed: {', '.join(failed)}", "degraded") if failed else ("passed", "healthy")


def _certificate(figures: Mapping[str, float]) -> tuple[str, str]:
    """Seconds for which certificates are good."""
    days = min(figures.values()) / 86400
    if days <= 0:
        return "expired", "unhealthy"
    return f"good for {counted(round(days), 'day')}", "degraded" if days < CERTIFICATE_DAYS else "healthy"


def _took(figures: Mapping[str, float]) -> tuple[str, str]:
    return f"{max(figures.values()):g} ms", "healthy"


def _restarts(figures: Mapping[str, float]) -> tuple[str, str]:
    """By container, since the last export."""
    count = sum(figures.values())
    return (counted(count, "restart"), "degraded") if count > 0 else ("no restarts", "healthy")


CERTIFICATE_DAYS = 14
_FAILING = (
    *(
        "CrashLoopBackOff",
        "ImagePullBackOff",
        "ErrImagePull",
        "CreateContainerConfigError",
        "ContainerCannotRun",
        "OOMKilled",
    ),
    "Error",
)
_CLUSTER = ("envoy.cluster_name", "envoy_cluster_name", "cluster_name", "cluster")
_CLUSTER_METRIC = r"(?:envoy_)?cluster_(?:(?P<cluster>.+)_)?"
_WORKLOAD = ("k8s.deployment.name", "k8s.statefulset.name", "k8s.daemonset.name", "k8s.job.name")


def _container(metric: str, statuses: Mapping[str, str] | None = None, **more: Any) -> HealthMetric:
    return HealthMetric(
        "kubernetes",
        metric,
        label=metric if statuses else "k8s.container.name",
        statuses=statuses or {},
        reads="set" if statuses else "figures",
        kind="liveness",
        service=("service.name", *_WORKLOAD),
        instance=("service.instance.id", "k8s.pod.name"),
        subject=("k8s.container.name",),
        **more,
    )


HEALTH_METRICS = (
    HealthMetric(
        "httpcheck",
        "httpcheck.status",
        "http.status_class",
        {"2xx": "healthy", "3xx": "healthy", "4xx": "unhealthy", "5xx": "unhealthy"},
        by_url="http.url",
    ),
    HealthMetric("httpcheck", "httpcheck.error", "error.message", {"*": "unhealthy"}, by_url="http.url"),
    *(
        HealthMetric("httpcheck", f"httpcheck.{metric}", label, reads="figures", judge=judge, by_url="http.url")
        for metric, label, judge in (
            ("validation.failed", "validation.type", _validations),
            ("tls.cert_remaining", "http.url", _certificate),
            ("duration", "http.url", _took),
        )
    ),
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
    _container("k8s.container.status.state", {"running": "healthy", "waiting": "degraded", "terminated": "unknown"}),
    _container(
        "k8s.container.status.reason", {**dict.fromkeys(map(str.lower, _FAILING), "unhealthy"), "completed": "healthy"}
    ),
    _container(
        "k8s.container.restart.count", pattern="k8s_container_restart(?:_count|s)", judge=_restarts, is_rising=True
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
            f"cluster.{metric}",
            pattern=_CLUSTER_METRIC + pattern,
            label="figure",
            reads="figures",
            judge=judge,
            rising=rising,
            service=_CLUSTER,
            service_form=r"^(?!inbound\|)(?:outbound\|[0-9]+\|[^|]*\|)?([^.|]+)",
            instance=(),
            subject=("service.name",),
        )
        for metric, pattern, judge, rising in (
            ("membership", "membership_(?P<figure>total|healthy|degraded|excluded)", _members, ()),
            (
                "health_check",
                "health_check_(?P<figure>healthy|attempt|success|failure|passive_failure|network_failure)",
                _active_checks,
                ("attempt", "success", "failure", "passive_failure", "network_failure"),
            ),
        )
    ),
)


def health_metric(name: str) -> tuple[HealthMetric, dict[str, str]] | None:
    """The entry that a metric's name fits, and the words in the name."""
    for metric in HEALTH_METRICS:
        match = metric.regex.fullmatch(name)
        if match is not None:
            return metric, {key: word for key, word in match.groupdict().items() if word}
    return None


def metric_pattern() -> str:
    """A regular expression for the engine's `match` over the lower-case name."""
    patterns = sorted({re.sub(r"\?P<\w+>", "?:", one.regex.pattern) for one in HEALTH_METRICS})
    return f"^(?:{'|'.join(patterns)})$"


def meaning(metric: HealthMetric, raw: str) -> str:
    return metric.statuses.get(raw.lower(), metric.statuses.get("*", "unknown"))
