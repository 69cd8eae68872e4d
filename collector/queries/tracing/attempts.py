"""Calls that were made again: what a span, and those like it beneath the same parent, tell of attempts, in words."""

import numpy as np

from collector.conventions import semconv
from collector.queries.moments import shown_duration
from collector.queries.tracing.analysis import Analysis
from collector.queries.tracing.columns import ERROR, Ints
from collector.store.engine import Row


def attempts(span: Row, analysis: Analysis, row: int | None) -> list[str]:
    """Sentences. Only the number that a client notes is certain; that the same call failed just before is what it looks like.

    `row`: of the span, None for one beyond those that are shown.
    """
    resent = _resent(span)
    if row is None or analysis.tree.parent[row] < 0:
        return [f"Attempt {resent + 1} of this call."] if resent else []
    before, after = _alike(analysis, row)
    failed = _failed_last(analysis, before)
    said = []
    if resent:
        failures = f"; the {'one' if failed == 1 else failed} before it failed" if failed else ""
        said.append(f"Attempt {resent + 1} of this call{failures}.")
    elif failed:
        times = "" if failed == 1 else f" {failed} times"
        said.append(f"The same call failed{times} just before: this seems to be attempt {failed + 1}.")
    if analysis.spans.status[row] == ERROR and len(after):
        later_ns = int(analysis.spans.start_ns[after[0]] - analysis.spans.end_ns[row])
        outcome = "failed too" if analysis.spans.status[after[0]] == ERROR else "succeeded"
        said.append(f"The same call was made again {shown_duration(later_ns)} later, and {outcome}.")
    return said


def _resent(span: Row) -> int:
    counts = (span["attributes"].get(key) for key in semconv.HTTP_RESEND_COUNT)
    return next((count for count in counts if isinstance(count, int) and count > 0), 0)


def _alike(analysis: Analysis, row: int) -> tuple[Ints, Ints]:
    """Rows of the same call beneath the same parent: those that were over before this one, and those after it, by their start."""
    spans, parent = analysis.spans, analysis.tree.parent
    alike = (parent == parent[row]) & (spans.name.codes == spans.name.codes[row]) & (spans.kind == spans.kind[row])
    rows = np.flatnonzero(alike & (spans.service.codes == spans.service.codes[row]))
    rows = rows[np.argsort(spans.start_ns[rows], kind="stable")]
    rows = rows[rows != row]
    return rows[spans.end_ns[rows] <= spans.start_ns[row]], rows[spans.start_ns[rows] >= spans.end_ns[row]]


def _failed_last(analysis: Analysis, before: Ints) -> int:
    """How many of them failed without one that succeeded after."""
    succeeded = np.flatnonzero(analysis.spans.status[before] != ERROR)
    return len(before) - (int(succeeded[-1]) + 1 if len(succeeded) else 0)
