"""What became of each source: counted while it is loaded, shown at the end."""

from dataclasses import dataclass, field

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from spanscape.load.spans import each_span

# The report must not grow with the data: about 100 MB of trace ids, and as many messages as someone may read.
_MAX_DISTINCT = 1_000_000
_MAX_MESSAGES = 1_000
_MAX_MESSAGE = 500


@dataclass(slots=True)
class DistinctCount:
    """How many different values were seen; exact up to a million, "1,000,000+" beyond."""

    _seen: set[bytes | str] = field(default_factory=set)
    _overflowed: bool = False

    def add(self, value: bytes | str) -> None:
        if len(self._seen) < _MAX_DISTINCT:
            self._seen.add(value)
        elif value not in self._seen:
            self._overflowed = True

    def add_all(self, other: "DistinctCount") -> None:
        self._overflowed = self._overflowed or other._overflowed
        for value in other._seen:
            self.add(value)

    def __str__(self) -> str:
        return f"{len(self._seen):,}{'+' if self._overflowed else ''}"

    def __int__(self) -> int:
        return len(self._seen)


@dataclass(slots=True)
class SourceReport:
    """One file or directory that the user named.

    `spans` were read from it, `refused` of them the collector did not take, `errors` counts the problems, of which the
    first thousand are kept as messages. Times are seconds of a monotonic clock.
    """

    name: str
    files: int = 0
    spans: int = 0
    refused: int = 0
    errors: int = 0
    started_s: float = 0.0
    finished_s: float = 0.0
    traces: DistinctCount = field(default_factory=DistinctCount)
    services: DistinctCount = field(default_factory=DistinctCount)
    formats: set[str] = field(default_factory=set)
    problems: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    _current_file: str = ""

    @property
    def complete(self) -> bool:
        """Whether everything in the source was understood and accepted."""
        return not self.errors and not self.refused

    @property
    def accepted_per_s(self) -> float:
        elapsed_s = self.finished_s - self.started_s
        return (self.spans - self.refused) / elapsed_s if elapsed_s > 0 else 0.0

    def recognised(self, file: str, format_name: str) -> None:
        """Files come one after the other; telling the same one again, as for each of its lines, counts once."""
        if file != self._current_file:
            self._current_file = file
            self.files += 1
        self.formats.add(format_name)

    def count(self, request: ExportTraceServiceRequest) -> int:
        """Adds what is in `request`; returns its number of spans."""
        spans = 0
        for service, span in each_span(request):
            spans += 1
            self.traces.add(span.trace_id)
            self.services.add(service)
        self.spans += spans
        return spans

    def problem(self, file: str, error: Exception | str) -> None:
        self.errors += 1
        _keep(self.problems, f"{file}: {error}")

    def skipped(self, file: str, reason: object) -> None:
        _keep(self.notes, f"skipped {file}: {reason}")

    def remark(self, message: str) -> None:
        """Something worth knowing that lost nothing."""
        _keep(self.notes, message)


def _keep(messages: list[str], message: str) -> None:
    shown = message if len(message) <= _MAX_MESSAGE else message[: _MAX_MESSAGE - 1] + "…"
    if len(messages) < _MAX_MESSAGES and shown not in messages[-1:]:
        messages.append(shown)
