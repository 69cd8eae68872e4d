"""Command line of `spanscape load`."""

import argparse
import time
from collections.abc import Sequence
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from spanscape.load.errors import CollectorUnavailable
from spanscape.load.loading import Loader, LoadOptions
from spanscape.load.screen import LoadProgress, print_error, print_summary
from spanscape.load.sending import Exporter, RetryPolicy
from spanscape.load.sources import total_bytes

ACCEPTED, NOT_ALL_ACCEPTED, INTERRUPTED = 0, 1, 130

_DESCRIPTION = """\
Send recorded traces to a collector over OTLP/HTTP.

Reads OTLP (protobuf, JSON, JSON lines, YAML), Jaeger JSON and Zipkin v2 JSON, recognised by content, from plain files,
gzip, tar, tar.gz, zip and directories. Exits with 0 only if everything was understood and accepted.
"""


def main(argv: Sequence[str] | None = None) -> int:
    """Runs `spanscape load` with the arguments behind that word; returns the exit code."""
    parser = _parser()
    arguments = parser.parse_args(argv)
    if arguments.now and any(path.is_fifo() for path in arguments.files):
        parser.error("--now reads every file twice, which a pipe does not allow")
    options = LoadOptions(
        sources=tuple(arguments.files),
        batch_spans=arguments.batch,
        concurrency=arguments.concurrency,
        max_document_bytes=arguments.max_document_mib << 20,
    )
    compress = arguments.gzip if arguments.gzip is not None else not _is_loopback(arguments.endpoint)
    retry = RetryPolicy(give_up_after_s=arguments.retry_for)
    with Exporter(arguments.endpoint, compress=compress, retry=retry) as exporter:
        return _load(options, exporter, shift_to_now=arguments.now)


def _load(options: LoadOptions, exporter: Exporter, *, shift_to_now: bool) -> int:
    passes = 2 if shift_to_now else 1
    progress = LoadProgress(passes * sum(map(total_bytes, options.sources)))
    loader = Loader(options, exporter, on_bytes=progress.on_bytes, on_sent=progress.on_sent)
    stopped_by: BaseException | None = None
    with progress:
        try:
            offset_ns = 0
            if shift_to_now:
                progress.describe("Finding the latest span")
                offset_ns = loader.offset_to(time.time_ns())
                progress.describe("Loading")
            loader.run(offset_ns)
        except (CollectorUnavailable, KeyboardInterrupt) as error:
            stopped_by = error
    print_summary(loader.reports)
    if isinstance(stopped_by, KeyboardInterrupt):
        print_error("interrupted")
        return INTERRUPTED
    if stopped_by is not None:
        print_error(str(stopped_by))
        return NOT_ALL_ACCEPTED
    return ACCEPTED if all(report.complete for report in loader.reports) else NOT_ALL_ACCEPTED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="spanscape load", description=_DESCRIPTION, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE", help="a file, an archive or a directory")
    parser.add_argument(
        "--endpoint",
        type=_http_url,
        default="http://127.0.0.1:4318",
        metavar="URL",
        help="the collector's OTLP/HTTP address; /v1/traces is added when missing (default: %(default)s)",
    )
    parser.add_argument(
        "--now",
        action="store_true",
        help="move all times by one constant so that the latest span ends now; reads every file twice, "
        "first to find it (default: times as recorded)",
    )
    parser.add_argument(
        "--batch", type=_positive, default=1000, metavar="SPANS", help="spans per request (default: %(default)s)"
    )
    parser.add_argument(
        "--concurrency", type=_positive, default=2, metavar="N", help="requests at a time (default: %(default)s)"
    )
    parser.add_argument(
        "--gzip",
        action=argparse.BooleanOptionalAction,
        help="compress requests (default: only if the collector is on another machine; on this one it only costs time)",
    )
    parser.add_argument(
        "--retry-for",
        type=float,
        default=60.0,
        metavar="SECONDS",
        help="how long to try one request while the collector does not answer or asks to wait (default: %(default)s)",
    )
    parser.add_argument(
        "--max-document-mib",
        type=_positive,
        default=128,
        metavar="MIB",
        help="the largest single document or line that is read; JSON takes up to ten times as much memory "
        "(default: %(default)s)",
    )
    return parser


def _http_url(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise argparse.ArgumentTypeError(f"expected an address such as http://127.0.0.1:4318, got {text!r}")
    return text


def _positive(text: str) -> int:
    value = int(text) if text.isdecimal() else 0
    if value < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number above 0, got {text!r}")
    return value


def _is_loopback(endpoint: str) -> bool:
    host = urlsplit(endpoint).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
