"""Our own convention, and breakers of .NET, JavaScript, Go and Python."""

from collector.conventions.breakers import Dialect, Event, Fact, Metric, Refusal

SPANSCAPE = Dialect(
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
_POLLY_STATES = {"OnCircuitOpened": "open", "OnCircuitHalfOpened": "half_open", "OnCircuitClosed": "closed"}
POLLY = Dialect(
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
POLLY_PIPELINE = Dialect(
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
OPOSSUM = Dialect(
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
GOBREAKER = Dialect(
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
FAILSAFE_GO = Dialect(
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
PYTHON = Dialect(
    "pybreaker",
    "danielfm/pybreaker, arlyon/aiobreaker, fabfuel/circuitbreaker: listeners only, told by their refusal error",
    refusals=(Refusal("CircuitBreakerError"),),
)
PURGATORY = Dialect(
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
