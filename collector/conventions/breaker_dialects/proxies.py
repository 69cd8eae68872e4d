"""Proxies and meshes: they cut off a caller's calls or a callee's endpoints."""

from collector.conventions.breakers import Dialect, Event, Fact, Metric, Refusal

_CLUSTER = r"(envoy_)?cluster_((?P<cluster>.+)_)?"
_CLUSTER_NAME = ("envoy.cluster_name", "envoy_cluster_name", "cluster_name", "cluster")
_UPSTREAM = ("upstream_cluster.name", "upstream_cluster")
_CLUSTER_SERVICE = r"^(?!inbound\|)(?:outbound\|[0-9]+\|[^|]*\|)?([^.|]+)"
_EJECTION_CAUSES = (
    "consecutive_5xx|consecutive_gateway_failure|consecutive_local_origin_failure|success_rate|local_origin_success_rate"
    "|failure_percentage|failure_percentage_local_origin"
)
ENVOY_LIMIT = Dialect(
    "envoy",
    "envoyproxy/envoy cluster_stats: circuit breakers; Istio cluster names",
    kind="concurrency_limit",
    name=_CLUSTER_NAME,
    group=("priority",),
    target=_CLUSTER_NAME,
    target_form=_CLUSTER_SERVICE,
    metrics=(
        Metric(
            _CLUSTER
            + "circuit_breakers_(?P<priority>default|high)_(?P<limit>(cx|cx_pool|rq_pending|rq|rq_retry)_open)",
            Fact.STATE_FLAG,
            "limit",
        ),
    ),
)
ENVOY_OVERFLOW = Dialect(
    "envoy",
    "envoyproxy/envoy cluster_stats: what the limits refused, of all priorities",
    kind="concurrency_limit",
    name=_CLUSTER_NAME,
    target=(*_CLUSTER_NAME, *_UPSTREAM),
    target_form=_CLUSTER_SERVICE,
    part_of=True,
    metrics=(
        Metric(_CLUSTER + "upstream_(cx|cx_pool|rq_pending|rq_active|rq_retry)_overflow", Fact.CALLS, means="rejected"),
        Metric(_CLUSTER + "upstream_rq_(?P<class>[1-5])xx", Fact.CALLS, "class", {"5": "failed", "*": "ok"}),
        *(
            Metric(_CLUSTER + "upstream_rq_xx", Fact.CALLS, label, {"5": "failed", "*": "ok"}, where={label: ()})
            for label in ("envoy.response_code_class", "envoy_response_code_class")
        ),
    ),
    refusals=(Refusal(attribute="response_flags", values=r"(?:^|,)UO(?:,|$)", name=_UPSTREAM),),
)
ENVOY_EJECTION = Dialect(
    "envoy",
    "envoyproxy/envoy cluster_stats: outlier detection",
    kind="endpoint_ejection",
    name=_CLUSTER_NAME,
    target=_CLUSTER_NAME,
    target_form=_CLUSTER_SERVICE,
    metrics=(
        Metric(_CLUSTER + "outlier_detection_ejections_active", Fact.STATE_FLAG),
        Metric(_CLUSTER + "outlier_detection_ejections_enforced", Fact.TRANSITIONS, means="open"),
        Metric(_CLUSTER + "outlier_detection_ejections", Fact.TRANSITIONS, means="open"),
        Metric(
            _CLUSTER + f"outlier_detection_ejections_enforced_(?P<cause>{_EJECTION_CAUSES})",
            Fact.TRANSITIONS,
            "cause",
            {"*": "open"},
            is_reason=True,
        ),
        Metric(_CLUSTER + "outlier_detection_ejections_consecutive_5xx", Fact.TRANSITIONS, means="open"),
        Metric(_CLUSTER + f"outlier_detection_ejections_(overflow|detected_({_EJECTION_CAUSES}))", Fact.PRESENCE),
    ),
)
ENVOY_CUT_OFF = Dialect(
    "envoy",
    "envoyproxy/envoy cluster_stats and access log: no endpoint is left to call",
    kind="endpoint_ejection",
    name=_CLUSTER_NAME,
    target=(*_CLUSTER_NAME, *_UPSTREAM),
    target_form=_CLUSTER_SERVICE,
    part_of=True,
    metrics=(Metric(_CLUSTER + "upstream_cx_none_healthy", Fact.CALLS, means="rejected"),),
    refusals=(Refusal(attribute="response_flags", values=r"(?:^|,)UH(?:,|$)", name=_UPSTREAM),),
)
_DAPR_STATES = {"closed": "closed", "half-open": "half_open", "open": "open", "unknown": "unknown"}
DAPR = Dialect(
    "dapr",
    "dapr/dapr pkg/diagnostics/resiliency_monitoring.go",
    service=("app_id",),
    name=("name", "target"),
    group=("flow_direction",),
    target=("target",),
    target_form=r"^(?:app_|actor_)?(.+)$",
    metrics=(
        Metric("(dapr_)?resiliency_cb_state", Fact.STATE_SET, "status", _DAPR_STATES),
        Metric(
            "(dapr_)?resiliency_activations",
            Fact.TRANSITIONS,
            "status",
            _DAPR_STATES,
            where={"policy": ("circuitbreaker",)},
        ),
        Metric(
            "(dapr_)?resiliency_count",
            Fact.CALLS,
            "status",
            {"open": "rejected", "closed": "ok"},
            where={"policy": ("circuitbreaker",)},
        ),
    ),
    events=(Event(text=r'Circuit breaker "(?P<name>[^"]+)" changed state from (?P<from>[\w-]+) to (?P<to>[\w-]+)'),),
)
LINKERD = Dialect(
    "linkerd",
    "linkerd2-proxy outbound balancer metrics",
    kind="endpoint_ejection",
    name=("backend_name",),
    group=("backend_namespace",),
    target=("backend_name",),
    metrics=(Metric("outbound_http_balancer_endpoints", Fact.ENDPOINTS, "endpoint_state"),),
)
