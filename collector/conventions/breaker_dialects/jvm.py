"""Breakers of Java and its relatives."""

from collector.conventions.breakers import Dialect, Event, Fact, Metric, Refusal

_CALL_KINDS = {"successful": "ok", "failed": "failed"}
RESILIENCE4J = Dialect(
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
RESILIENCE4J_NUMERIC = Dialect(
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
MICROPROFILE = Dialect(
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
MICROPROFILE_2 = Dialect(
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
FAILSAFE = Dialect(
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
HYSTRIX = Dialect(
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
AKKA = Dialect(
    "akka",
    "akka.pattern.CircuitBreaker; Akka Insights (Cinnamon) 2.20",
    refusals=(
        Refusal("akka.pattern.CircuitBreakerOpenException"),
        Refusal("org.apache.pekko.pattern.CircuitBreakerOpenException"),
    ),
)
ARMERIA = Dialect(
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
OJP = Dialect(
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
