"""Names that telemetry uses, current first and older ones after, and what they mean for the map.

Source: OpenTelemetry semantic conventions 1.44.0 and the names that earlier versions used for the same thing. Where a
span carries several, the one that it states first counts.
"""

PEER_SERVICE = ("service.peer.name", "peer.service")
SERVER_ADDRESS = (
    "server.address",
    "net.peer.name",
    "net.sock.peer.name",
    "network.peer.address",
    "net.peer.ip",
    "http.host",
)
SERVER_PORT = ("server.port", "net.peer.port")
URL = ("url.full", "http.url")
RPC_SERVICE = ("rpc.service",)
DB_SYSTEM = ("db.system.name", "db.system")
DB_NAMESPACE = ("db.namespace", "db.name", "db.redis.database_index")
MESSAGING_SYSTEM = ("messaging.system",)
MESSAGING_DESTINATION = ("messaging.destination.name", "messaging.destination")
MESSAGING_OPERATION = ("messaging.operation.type", "messaging.operation")
ERROR_TYPE = ("error.type", "exception.type")
HTTP_RESEND_COUNT = ("http.request.resend_count", "http.resend_count")
SERVICE_VERSION = "service.version"
ENVIRONMENT = ("deployment.environment.name", "deployment.environment")
HTTP_STATUS = ("http.response.status_code", "http.status_code")

MESSAGING_RECEIVE = ("receive", "process", "deliver")
"""Operations that take from a broker, whatever the span's kind."""

REFUSAL_ERRORS = (
    "CallNotPermittedException",
    "CircuitBreakerOpenException",
    "BrokenCircuitException",
    "IsolatedCircuitException",
    "CircuitBreakerError",
    "CircuitBreakerOpen",
    "RequestNotPermitted",
    "BulkheadFull",
    "BulkheadException",
    "RateLimited",
    "RateLimitExceededException",
    "OpenedState",
    "circuitbreaker.FailFastException",
)
"""Parts of the exception types by which breakers, bulkheads and limiters refuse a call without making it."""

REFUSAL_MESSAGES = (
    "Breaker is open",
    "circuit breaker is open",
    "too many requests",
    "circuit breaker open",
    "short-circuited and ",
)
"""Parts of the messages of those refusals whose type is that of any error: opossum, gobreaker (twice), failsafe-go, Hystrix."""

REFUSAL_MARKS = ("hystrix.circuit_open", "response_flags")
"""Attributes that mark a refused call whatever its status: of the Java agent for Hystrix, and of Envoy."""
REFUSAL_MARK_VALUES = ("true", "UO", "UH")
"""Parts of their values."""

TOO_MANY_REQUESTS = "429"
