"""`python -m benchmarks NAME [--quick]`: measure, and print a table of figures beside their targets."""

import argparse
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from benchmarks import ingest
from benchmarks.figures import Report, machine_line, markdown, show
from benchmarks.options import Options

BENCHMARKS: dict[str, Callable[[Options], Report]] = {
    "ingest": ingest.run,
}
RESULTS = Path(__file__).parent / "RESULTS.md"


def main(argv: Sequence[str] | None = None) -> int:
    arguments = _parse(argv)
    options = Options(
        quick=arguments.quick,
        data=arguments.data,
        runs=arguments.runs,
        duration_s=arguments.duration,
        connections=arguments.connections,
        cases=tuple(arguments.case),
        spans=arguments.spans,
    )
    names = list(BENCHMARKS) if arguments.name == "all" else [arguments.name]
    print(machine_line(), flush=True)
    reports = []
    for name in names:
        reports.append(BENCHMARKS[name](options))
        show(reports[-1])
    if arguments.name == "all":
        arguments.results.write_text(markdown(reports, f"python -m benchmarks {' '.join(argv or sys.argv[1:])}"))
        print(f"written to {arguments.results}")
    return 0


def _parse(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("name", choices=[*BENCHMARKS, "all"])
    parser.add_argument("--quick", action="store_true", help="seconds instead of minutes: shows that it works, not how fast it is")
    parser.add_argument("--data", type=Path, help="folder for the stores (default: a temporary folder); `queries` and `size` keep and reuse theirs")
    parser.add_argument("--runs", type=int, help="runs of each case")
    parser.add_argument("--duration", type=float, metavar="S", help="seconds that each run is measured")
    parser.add_argument("--connections", type=int, help="requests in flight")
    parser.add_argument("--case", action="append", default=[], metavar="TEXT", help="only cases with this in their name; may be repeated")
    parser.add_argument("--spans", type=int, help="how many spans to preload")
    parser.add_argument("--results", type=Path, default=RESULTS, help="where `all` writes its table")
    return parser.parse_args(argv)


if __name__ == "__main__":
    sys.exit(main())
