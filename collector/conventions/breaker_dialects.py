"""Every dialect in which breakers are known to speak, one entry each. See `breakers.py` for what the fields mean.

`reference` names the source of each entry's names; each has a fixture in tests/breakers and an expected result.
"""

from collector.conventions.breakers import Dialect, Event, Fact, Metric, Refusal

_SPANSCAPE = Dialect(
    "spanscape",
    "docs/breakers-and-health.md",
    name=("circuit_breaker.name",),
    target=("circuit_breaker.target",),
    scope="spanscape.circuit_breaker",
    metrics=(
        Metric("circuit_breaker_state", Fact.STATE_SET, "circuit_breaker.state"),
        Metric(
            "circuit_breaker_calls",
            Fact.CALLS,
            "circuit_breaker.outcome",
            {"success": "ok", "failure": "failed", "rejected": "rejected"},
        ),
        Metric("circuit_breaker_calls", Fact.CALLS, "circuit_breaker.slow", {"true": "slow"}),
        Metric("circuit_breaker_failure_rate", Fact.RATE, means="failure_rate"),
        Metric("circuit_breaker_slow_call_rate", Fact.RATE, means="slow_rate"),
        Metric("circuit_breaker_failure_rate_threshold", Fact.SETTING, means="failure_rate"),
        Metric("circuit_breaker_slow_call_rate_threshold", Fact.SETTING, means="slow_rate"),
        Metric("circuit_breaker_slow_call_duration_threshold", Fact.SETTING, means="slow_call_duration_s"),
        Metric("circuit_breaker_open_duration", Fact.SETTING, means="open_duration_s"),
        Metric("circuit_breaker_minimum_calls", Fact.SETTING, means="minimum_calls"),
        Metric("circuit_breaker_transitions", Fact.TRANSITIONS, "circuit_breaker.state"),
    ),
    events=(
        Event(
            "circuit_breaker.state_change",
            attributes={
                "name": ("circuit_breaker.name",),
                "target": ("circuit_breaker.target",),
                "from": ("circuit_breaker.state.previous",),
                "to": ("circuit_breaker.state",),
                "reason": ("circuit_breaker.reason",),
            },
        ),
    ),
    refusals=(Refusal("CircuitBreakerOpen", name=("circuit_breaker.name",), state=("circuit_breaker.state",)),),
)

_CALL_KINDS = {"successful": "ok", "failed": "failed"}
_RESILIENCE4J = Dialect(
    "resilience4j",
    "resilience4j-micrometer: AbstractCircuitBreakerMetrics, CircuitBreakerMetricNames, TagNames",
    group=("group",),
    metrics=(
        Metric("resilience4j_circuitbreaker_state", Fact.STATE_SET, "state", where={"state": ()}),
        Metric("resilience4j_circuitbreaker_calls(_seconds)?(_count)?", Fact.CALLS, "kind", _CALL_KINDS),
        Metric("resilience4j_circuitbreaker_not_permitted_calls", Fact.CALLS, means="rejected"),
        Metric("resilience4j_circuitbreaker_failure_rate", Fact.RATE, means="failure_rate", scale=0.01),
        Metric("resilience4j_circuitbreaker_slow_call_rate", Fact.RATE, means="slow_rate", scale=0.01),
        Metric("resilience4j_circuitbreaker_failure_rate_threshold", Fact.SETTING, means="failure_rate", scale=0.01),
        Metric("resilience4j_circuitbreaker_slow_call_rate_threshold", Fact.SETTING, means="slow_rate", scale=0.01),
        Metric("resilience4j_circuitbreaker_(buffered|slow)_calls", Fact.PRESENCE),
    ),
    events=(Event(text=r"CircuitBreaker '(?P<name>[^']+)' changed state from (?P<from>\w+) to (?P<to>\w+)"),),
    refusals=(
        Refusal(
            "CallNotPermittedException",
            r"CircuitBreaker '(?P<name>[^']+)' is (?P<state>\w+) and does not permit further calls",
        ),
    ),
)
_RESILIENCE4J_NUMERIC = Dialect(
    "resilience4j",
    "resilience4j-metrics (Dropwizard) and resilience4j-micrometer up to 0.14: the state's order number",
    metrics=(
        Metric(
            "resilience4j_circuitbreaker_state",
            Fact.STATE_NUMBER,
            values={
                "0": "closed",
                "1": "open",
                "2": "half_open",
                "3": "disabled",
                "4": "forced_open",
                "5": "metrics_only",
            },
            where={"state": ("",)},
        ),
        Metric(
            r"resilience4j_circuitbreaker_(?P<breaker>.+)_state",
            Fact.STATE_NUMBER,
            values={
                "0": "closed",
                "1": "open",
                "2": "half_open",
                "3": "disabled",
                "4": "forced_open",
                "5": "metrics_only",
            },
            where={"state": ("",)},
        ),
    ),
    name=("name", "breaker"),
)
_MICROPROFILE = Dialect(
    "microprofile",
    "MicroProfile Fault Tolerance 4.1 metrics-telemetry; SmallRye OpenTelemetryRecorder, MetricsConstants",
    name=("method",),
    metrics=(
        Metric("(base_)?ft_circuitbreaker_state_current", Fact.STATE_SET, "state"),
        Metric("(base_)?ft_circuitbreaker_state(_total)?(_nanoseconds)?", Fact.TIME_IN_STATE, "state"),
        Metric("(base_)?ft_circuitbreaker_opened", Fact.TRANSITIONS, means="open"),
        Metric(
            "(base_)?ft_circuitbreaker_calls",
            Fact.CALLS,
            "circuitBreakerResult",
            {"success": "ok", "failure": "failed", "circuitBreakerOpen": "rejected"},
        ),
    ),
    refusals=(Refusal("faulttolerance.exceptions.CircuitBreakerOpenException"),),
)
_MICROPROFILE_2 = Dialect(
    "microprofile",
    "MicroProfile Fault Tolerance 2.x metrics.asciidoc: the method is part of each metric's name",
    name=("method",),
    metrics=(
        Metric(
            "(application_)?ft_(?P<method>.+)_circuitbreaker_(?P<state>open|halfopen|closed)(_total)?(_nanoseconds)?",
            Fact.TIME_IN_STATE,
            "state",
        ),
        Metric("(application_)?ft_(?P<method>.+)_circuitbreaker_opened", Fact.TRANSITIONS, means="open"),
        *(
            Metric(f"(application_)?ft_(?P<method>.+)_circuitbreaker_calls{word}", Fact.CALLS, means=outcome)
            for word, outcome in (("succeeded", "ok"), ("failed", "failed"), ("prevented", "rejected"))
        ),
    ),
)
_POLLY_STATES = {"OnCircuitOpened": "open", "OnCircuitHalfOpened": "half_open", "OnCircuitClosed": "closed"}
_POLLY = Dialect(
    "polly",
    "App-vNext/Polly docs/advanced/telemetry.md",
    name=("pipeline.name", "pipeline.instance", "strategy.name"),
    target=("request.dependency.name",),
    scope="Polly",
    assumed_closed=True,
    metrics=(
        Metric(
            "resilience_polly_strategy_events",
            Fact.TRANSITIONS,
            "event.name",
            _POLLY_STATES,
            where={"event.name": tuple(_POLLY_STATES)},
        ),
    ),
    events=(
        Event(
            scope="Polly",
            text="",
            attributes={
                "name": ("PipelineName", "PipelineInstance", "StrategyName"),
                "to": ("EventName",),
            },
            values=_POLLY_STATES,
        ),
        Event(
            text=r"EventName: '(?P<to>OnCircuit\w+)', Source: '(?:\(null\)|(?P<pipeline>[^'/]*))/"
            r"(?:\(null\)|(?P<instance>[^'/]*))/(?:\(null\)|(?P<strategy>[^']*))'",
            attributes={"name": ("pipeline", "instance", "strategy")},
            values=_POLLY_STATES,
        ),
    ),
    refusals=(
        Refusal("BrokenCircuitException"),
        Refusal("IsolatedCircuitException", means="forced_open"),
    ),
)
_POLLY_PIPELINE = Dialect(
    "polly",
    "App-vNext/Polly docs/advanced/telemetry.md: what a pipeline's duration says of its breaker",
    name=("pipeline.name", "pipeline.instance"),
    target=("request.dependency.name",),
    scope="Polly",
    part_of=True,
    assumed_closed=True,
    metrics=(
        Metric(
            "resilience_polly_pipeline_duration",
            Fact.CALLS,
            "exception.type",
            {"*BrokenCircuitException": "rejected", "*IsolatedCircuitException": "rejected", "": "ok", "*": "failed"},
        ),
        Metric(
            "resilience_polly_pipeline_duration",
            Fact.REFUSALS,
            "exception.type",
            {"*BrokenCircuitException": "open", "*IsolatedCircuitException": "forced_open"},
            where={
                "exception.type": (
                    "Polly.CircuitBreaker.BrokenCircuitException",
                    "Polly.CircuitBreaker.IsolatedCircuitException",
                )
            },
        ),
    ),
)
_OPOSSUM = Dialect(
    "opossum",
    "nodeshift/opossum-prometheus index.js",
    assumed_closed=True,
    metrics=(
        Metric(
            r"(\w+_)?circuit",
            Fact.TRANSITIONS,
            "event",
            {"open": "open", "halfOpen": "half_open", "close": "closed"},
            where={"event": ("open", "halfOpen", "close"), "name": ()},
        ),
        Metric(
            r"(\w+_)?circuit",
            Fact.CALLS,
            "event",
            {"success": "ok", "failure": "failed", "timeout": "failed", "reject": "rejected"},
            where={"event": ("success", "failure", "timeout", "reject", "fire"), "name": ()},
        ),
    ),
    refusals=(Refusal(message="^Breaker is open$"),),
)
_FAILSAFE = Dialect(
    "failsafe",
    "opentelemetry-java-instrumentation instrumentation/failsafe-3.0",
    name=("failsafe.circuit_breaker.name",),
    scope=r"io\.opentelemetry\.failsafe.*",
    assumed_closed=True,
    metrics=(
        Metric("failsafe_circuit_breaker_state_change_count", Fact.TRANSITIONS, "failsafe.circuit_breaker.state"),
        Metric(
            "failsafe_circuit_breaker_execution_count",
            Fact.CALLS,
            "failsafe.circuit_breaker.outcome",
            {"success": "ok", "failure": "failed"},
        ),
    ),
    refusals=(Refusal("dev.failsafe.CircuitBreakerOpenException"),),
)

_CLUSTER = r"(envoy_)?cluster_((?P<cluster>.+)_)?"
_CLUSTER_NAME = ("envoy.cluster_name", "envoy_cluster_name", "cluster_name", "cluster")
_UPSTREAM = ("upstream_cluster.name", "upstream_cluster")
_CLUSTER_SERVICE = r"^(?!inbound\|)(?:outbound\|[0-9]+\|[^|]*\|)?([^.|]+)"
_EJECTION_CAUSES = (
    "consecutive_5xx|consecutive_gateway_failure|consecutive_local_origin_failure|success_rate|local_origin_success_rate"
    "|failure_percentage|failure_percentage_local_origin"
)
_ENVOY_LIMIT = Dialect(
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
_ENVOY_OVERFLOW = Dialect(
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
_ENVOY_EJECTION = Dialect(
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
_ENVOY_CUT_OFF = Dialect(
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
_DAPR = Dialect(
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
_LINKERD = Dialect(
    "linkerd",
    "linkerd2-proxy outbound balancer metrics",
    kind="endpoint_ejection",
    name=("backend_name",),
    group=("backend_namespace",),
    target=("backend_name",),
    metrics=(Metric("outbound_http_balancer_endpoints", Fact.ENDPOINTS, "endpoint_state"),),
)
_HYSTRIX = Dialect(
    "hystrix",
    "Netflix/Hystrix wiki Metrics and Monitoring; micrometer-core MicrometerMetricsPublisherCommand",
    name=("key", "hystrix.command"),
    group=("group", "commandGroupKey", "hystrix.group"),
    metrics=(
        Metric("hystrix_circuit_breaker_open", Fact.STATE_FLAG),
        Metric(
            "hystrix_execution",
            Fact.CALLS,
            "event",
            {"success": "ok", "failure": "failed", "timeout": "failed", "short_circuited": "rejected"},
        ),
    ),
    refusals=(
        Refusal(message=r"^(?P<name>\S+) short-circuited and ", name=("hystrix.command",)),
        Refusal(message="^Hystrix circuit short-circuited and is OPEN", name=("hystrix.command",)),
        Refusal(attribute="hystrix.circuit_open", values="^true$", name=("hystrix.command",)),
    ),
)
_AKKA = Dialect(
    "akka",
    "akka.pattern.CircuitBreaker; Akka Insights (Cinnamon) 2.20",
    refusals=(
        Refusal("akka.pattern.CircuitBreakerOpenException"),
        Refusal("org.apache.pekko.pattern.CircuitBreakerOpenException"),
    ),
)
_GOBREAKER = Dialect(
    "gobreaker",
    "sony/gobreaker v2 gobreaker.go",
    metrics=(
        Metric(
            "gobreaker_state",
            Fact.STATE_NUMBER,
            values={"0": "closed", "1": "half_open", "2": "open"},
            where={"state": ("",)},
        ),
        Metric("gobreaker_state", Fact.STATE_SET, "state", where={"state": ()}),
    ),
    refusals=(
        Refusal(message="circuit breaker is open$"),
        Refusal(message="^too many requests$", means="half_open"),
    ),
)
_FAILSAFE_GO = Dialect(
    "failsafe-go",
    "failsafe-go/failsafe-go circuitbreaker.go, issue 46",
    metrics=(
        Metric("failsafe(_go)?_circuit_?breaker_state", Fact.STATE_SET, "state", where={"state": ()}),
        Metric(
            "failsafe(_go)?_circuit_?breaker_state",
            Fact.STATE_NUMBER,
            values={"0": "closed", "1": "open", "2": "half_open"},
            where={"state": ("",)},
        ),
    ),
    refusals=(Refusal(message="circuit breaker open$"),),
)
_PYTHON = Dialect(
    "pybreaker",
    "danielfm/pybreaker, arlyon/aiobreaker, fabfuel/circuitbreaker: listeners only, told by their refusal error",
    refusals=(Refusal("CircuitBreakerError"),),
)
_PURGATORY = Dialect(
    "purgatory",
    "mardiros/purgatory docs: Monitoring Circuit States",
    name=("circuit",),
    scope="purgatory.*",
    metrics=(
        Metric(
            "circuit_breaker_state",
            Fact.STATE_NUMBER,
            values={"0": "closed", "1": "half_open", "2": "open"},
            where={"circuit": ()},
        ),
    ),
    refusals=(Refusal("OpenedState"),),
)

_ARMERIA = Dialect(
    "armeria",
    "line/armeria client/circuitbreaker/CircuitBreakerMetrics.java: 1 is closed",
    metrics=(
        Metric(
            "armeria_client_circuit_?breaker_state",
            Fact.STATE_NUMBER,
            values={"1": "closed", "0.5": "half_open", "0": "open"},
        ),
        Metric("armeria_client_circuit_?breaker_transitions", Fact.TRANSITIONS, "state"),
        Metric("armeria_client_circuit_?breaker_rejected_?requests", Fact.CALLS, means="rejected"),
        Metric("armeria_client_circuit_?breaker_requests", Fact.PRESENCE),
    ),
    refusals=(Refusal("com.linecorp.armeria.client.circuitbreaker.FailFastException"),),
)
_OJP = Dialect(
    "ojp",
    "Open-J-Proxy CircuitBreakerMetrics.java",
    name=("datasource", "query_hash"),
    metrics=(
        Metric("ojp_circuit_breaker_state", Fact.STATE_NUMBER, values={"0": "closed", "1": "open", "2": "half_open"}),
        Metric("ojp_circuit_breaker_transitions", Fact.TRANSITIONS, "to_state"),
        Metric("ojp_circuit_breaker_trips", Fact.TRANSITIONS, "reason", {"*": "open"}, is_reason=True),
        Metric("ojp_circuit_breaker_blocked_calls", Fact.CALLS, means="rejected"),
    ),
)

DIALECTS = (
    *(
        _SPANSCAPE,
        _RESILIENCE4J,
        _RESILIENCE4J_NUMERIC,
        _MICROPROFILE,
        _MICROPROFILE_2,
        _POLLY,
        _POLLY_PIPELINE,
        _OPOSSUM,
        _FAILSAFE,
    ),
    *(
        _ENVOY_LIMIT,
        _ENVOY_OVERFLOW,
        _ENVOY_EJECTION,
        _ENVOY_CUT_OFF,
        _DAPR,
        _LINKERD,
        _HYSTRIX,
        _AKKA,
        _GOBREAKER,
        _FAILSAFE_GO,
        _PYTHON,
        _PURGATORY,
        _ARMERIA,
        _OJP,
    ),
)

UNRECOGNISED = Dialect(
    "unrecognised",
    "a numeric gauge of an emitter that no table entry knows: its numbers mean nothing until a mapping is configured",
    name=("circuit_breaker.name", "name", "circuit", "breaker"),
    metrics=(Metric(r".*circuit_?breaker.*state", Fact.PRESENCE),),
)
"""Tried last, on what no dialect recognises."""
