"""What can go wrong, and the status that says so.

CollectorError                 500
├── BadRequest                 400  the caller must change the request
├── NotFound                   404
├── PayloadTooLarge            413  over a configured size, after decompression
├── UnsupportedMediaType       415
├── QueryTimeout               503  the engine did not finish in the configured time
├── ReadOnly                   403  the store was opened for reading only
└── Unavailable                503  try again later: the queue is full, or the store cannot write now
"""


class CollectorError(Exception):
    """Base of all expected errors; its text is safe to show to the caller."""

    status = 500
    title = "Internal error"


class BadRequest(CollectorError):
    status = 400
    title = "Bad request"


class NotFound(CollectorError):
    status = 404
    title = "Not found"


class PayloadTooLarge(CollectorError):
    status = 413
    title = "Payload too large"


class UnsupportedMediaType(CollectorError):
    status = 415
    title = "Unsupported media type"


class ReadOnly(CollectorError):
    status = 403
    title = "Store is read-only"


class QueryTimeout(CollectorError):
    status = 503
    title = "Query took too long"


class Unavailable(CollectorError):
    """Try again after `retry_after_s` seconds; the request was not acknowledged, though parts of it may be stored."""

    status = 503
    title = "Unavailable"

    def __init__(self, message: str, retry_after_s: int = 1) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s
