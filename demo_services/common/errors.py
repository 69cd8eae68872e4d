"""The shop's errors and the HTTP status each one answers with.

ShopError 500
├── InvalidOrder 422
├── UnknownProduct 404
├── UnknownOrder 404
├── OutOfStock 409
├── StockroomJammed 500
└── PeerUnavailable 502
"""


class ShopError(Exception):
    status = 500


class InvalidOrder(ShopError):
    status = 422


class UnknownProduct(ShopError):
    status = 404


class UnknownOrder(ShopError):
    status = 404


class OutOfStock(ShopError):
    status = 409


class StockroomJammed(ShopError):
    """The simulated fault: now and then a reservation fails for no reason of the caller's."""


class PeerUnavailable(ShopError):
    """A service that this one needs did not answer, or answered with a failure of its own."""

    status = 502
