"""When the events of a trace's spans happened, in columns: what a waterfall marks on its bars."""

from typing import Any

import numpy as np

from collector.queries.sources import SpanSource
from collector.queries.statements import statement
from collector.queries.tracing.analysis import Analysis
from collector.queries.tracing.columns import names_of, numbers_of


def span_events(source: SpanSource, trace_id: str, analysis: Analysis, most: int) -> dict[str, Any]:
    """As in the API: the earliest `most` events by row, name and offset from the trace's start, moved as their spans are."""
    sql = statement("trace_events", spans=source.spans)
    table = source.query_arrow(sql, {"trace_id": trace_id, "limit": most})
    rows = analysis.rows_of(numbers_of(table.column("id"), np.uint64), names_of(table.column("service")))
    shown = rows >= 0
    rows, names = rows[shown], names_of(table.column("name"))
    at_ns = numbers_of(table.column("at_ns"), np.int64)[shown] - analysis.start_ns + analysis.moved_ns[rows]
    return {
        "count": int(analysis.spans.events.sum()),
        "row": rows,
        "at_ns": at_ns,
        "name": names.codes[shown],
        "names": names.texts,
    }
