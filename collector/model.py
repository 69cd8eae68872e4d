"""The few types that more than one room shares."""

from concurrent.futures import Future
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Signal(StrEnum):
    """What an OTLP request carries."""

    TRACES = "traces"
    METRICS = "metrics"
    LOGS = "logs"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of one committed request: how many of its spans, points or records were refused, and why."""

    refused: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Normalised:
    """A request in the form that the store takes: see `receivers/normalise.py`."""

    body: bytes
    refused: int = 0
    reason: str = ""


class Sink(Protocol):
    """Where receivers put requests."""

    def submit(self, signal: Signal, body: bytes) -> "Future[Receipt]":
        """Queue one serialised OTLP export request. The future ends after the commit, or with a CollectorError.

        Raises Unavailable at once when the queue is full or the collector is closing.
        """
        ...
