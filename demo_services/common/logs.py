"""Where log records go: warnings to the console, everything from INFO on to OpenTelemetry with its trace id."""

import logging
import sys
import time
from collections.abc import Callable

from opentelemetry._logs import LoggerProvider, SeverityNumber
from opentelemetry.context import get_current

_SEVERITIES = {
    "DEBUG": SeverityNumber.DEBUG,
    "INFO": SeverityNumber.INFO,
    "WARN": SeverityNumber.WARN,
    "ERROR": SeverityNumber.ERROR,
    "FATAL": SeverityNumber.FATAL,
}
_SEVERITY_NAMES = {"WARNING": "WARN", "CRITICAL": "FATAL"}  # where Python's word is not OpenTelemetry's


class OtlpHandler(logging.Handler):
    """Hands records to the OpenTelemetry logs SDK, in the context, and so the trace, of whoever logged."""

    def __init__(self, provider: LoggerProvider) -> None:
        super().__init__(logging.INFO)
        self._provider = provider

    def emit(self, record: logging.LogRecord) -> None:
        severity = _SEVERITY_NAMES.get(record.levelname, record.levelname)
        self._provider.get_logger(record.name).emit(
            timestamp=int(record.created * 1e9),
            observed_timestamp=time.time_ns(),
            context=get_current(),
            severity_number=_SEVERITIES.get(severity, SeverityNumber.UNSPECIFIED),
            severity_text=severity,
            body=record.getMessage(),
            exception=record.exc_info[1] if record.exc_info else None,
        )


class OncePer(logging.Filter):
    """Lets one record through per `period_s`, of whatever kind."""

    def __init__(self, period_s: float, now: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._period_s = period_s
        self._now = now
        self._next_s = -float("inf")

    def filter(self, record: logging.LogRecord) -> bool:
        if self._now() < self._next_s:
            return False
        self._next_s = self._now() + self._period_s
        return True


class _OneLine(logging.Formatter):
    """The stack of an error belongs to the trace; the console gets a line."""

    def formatException(self, exc_info: object) -> str:
        return ""

    def format(self, record: logging.LogRecord) -> str:
        return super().format(record).splitlines()[0]


def start_logging(provider: LoggerProvider | None) -> None:
    """Takes over the root logger; without a `provider`, records go to the console only. What the exporters complain about
    goes there too, once a minute: a collector that is down must neither flood it nor be told of its own absence.
    """
    root = logging.getLogger()
    root.setLevel(logging.INFO)
    root.handlers = [_console(), *([OtlpHandler(provider)] if provider else [])]
    sdk = logging.getLogger("opentelemetry")
    sdk.propagate = False
    quiet = _console()
    quiet.addFilter(OncePer(60.0))
    sdk.handlers = [quiet]


def _console() -> logging.Handler:
    handler = logging.StreamHandler(sys.stderr)
    handler.setLevel(logging.WARNING)
    handler.setFormatter(_OneLine("%(levelname)s %(name)s: %(message)s"))
    return handler
