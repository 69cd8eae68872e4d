"""The load itself: sources are read and converted in this thread, and sent by a few others.

At most two batches per sender are under way, so memory is bounded by the batches and the largest single document,
however large the sources are.
"""

import lzma
import tarfile
import time
import zipfile
import zlib
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from collector.formats.errors import MalformedTelemetry, NotTelemetry
from spanscape.load.batching import in_batches
from spanscape.load.documents import read_requests
from spanscape.load.report import SourceReport
from spanscape.load.sending import Exporter, Receipt
from spanscape.load.shift import latest_ns, shift
from spanscape.load.sources import Member, OnBytes, files, members

# What reading a file or a damaged archive can raise; zipfile says NotImplementedError for unusual compressions.
_UNREADABLE = (
    OSError,
    EOFError,
    zlib.error,
    lzma.LZMAError,
    tarfile.TarError,
    zipfile.BadZipFile,
    NotImplementedError,
)


@dataclass(frozen=True, slots=True)
class LoadOptions:
    sources: tuple[Path, ...]
    batch_spans: int = 1000
    concurrency: int = 2
    max_document_bytes: int = 128 << 20


class Loader:
    """One load of some sources into one collector. `reports` fills while it runs and can be shown however it ends."""

    def __init__(
        self, options: LoadOptions, exporter: Exporter, *, on_bytes: OnBytes, on_sent: Callable[[int], None]
    ) -> None:
        self.reports = [SourceReport(str(source)) for source in options.sources]
        self._options = options
        self._exporter = exporter
        self._on_bytes = on_bytes
        self._on_sent = on_sent
        self._under_way: deque[tuple[SourceReport, int, Future[Receipt]]] = deque()

    def offset_to(self, now_ns: int) -> int:
        """What to add to all times so that the latest span of all sources ends at `now_ns`; 0 if there are no times.

        Reads and converts everything once: the latest end may be anywhere, and no format has it in its head.
        """
        latest = 0
        for source in self._options.sources:
            latest = max(latest, latest_ns(self._requests(source, SourceReport(str(source)))))
        return now_ns - latest if latest else 0

    def run(self, offset_ns: int = 0) -> None:
        """Raises CollectorUnavailable; what was sent until then is in the reports."""
        with ThreadPoolExecutor(self._options.concurrency, thread_name_prefix="load") as pool:
            try:
                for source, report in zip(self._options.sources, self.reports, strict=True):
                    self._send_source(source, report, offset_ns, pool)
                self._settle(down_to=0)
            except BaseException:
                self._exporter.stop()
                pool.shutdown(cancel_futures=True)
                self._settle_what_ended()
                raise

    def _send_source(self, source: Path, report: SourceReport, offset_ns: int, pool: ThreadPoolExecutor) -> None:
        report.started_s = report.finished_s = time.monotonic()
        for batch in in_batches(self._requests(source, report), self._options.batch_spans):
            shift(batch, offset_ns)
            spans = report.count(batch)
            self._under_way.append((report, spans, pool.submit(self._exporter.send, batch)))
            self._settle(down_to=2 * self._options.concurrency - 1)

    def _requests(self, source: Path, report: SourceReport) -> Iterator[ExportTraceServiceRequest]:
        """All requests of a source. What cannot be read goes to the report, and reading goes on behind it."""
        for path, in_directory in files(source):
            name = str(path)
            try:
                for member in members(path, in_directory, self._on_bytes):
                    name = member.name
                    yield from self._member_requests(member, report)
            except NotTelemetry as error:
                report.skipped(name, error)
            except _UNREADABLE as error:
                report.problem(name, _said(error))
        if not report.files and not report.errors:
            report.problem(str(source), "no telemetry in it")

    def _member_requests(self, member: Member, report: SourceReport) -> Iterator[ExportTraceServiceRequest]:
        try:
            yield from read_requests(member, report, self._options.max_document_bytes)
        except MalformedTelemetry as error:
            report.problem(member.name, error)
        except NotTelemetry as error:
            if member.in_container:
                report.skipped(member.name, error)
            else:
                report.problem(member.name, error)

    def _settle(self, down_to: int) -> None:
        """Waits until at most `down_to` requests are under way."""
        while len(self._under_way) > down_to:
            report, _, future = self._under_way[0]
            receipt = future.result()
            self._under_way.popleft()
            self._note(report, receipt)

    def _settle_what_ended(self) -> None:
        """After an end before the end: what has an answer is counted, the rest was not accepted."""
        for report, spans, future in self._under_way:
            if future.done() and not future.cancelled() and future.exception() is None:
                self._note(report, future.result())
            else:
                report.refused += spans
        self._under_way.clear()

    def _note(self, report: SourceReport, receipt: Receipt) -> None:
        report.finished_s = time.monotonic()
        report.refused += receipt.refused
        reasons = ", ".join(dict.fromkeys(receipt.reasons))
        if receipt.refused:
            report.problem(report.name, f"the collector refused spans: {reasons or 'it gave no reason'}")
        elif reasons:
            report.remark(f"{report.name}: the collector says: {reasons}")
        self._on_sent(receipt.spans - receipt.refused)


def _said(error: BaseException) -> str:
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error) or type(error).__name__
