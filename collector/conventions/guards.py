"""What stands beside a breaker on the same calls: retries, time limits, bulkheads and rate limits, one table entry a metric.

Sources: resilience4j-micrometer (AbstractRetryMetrics, AbstractTimeLimiterMetrics, BulkheadMetricNames,
ThreadPoolBulkheadMetricNames, RateLimiterMetricNames); MicroProfile Fault Tolerance 4.1 metrics-telemetry and SmallRye
MetricsConstants; App-vNext/Polly docs/advanced/telemetry.md; envoyproxy/envoy cluster_stats; dapr
pkg/diagnostics/resiliency_monitoring.go.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

FALLBACK_EVENTS = ("fallback",)
"""Names of span events that say: the call failed, and its caller answers without it. The demo shop's is `fallback`, with a
`fallback.reason`; opossum names its event the same."""
KINDS = ("retry", "timeout", "bulkhead", "rate_limit")
GuardKind = Literal["retry", "timeout", "bulkhead", "rate_limit"]


@dataclass(frozen=True)
class GuardMetric:
    """`pattern` is as in `breakers.Metric`. Points of one name of guard make one guard."""

    source: str
    kind: GuardKind
    pattern: str
    figure: str = ""
    """What the number is; where it is empty, `figures` says it of the label's value."""
    label: str = ""
    figures: Mapping[str, str] = field(default_factory=dict)
    rises: bool = True
    """It counts, whatever its instrument; else it is a level."""
    name: tuple[str, ...] = ("name",)
    where: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def regex(self) -> "re.Pattern[str]":
        return re.compile(self.pattern.replace("_", "[._]"), re.IGNORECASE)


def _level(source: str, kind: GuardKind, pattern: str, figure: str, name: tuple[str, ...] = ("name",)) -> GuardMetric:
    return GuardMetric(source, kind, pattern, figure, rises=False, name=name)


_R4J = "resilience4j"
_MP, _METHOD = "microprofile", ("method",)
_ENVOY, _CLUSTER = "envoy", r"(envoy_)?cluster_((?P<cluster>.+)_)?"
_CLUSTER_NAME = ("envoy.cluster_name", "envoy_cluster_name", "cluster_name", "cluster")
_POLLY_NAME = ("pipeline.name", "pipeline.instance", "strategy.name")


def _polly(kind: GuardKind, event: str, figure: str) -> GuardMetric:
    return GuardMetric(
        "polly", kind, "resilience_polly_strategy_events", label="event.name", figures={event: figure}, name=_POLLY_NAME
    )


GUARD_METRICS = (
    GuardMetric(
        _R4J,
        "retry",
        "resilience4j_retry_calls",
        label="kind",
        figures={
            "successful_without_retry": "at once",
            "successful_with_retry": "after a retry",
            "failed_with_retry": "given up",
            "failed_without_retry": "not retried",
        },
    ),
    GuardMetric(
        _R4J,
        "timeout",
        "resilience4j_timelimiter_calls",
        label="kind",
        figures={"successful": "in time", "timeout": "timed out", "failed": "failed"},
    ),
    _level(_R4J, "bulkhead", "resilience4j_bulkhead_available_concurrent_calls", "free"),
    _level(_R4J, "bulkhead", "resilience4j_bulkhead_max_allowed_concurrent_calls", "at most"),
    _level(_R4J, "bulkhead", "resilience4j_bulkhead_queued_calls", "waiting"),
    _level(_R4J, "bulkhead", "resilience4j_bulkhead_queue_depth", "waiting"),
    _level(_R4J, "bulkhead", "resilience4j_bulkhead_queue_capacity", "may wait"),
    _level(_R4J, "bulkhead", "resilience4j_bulkhead_active_thread_count", "running"),
    _level(_R4J, "bulkhead", "resilience4j_bulkhead_max_thread_pool_size", "at most"),
    _level(_R4J, "rate_limit", "resilience4j_ratelimiter_available_permissions", "free"),
    _level(_R4J, "rate_limit", "resilience4j_ratelimiter_waiting_threads", "waiting"),
    GuardMetric(
        _MP,
        "retry",
        "(base_)?ft_retry_calls",
        label="retryResult",
        figures={
            "valueReturned": "succeeded",
            "exceptionNotRetryable": "not retried",
            "maxRetriesReached": "given up",
            "maxDurationReached": "given up",
        },
        name=_METHOD,
    ),
    GuardMetric(_MP, "retry", "(base_)?ft_retry_retries", "retries", name=_METHOD),
    GuardMetric(
        _MP,
        "timeout",
        "(base_)?ft_timeout_calls",
        label="timedOut",
        figures={"true": "timed out", "false": "in time"},
        name=_METHOD,
    ),
    GuardMetric(
        _MP,
        "bulkhead",
        "(base_)?ft_bulkhead_calls",
        label="bulkheadResult",
        figures={"accepted": "accepted", "rejected": "rejected"},
        name=_METHOD,
    ),
    _level(_MP, "bulkhead", "(base_)?ft_bulkhead_executionsrunning", "running", name=_METHOD),
    _level(_MP, "bulkhead", "(base_)?ft_bulkhead_executionswaiting", "waiting", name=_METHOD),
    GuardMetric(
        _MP,
        "rate_limit",
        "(base_)?ft_ratelimit_calls",
        label="rateLimitResult",
        figures={"permitted": "permitted", "rejected": "rejected"},
        name=_METHOD,
    ),
    _polly("retry", "OnRetry", "retries"),
    _polly("timeout", "OnTimeout", "timed out"),
    _polly("rate_limit", "OnRateLimiterRejected", "rejected"),
    GuardMetric(
        _ENVOY,
        "bulkhead",
        _CLUSTER + "circuit_breakers_(?P<priority>default|high)_remaining_(?P<what>cx|cx_pools|pending|rq|retries)",
        label="what",
        figures={
            "cx": "connections left",
            "cx_pools": "connection pools left",
            "pending": "places to wait left",
            "rq": "requests left",
            "retries": "retries left",
        },
        rises=False,
        name=(*_CLUSTER_NAME, "priority"),
    ),
    GuardMetric(_ENVOY, "retry", _CLUSTER + "upstream_rq_retry", "retries", name=_CLUSTER_NAME),
    GuardMetric(_ENVOY, "retry", _CLUSTER + "upstream_rq_retry_success", "after a retry", name=_CLUSTER_NAME),
    GuardMetric(_ENVOY, "retry", _CLUSTER + "upstream_rq_retry_limit_exceeded", "given up", name=_CLUSTER_NAME),
    GuardMetric(_ENVOY, "timeout", _CLUSTER + "upstream_rq_timeout", "timed out", name=_CLUSTER_NAME),
    GuardMetric(_ENVOY, "timeout", _CLUSTER + "upstream_rq_per_try_timeout", "tries timed out", name=_CLUSTER_NAME),
    GuardMetric(_ENVOY, "rate_limit", _CLUSTER + "ratelimit_over_limit", "rejected", name=_CLUSTER_NAME),
    GuardMetric(
        "dapr", "retry", "(dapr_)?resiliency_activations", "retries", name=("name", "target"), where={"policy": "retry"}
    ),
    GuardMetric(
        "dapr",
        "timeout",
        "(dapr_)?resiliency_activations",
        "timed out",
        name=("name", "target"),
        where={"policy": "timeout"},
    ),
)


def guard_names() -> str:
    """A regular expression, for the engine's `match` over the lower-case name, that finds all of them."""
    patterns = sorted({re.sub(r"\?P<\w+>", "?:", one.regex.pattern) for one in GUARD_METRICS})
    return f"^(?:{'|'.join(patterns)})(?:[._]total)?$"
