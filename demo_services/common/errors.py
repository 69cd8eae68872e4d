"""The shop's errors and the HTTP status each one answers with.

ShopError 500
├── BadInput 422
├── NotSignedIn 401
├── NotFound 404
├── Conflict 409
│   └── OutOfStock 409
├── PaymentDeclined 402
├── TooManyRequests 429
├── PeerRefused: the status that the peer answered, below 500
└── PeerUnavailable 503
    ├── CircuitBreakerOpen 503
    └── BulkheadFull 503
"""


class ShopError(Exception):
    status = 500


class BadInput(ShopError):
    status = 422


class NotSignedIn(ShopError):
    status = 401


class NotFound(ShopError):
    status = 404


class Conflict(ShopError):
    status = 409


class OutOfStock(Conflict):
    pass


class PaymentDeclined(ShopError):
    status = 402


class TooManyRequests(ShopError):
    status = 429

    def __init__(self, message: str, retry_after_s: float) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class PeerRefused(ShopError):
    """Another service said no: its answer, with a status below 500, is passed on."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


class PeerUnavailable(ShopError):
    """A service that this one needs did not answer, or answered with a failure of its own."""

    status = 503


class CircuitBreakerOpen(PeerUnavailable):
    """The call was not made: too many of the latest ones failed or were slow."""


class BulkheadFull(PeerUnavailable):
    """The call was not made: too many to the same service are under way."""
