"""What each dialect puts on the wire, written by hand after its documentation, and how it is to be understood."""

import time
from dataclasses import dataclass
from typing import Any

from otlp_requests import Span
from otlp_signals import DELTA, Point, Record

SECOND_NS = 10**9
NOW_NS = time.time_ns()
BEFORE_NS, START_NS = NOW_NS - 10 * SECOND_NS, NOW_NS - 3600 * SECOND_NS


@dataclass(frozen=True)
class Fixture:
    """Telemetry of one process, and the normalised breaker."""

    expected: dict[str, Any]
    """Fields of the one breaker of the service; `transitions` are (from, to), earliest first, and `reasons` why."""
    points: tuple[Point, ...] = ()
    records: tuple[Record, ...] = ()
    spans: tuple[Span, ...] = ()
    message: str = ""
    """The status message of the spans."""
    scope: str = ""


def both(metric: str, before: float, now: float, kind: str = "counter", /, **attributes: Any) -> tuple[Point, Point]:
    """Two exports of a cumulative series, ten seconds apart."""
    words = {key.replace("__", "."): value for key, value in attributes.items()}
    return (
        Point(metric, before, words, kind, BEFORE_NS, START_NS),
        Point(metric, now, words, kind, NOW_NS, START_NS),
    )


def state_set(
    metric: str, label: str, states: dict[str, float], kind: str = "gauge", **words: Any
) -> tuple[Point, ...]:
    names = {key.replace("__", "."): value for key, value in words.items()}
    return tuple(Point(metric, value, {**names, label: state}, kind, NOW_NS) for state, value in states.items())


def gauge(metric: str, value: float, **words: Any) -> Point:
    return Point(metric, value, {key.replace("__", "."): word for key, word in words.items()}, "gauge", NOW_NS)


R4J = "resilience4j.circuitbreaker"
R4J_STATES = {"closed": 0, "open": 0, "half_open": 1, "forced_open": 0, "disabled": 0, "metrics_only": 0}
POLLY = {"pipeline__name": "pay", "strategy__name": "breaker"}
ISTIO = "outbound|8080||payments.shop.svc.cluster.local"


def refused(service: str, error: str = "", peer: str = "till", **more: Any) -> Span:
    words = {"service.peer.name": peer, **({"error.type": error} if error else {}), **more}
    return Span(service, "call", trace=service, kind="client", error=True, attributes=words)


FIXTURES: dict[str, Fixture] = {
    "spanscape": Fixture(
        {"name": "pay", "target": "till", "target_confidence": "exported", "state": "forced_open", "failure_rate": 0.75,
         "slow_rate": 0.25,
         "thresholds": {"failure_rate": 0.5, "slow_rate": 0.6, "slow_call_duration_s": 1.5, "minimum_calls": 10.0,
                        "open_duration_s": 20.0},
         "calls_ok": 5, "calls_failed": 15, "calls_slow": 2, "rejected": 3},
        (
            *state_set("circuit_breaker.state", "circuit_breaker.state", {"closed": 0, "forced_open": 1}, "updown",
                       circuit_breaker__name="pay", circuit_breaker__target="till"),
            *both("circuit_breaker.calls", 10, 15, circuit_breaker__name="pay", circuit_breaker__outcome="success"),
            *both("circuit_breaker.calls", 0, 13, circuit_breaker__name="pay", circuit_breaker__outcome="failure"),
            *both("circuit_breaker.calls", 0, 2, circuit_breaker__name="pay", circuit_breaker__outcome="failure",
                  circuit_breaker__slow=True),
            *both("circuit_breaker.calls", 0, 3, circuit_breaker__name="pay", circuit_breaker__outcome="rejected"),
            gauge("circuit_breaker.failure_rate", 0.75, circuit_breaker__name="pay"),
            gauge("circuit_breaker.failure_rate.threshold", 0.5, circuit_breaker__name="pay"),
            gauge("circuit_breaker.slow_call_duration.threshold", 1.5, circuit_breaker__name="pay"),
            gauge("circuit_breaker.minimum_calls", 10, circuit_breaker__name="pay"),
            gauge("circuit_breaker.slow_call_rate", 0.25, circuit_breaker__name="pay"),
            gauge("circuit_breaker.slow_call_rate.threshold", 0.6, circuit_breaker__name="pay"),
            gauge("circuit_breaker.open_duration", 20, circuit_breaker__name="pay"),
        ),
        scope="spanscape.circuit_breaker",
    ),
    "spanscape's transitions": Fixture(
        {"name": "pay", "target": "till", "state": "open", "source": "spanscape", "transitions": [("closed", "open")],
         "reasons": ["too slow"]},
        both("circuit_breaker.transitions", 0, 1, circuit_breaker__name="pay", circuit_breaker__state="open"),
        (
            Record(event="circuit_breaker.state_change", at_ns=NOW_NS - SECOND_NS, attributes={
                "circuit_breaker.name": "pay", "circuit_breaker.target": "till", "circuit_breaker.state.previous": "closed",
                "circuit_breaker.state": "open", "circuit_breaker.reason": "too slow"}),
        ),
        scope="spanscape.circuit_breaker",
    ),
    "spanscape's refusal": Fixture(
        {"name": "pay", "state": "half_open", "source": "spanscape", "rejected": 1},
        spans=(refused("", "CircuitBreakerOpen", **{"circuit_breaker.name": "pay", "circuit_breaker.state": "half_open"}),),
    ),
    "resilience4j over OTLP": Fixture(
        {"name": "pay", "state": "half_open", "failure_rate": 0.125, "slow_rate": None, "calls_ok": 4,
         "thresholds": {"failure_rate": 0.5, "slow_rate": 0.75},
         "calls_failed": 1, "rejected": 6,
         "source": "resilience4j", "target": None, "target_confidence": "none"},
        (
            *state_set(f"{R4J}.state", "state", R4J_STATES, name="pay"),
            gauge(f"{R4J}.failure.rate", 12.5, name="pay"),
            gauge(f"{R4J}.slow.call.rate", -1, name="pay"),
            gauge(f"{R4J}.failure.rate.threshold", 50, name="pay"),
            gauge(f"{R4J}.slow.call.rate.threshold", 75, name="pay"),
            gauge(f"{R4J}.buffered.calls", 5, name="pay", kind="failed"),
            *both(f"{R4J}.calls", 6, 10, "histogram", name="pay", kind="successful"),
            *both(f"{R4J}.calls", 0, 1, "histogram", name="pay", kind="failed"),
            *both(f"{R4J}.not.permitted.calls", 0, 6, name="pay", kind="not_permitted"),
        ),
    ),
    "resilience4j through Prometheus, in a group": Fixture(
        {"name": "pay", "group": "shop", "state": "open", "rejected": 2, "source": "resilience4j"},
        (
            *state_set("resilience4j_circuitbreaker_state", "state", {"closed": 0, "open": 1}, name="pay", group="shop"),
            *both("resilience4j_circuitbreaker_not_permitted_calls_total", 5, 7, name="pay", group="shop"),
        ),
    ),
    "resilience4j, old numbers": Fixture(
        {"name": "pay", "state": "forced_open", "source": "resilience4j"},
        (gauge("resilience4j_circuitbreaker_state", 4, name="pay"),),
    ),
    "resilience4j, Dropwizard": Fixture(
        {"name": "pay", "state": "half_open", "source": "resilience4j"},
        (gauge("resilience4j.circuitbreaker.pay.state", 2),),
    ),
    "resilience4j's log": Fixture(
        {"name": "pay", "state": "open", "source": "resilience4j", "transitions": [("closed", "open")]},
        records=(Record("CircuitBreaker 'pay' changed state from CLOSED to OPEN", at_ns=NOW_NS),),
    ),
    "resilience4j's refusal": Fixture(
        {"name": "pay", "state": "half_open", "source": "resilience4j", "target": "till", "target_confidence": "correlated",
         "rejected": 1},
        spans=(refused("", "io.github.resilience4j.circuitbreaker.CallNotPermittedException"),),
        message="CircuitBreaker 'pay' is HALF_OPEN and does not permit further calls",
    ),
    "SmallRye": Fixture(
        {"name": "shop.Till.pay", "state": "open", "rejected": 4, "source": "microprofile", "transitions": [("closed", "open")]},
        (
            *state_set("ft.circuitbreaker.state.current", "state", {"closed": 0, "open": 1, "halfOpen": 0}, "updown",
                       method="shop.Till.pay"),
            *both("ft.circuitbreaker.calls.total", 0, 4, method="shop.Till.pay", circuitBreakerResult="circuitBreakerOpen"),
            *both("ft.circuitbreaker.opened.total", 1, 2, method="shop.Till.pay"),
        ),
    ),
    "MicroProfile, time in state": Fixture(
        {"name": "shop.Till.pay", "state": "open", "since_precision": "exact", "transitions": [("closed", "open")]},
        (
            *both("base_ft_circuitbreaker_state_total", 1e9, 7e9, method="shop.Till.pay", state="closed"),
            *both("base_ft_circuitbreaker_state_total", 0, 4e9, method="shop.Till.pay", state="open"),
            *both("base_ft_circuitbreaker_state_total", 0, 0, method="shop.Till.pay", state="halfOpen"),
        ),
    ),
    "MicroProfile 2, a name for each method": Fixture(
        {"name": "shop.Till.pay", "state": "open", "source": "microprofile", "calls_ok": 4, "calls_failed": 3, "rejected": 2,
         "transitions": [("closed", "open")]},
        (
            *both("ft.shop.Till.pay.circuitbreaker.closed.total", 1e9, 7e9),
            *both("ft.shop.Till.pay.circuitbreaker.open.total", 0, 4e9),
            *both("ft.shop.Till.pay.circuitbreaker.halfOpen.total", 0, 0),
            *both("ft.shop.Till.pay.circuitbreaker.opened.total", 0, 1),
            *both("ft.shop.Till.pay.circuitbreaker.callsSucceeded.total", 1, 5),
            *both("ft.shop.Till.pay.circuitbreaker.callsFailed.total", 0, 3),
            *both("ft.shop.Till.pay.circuitbreaker.callsPrevented.total", 0, 2),
        ),
    ),
    "MicroProfile 2 through Prometheus": Fixture(
        {"name": "shop_Till_pay", "state": "closed", "source": "microprofile"},
        (
            *both("application_ft_shop_Till_pay_circuitbreaker_closed_total_nanoseconds", 1e9, 11e9),
            *both("application_ft_shop_Till_pay_circuitbreaker_open_total_nanoseconds", 0, 0),
        ),
    ),
    "MicroProfile's refusal": Fixture(
        {"name": "till", "state": "open", "source": "microprofile", "rejected": 1},
        spans=(refused("", "org.eclipse.microprofile.faulttolerance.exceptions.CircuitBreakerOpenException"),),
    ),
    "Polly": Fixture(
        {"name": "pay/breaker", "target": "till", "state": "half_open", "source": "polly", "rejected": 3, "calls_ok": 7,
         "transitions": [("closed", "open"), ("open", "half_open")]},
        (
            *both("resilience.polly.strategy.events", 0, 1, **POLLY, event__name="OnCircuitOpened", event__severity="Error",
                  request__dependency__name="till"),
            *both("resilience.polly.strategy.events", 0, 1, **POLLY, event__name="OnCircuitHalfOpened"),
            *both("resilience.polly.pipeline.duration", 0, 3, "histogram", pipeline__name="pay",
                  exception__type="Polly.CircuitBreaker.BrokenCircuitException"),
            *both("resilience.polly.pipeline.duration", 0, 7, "histogram", pipeline__name="pay"),
        ),
        scope="Polly",
    ),
    "Polly's log": Fixture(
        {"name": "pay/main/breaker", "state": "open", "source": "polly", "since_precision": "exact"},
        records=(
            Record("Resilience event occurred.", attributes={"EventName": "OnCircuitOpened", "PipelineName": "pay",
                   "PipelineInstance": "main", "StrategyName": "breaker"}, at_ns=NOW_NS),
        ),
        scope="Polly",
    ),
    "Polly's log as text": Fixture(
        {"name": "pay/breaker", "state": "half_open", "source": "polly"},
        records=(
            Record("Resilience event occurred. EventName: 'OnCircuitHalfOpened', Source: 'pay/(null)/breaker', "
                   "Operation Key: '', Result: ''", at_ns=NOW_NS),
        ),
    ),
    "Polly's refusal": Fixture(
        {"name": "till", "state": "open", "source": "polly", "rejected": 1},
        spans=(refused("", "Polly.CircuitBreaker.BrokenCircuitException"),),
    ),
    "Polly's refusal, isolated": Fixture(
        {"name": "till", "state": "forced_open", "source": "polly", "rejected": 1},
        spans=(refused("", "Polly.CircuitBreaker.IsolatedCircuitException"),),
    ),
    "Polly, isolated by hand": Fixture(
        {"name": "pay/breaker", "state": "forced_open", "source": "polly"},
        (
            *both("resilience.polly.strategy.events", 0, 1, **POLLY, event__name="OnCircuitOpened"),
            *both("resilience.polly.pipeline.duration", 0, 2, "histogram", pipeline__name="pay",
                  exception__type="Polly.CircuitBreaker.IsolatedCircuitException"),
        ),
        scope="Polly",
    ),
    "opossum": Fixture(
        {"name": "pay", "state": "open", "source": "opossum", "calls_ok": 2, "calls_failed": 8, "rejected": 5, "failure_rate": 0.8,
         "transitions": [("closed", "open")]},
        (
            *both("circuit", 1, 2, name="pay", event="open"),
            *both("circuit", 1, 1, name="pay", event="close"),
            *both("circuit", 2, 4, name="pay", event="success"),
            *both("circuit", 0, 8, name="pay", event="failure"),
            *both("circuit", 0, 5, name="pay", event="reject"),
        ),
    ),
    "opossum's refusal": Fixture(
        {"name": "till", "state": "open", "source": "opossum", "rejected": 1},
        spans=(refused("", "Error"),),
        message="Breaker is open",
    ),
    "opossum that never opened": Fixture(
        {"name": "pay", "state": "closed", "state_text": "closed (assumed)", "calls_ok": 2},
        both("shop_circuit_total", 2, 4, name="pay", event="success"),
    ),
    "Failsafe for Java": Fixture(
        {"name": "pay", "state": "half_open", "source": "failsafe", "calls_failed": 3},
        (
            *both("failsafe.circuit_breaker.state_change.count", 0, 1, failsafe__circuit_breaker__name="pay",
                  failsafe__circuit_breaker__state="open"),
            *both("failsafe.circuit_breaker.state_change.count", 0, 1, failsafe__circuit_breaker__name="pay",
                  failsafe__circuit_breaker__state="half_open"),
            *both("failsafe.circuit_breaker.execution.count", 0, 3, failsafe__circuit_breaker__name="pay",
                  failsafe__circuit_breaker__outcome="failure"),
        ),
        scope="io.opentelemetry.failsafe-3.0",
    ),
    "Failsafe for Java, its refusal": Fixture(
        {"name": "till", "state": "open", "source": "failsafe", "rejected": 1},
        spans=(refused("", "dev.failsafe.CircuitBreakerOpenException"),),
    ),
    "Envoy's limits, names extracted": Fixture(
        {"name": "payments", "group": "default", "kind": "concurrency_limit", "state": "open", "state_text": "saturated",
         "target": "payments", "calls_ok": 6, "calls_failed": 2, "failure_rate": 0.25, "rejected": 9, "source": "envoy"},
        (
            gauge("cluster.circuit_breakers.default.rq_open", 1, envoy__cluster_name="payments"),
            gauge("cluster.circuit_breakers.default.cx_open", 0, envoy__cluster_name="payments"),
            *both("cluster.upstream_rq_pending_overflow", 1, 10, envoy__cluster_name="payments"),
            *both("cluster.upstream_rq_xx", 0, 6, envoy__cluster_name="payments", envoy__response_code_class="2"),
            *both("cluster.upstream_rq_xx", 0, 2, envoy__cluster_name="payments", envoy__response_code_class="5"),
        ),
    ),
    "Istio's limits, whole names": Fixture(
        {"name": ISTIO, "kind": "concurrency_limit", "state": "closed", "state_text": "below the limit", "target": "payments"},
        (gauge(f"cluster.{ISTIO}.circuit_breakers.default.rq_pending_open", 0),),
    ),
    "Envoy's limits, whole Prometheus names": Fixture(
        {"name": "payments_v2", "group": "high", "kind": "concurrency_limit", "state": "open", "rejected": 4, "calls_ok": 5},
        (
            gauge("envoy_cluster_payments_v2_circuit_breakers_high_cx_pool_open", 1),
            *both("envoy_cluster_payments_v2_upstream_cx_pool_overflow", 0, 4),
            *both("envoy_cluster_payments_v2_upstream_rq_4xx", 0, 2),
            *both("envoy_cluster_upstream_rq_xx", 0, 3, envoy_cluster_name="payments_v2", envoy_response_code_class="3"),
        ),
    ),
    "Envoy's mark of a refused call": Fixture(
        {"name": ISTIO, "kind": "concurrency_limit", "state": "open", "state_text": "saturated", "target": "payments",
         "target_confidence": "exported", "source": "envoy", "rejected": 1},
        spans=(refused("", "503", peer="", response_flags="UO", upstream_cluster=ISTIO),),
    ),
    "Istio's own inbound cluster guards nobody else": Fixture(
        {"name": "inbound|8080||", "kind": "concurrency_limit", "state": "closed", "target": None},
        (gauge("cluster.circuit_breakers.default.rq_open", 0, envoy__cluster_name="inbound|8080||"),),
    ),
    "Envoy's ejections, counted": Fixture(
        {"name": "payments", "kind": "endpoint_ejection", "state": "open", "source": "envoy", "openings": 2,
         "transitions": [("closed", "open"), ("closed", "open")], "reasons": ["consecutive 5xx"] * 2},
        (
            gauge("cluster.payments.outlier_detection.ejections_active", 2),
            *both("cluster.payments.outlier_detection.ejections_enforced_total", 1, 3),
            *both("cluster.payments.outlier_detection.ejections_enforced_consecutive_5xx", 1, 3),
            *both("cluster.payments.outlier_detection.ejections_total", 1, 3),
            *both("cluster.payments.outlier_detection.ejections_consecutive_5xx", 1, 3),
            *both("cluster.payments.outlier_detection.ejections_detected_success_rate", 0, 1),
            *both("cluster.payments.outlier_detection.ejections_overflow", 0, 1),
        ),
    ),
    "Envoy's ejections through Prometheus": Fixture(
        {"name": "payments", "kind": "endpoint_ejection", "state": "open", "state_text": "endpoints cut off", "target": "payments"},
        (gauge("envoy_cluster_outlier_detection_ejections_active", 2, envoy_cluster_name="payments"),),
    ),
    "Envoy with no endpoint left": Fixture(
        {"name": "payments", "kind": "endpoint_ejection", "state": "open", "rejected": 7},
        (
            gauge("cluster.payments.outlier_detection.ejections_active", 3),
            *both("cluster.payments.upstream_cx_none_healthy", 0, 7),
        ),
    ),
    "Envoy's mark of a call without an endpoint": Fixture(
        {"name": ISTIO, "kind": "endpoint_ejection", "state": "open", "target": "payments", "source": "envoy", "rejected": 1},
        spans=(refused("", "503", peer="", response_flags="UH", upstream_cluster=ISTIO),),
    ),
    "Dapr": Fixture(
        {"service": "checkout", "name": "cb/app_payments", "group": "outbound", "target": "payments", "state": "half_open",
         "source": "dapr", "rejected": 2},
        (
            *state_set("dapr_resiliency_cb_state", "status", {"closed": 0, "half-open": 1, "open": 0, "unknown": 0},
                       app_id="checkout", name="cb", target="app_payments", flow_direction="outbound"),
            *both("dapr_resiliency_count", 3, 5, app_id="checkout", name="cb", target="app_payments", flow_direction="outbound",
                  policy="circuitbreaker", status="open"),
        ),
    ),
    "Dapr's activations": Fixture(
        {"service": "basket", "name": "cb/app_stock", "group": "outbound", "target": "stock", "state": "open", "source": "dapr",
         "transitions": [("closed", "open")]},
        both("dapr_resiliency_activations_total", 1, 2, app_id="basket", name="cb", target="app_stock",
             flow_direction="outbound", policy="circuitbreaker", status="open"),
    ),
    "Dapr's log": Fixture(
        {"name": "cb", "state": "half_open", "source": "dapr", "transitions": [("open", "half_open")]},
        records=(Record('Circuit breaker "cb" changed state from open to half-open', at_ns=NOW_NS),),
    ),
    "Linkerd": Fixture(
        {"name": "payments", "group": "shop", "kind": "endpoint_ejection", "state": "open", "target": "payments",
         "source": "linkerd"},
        state_set("outbound_http_balancer_endpoints", "endpoint_state", {"ready": 0, "pending": 2}, backend_name="payments",
                  backend_namespace="shop"),
    ),
    "Hystrix": Fixture(
        {"name": "Pay", "group": "Till", "state": "open", "rejected": 3, "source": "hystrix"},
        (
            gauge("hystrix.circuit.breaker.open", 1, key="Pay", group="Till"),
            *both("hystrix.execution", 0, 3, key="Pay", group="Till", event="short_circuited", terminal="true"),
        ),
    ),
    "Hystrix, older binder": Fixture(
        {"name": "Pay", "group": "Till", "state": "closed", "source": "hystrix"},
        (gauge("hystrix.circuit.breaker.open", 0, key="Pay", commandGroupKey="Till"),),
    ),
    "Hystrix's span attributes": Fixture(
        {"name": "Pay", "group": "Till", "state": "open", "source": "hystrix", "rejected": 1},
        spans=(Span("", "Till.Pay.execute", attributes={
            "hystrix.command": "Pay", "hystrix.group": "Till", "hystrix.circuit_open": True}),),
    ),
    "Hystrix's refusal": Fixture(
        {"name": "Pay", "state": "open", "source": "hystrix", "rejected": 1},
        spans=(refused("", "com.netflix.hystrix.exception.HystrixRuntimeException"),),
        message="Pay short-circuited and no fallback available.",
    ),
    "Hystrix's refusal, without its wrapper": Fixture(
        {"name": "till", "state": "open", "source": "hystrix", "rejected": 1},
        spans=(refused("", "java.lang.RuntimeException"),),
        message="Hystrix circuit short-circuited and is OPEN",
    ),
    "Armeria's number": Fixture(
        {"name": "pay", "state": "half_open", "source": "armeria", "rejected": 2},
        (
            gauge("armeria.client.circuit.breaker.state", 0.5, name="pay"),
            gauge("armeria.client.circuit.breaker.requests", 7, name="pay", result="failure"),
            *both("armeria.client.circuit.breaker.rejected.requests", 1, 3, name="pay"),
        ),
    ),
    "Armeria's transitions": Fixture(
        {"name": "pay", "state": "open", "source": "armeria", "transitions": [("closed", "open")]},
        (
            *both("armeria_client_circuitBreaker_transitions_total", 0, 1, name="pay", state="OPEN"),
            gauge("armeria_client_circuitBreaker_state", 0, name="pay"),
        ),
    ),
    "Armeria's refusal": Fixture(
        {"name": "till", "state": "open", "source": "armeria", "rejected": 1},
        spans=(refused("", "com.linecorp.armeria.client.circuitbreaker.FailFastException"),),
    ),
    "Open J Proxy": Fixture(
        {"name": "orders/4f2a", "state": "open", "source": "ojp", "rejected": 3, "transitions": [("closed", "open")],
         "reasons": ["failure threshold"]},
        (
            gauge("ojp.circuit_breaker.state", 1, datasource="orders", query_hash="4f2a"),
            *both("ojp.circuit_breaker.transitions.total", 0, 1, datasource="orders", query_hash="4f2a", to_state="OPEN"),
            *both("ojp.circuit_breaker.trips.total", 0, 1, datasource="orders", query_hash="4f2a", reason="FAILURE_THRESHOLD"),
            *both("ojp.circuit_breaker.blocked_calls.total", 0, 3, datasource="orders", query_hash="4f2a"),
        ),
    ),
    "Akka's refusal": Fixture(
        {"name": "till", "target": "till", "state": "open", "source": "akka", "rejected": 1},
        spans=(refused("", "akka.pattern.CircuitBreakerOpenException"),),
    ),
    "Pekko's refusal": Fixture(
        {"name": "till", "state": "open", "source": "akka"},
        spans=(refused("", "org.apache.pekko.pattern.CircuitBreakerOpenException"),),
    ),
    "gobreaker's number": Fixture({"name": "pay", "state": "half_open"}, (gauge("gobreaker_state", 1, name="pay"),)),
    "gobreaker's refusal": Fixture(
        {"name": "till", "state": "open", "source": "gobreaker"},
        spans=(refused("", "*errors.errorString"),),
        message="circuit breaker is open",
    ),
    "gobreaker's state set": Fixture(
        {"name": "pay", "state": "open", "source": "gobreaker"},
        state_set("gobreaker_state", "state", {"closed": 0, "half-open": 0, "open": 1}, name="pay"),
    ),
    "gobreaker's refusal while half open": Fixture(
        {"name": "till", "state": "half_open", "source": "gobreaker", "rejected": 1},
        spans=(refused("", "*errors.errorString"),),
        message="too many requests",
    ),
    "failsafe-go's refusal": Fixture(
        {"name": "till", "state": "open", "source": "failsafe-go", "rejected": 1},
        spans=(refused("", "*errors.errorString"),),
        message="circuit breaker open",
    ),
    "failsafe-go's number": Fixture({"name": "pay", "state": "open"}, (gauge("failsafe_circuitbreaker_state", 1, name="pay"),)),
    "failsafe-go's state set": Fixture(
        {"name": "pay", "state": "half_open", "source": "failsafe-go"},
        state_set("failsafe.circuit_breaker.state", "state", {"closed": 0, "half-open": 1, "open": 0}, name="pay"),
    ),
    "pybreaker's refusal": Fixture(
        {"name": "till", "state": "open", "source": "pybreaker"},
        spans=(refused("", "pybreaker.CircuitBreakerError"),),
    ),
    "aiobreaker's refusal": Fixture(
        {"name": "till", "state": "open", "source": "pybreaker"},
        spans=(refused("", "aiobreaker.CircuitBreakerError"),),
    ),
    "circuitbreaker's refusal": Fixture(
        {"name": "till", "state": "open", "source": "pybreaker"},
        spans=(refused("", "circuitbreaker.CircuitBreakerError"),),
    ),
    "purgatory's number": Fixture(
        {"name": "pay", "state": "half_open", "source": "purgatory"},
        (gauge("circuit_breaker_state", 1, circuit="pay"),),
        scope="purgatory",
    ),
    "purgatory's refusal": Fixture(
        {"name": "till", "state": "open", "source": "purgatory"}, spans=(refused("", "purgatory.OpenedState"),)
    ),
    "a number of nobody known": Fixture(
        {"name": "pay", "state": "unknown", "source": "unrecognised"},
        (gauge("acme.circuit_breaker.state", 1, name="pay"),),
    ),
    "a state set of which two are on": Fixture(
        {"name": "pay", "state": "unknown", "source": "resilience4j"},
        state_set(f"{R4J}.state", "state", {"closed": 1, "open": 1}, name="pay"),
    ),
    "a counter of deltas": Fixture(
        {"name": "pay", "state": "open", "calls_failed": 3, "transitions": [("closed", "open")]},
        (
            Point("circuit", 1, {"name": "pay", "event": "open"}, "counter", NOW_NS, BEFORE_NS, DELTA),
            Point("circuit", 3, {"name": "pay", "event": "failure"}, "counter", NOW_NS, BEFORE_NS, DELTA),
        ),
    ),
}  # fmt: skip
