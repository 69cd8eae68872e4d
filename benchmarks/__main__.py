"""`python -m benchmarks NAME [--quick]`: measure, and print a table of figures beside their targets."""

import argparse
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks import (
    breakers,
    breakers_on_demo,
    dashboard,
    demo,
    health,
    ingest,
    latency,
    pages,
    queries,
    size,
    soak,
    tab_memory,
    trace_page,
)
from benchmarks.figures import Report, machine_line, markdown, show
from benchmarks.options import Options, workspace

BENCHMARKS: dict[str, Callable[[Options], Report]] = {
    "ingest": ingest.run,
    "soak": soak.run,
    "latency": latency.run,
    "queries": queries.run,
    "size": size.run,
    "dashboard": dashboard.run,
    "trace_page": trace_page.run,
    "pages": pages.run,
    "tab_memory": tab_memory.run,
    "demo": demo.run,
    "breakers": breakers.run,
    "breakers_on_demo": breakers_on_demo.run,
    "health": health.run,
}
RESULTS = Path(__file__).parent / "RESULTS.md"


def main(argv: Sequence[str] | None = None) -> int:
    """Returns 1 when a benchmark could not be finished. A target that is missed is shown, it is not a failure."""
    arguments = _parse(argv)
    names = list(BENCHMARKS) if arguments.name == "all" else [arguments.name]
    command = f"python -m benchmarks {' '.join(sys.argv[1:] if argv is None else argv)}"
    print(machine_line(), flush=True)
    reports: list[Report] = []
    failed = False
    with workspace(_options(arguments), arguments.data) as options:
        for name in names:
            try:
                reports.append(BENCHMARKS[name](options))
            except (RuntimeError, OSError, subprocess.SubprocessError) as error:
                failed = True
                reports.append(Report(name.capitalize(), [], [f"Failed: {error}"]))
            show(reports[-1])
            if arguments.name == "all":
                arguments.results.write_text(markdown(reports, command))
    return int(failed)


def _options(arguments: argparse.Namespace) -> Options:
    return Options(
        folder=Path(),
        quick=arguments.quick,
        runs=arguments.runs,
        duration_s=arguments.duration,
        connections=arguments.connections,
        cases=tuple(arguments.case),
        spans=arguments.spans,
    )


def _parse(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("name", choices=[*BENCHMARKS, "all"])
    quick, data = "seconds instead of minutes: shows that it works", "folder for stores, where preloaded ones are kept"
    parser.add_argument("--quick", action="store_true", help=quick)
    parser.add_argument("--data", type=Path, help=f"{data} (default: a temporary folder)")
    parser.add_argument("--runs", type=int, help="runs of each case")
    parser.add_argument("--duration", type=float, metavar="S", help="seconds that each run is measured")
    parser.add_argument("--connections", type=int, help="requests in flight")
    parser.add_argument(
        "--case", action="append", default=[], metavar="TEXT", help="only cases with this in their name"
    )
    parser.add_argument("--spans", type=int, help="how many spans to preload")
    parser.add_argument("--results", type=Path, default=RESULTS, help="where `all` writes its table")
    return parser.parse_args(argv)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # what was started ends with it
    sys.exit(main())
