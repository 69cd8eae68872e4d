"""The traces that a trace is like: recent ones of the same operation."""

from collector.queries.sources import SpanSource
from collector.queries.statements import statement
from collector.queries.time_range import TimeRange
from collector.queries.tracing.analysis import Analysis, analyse
from collector.queries.tracing.columns import read_columns_of_each
from collector.settings import Settings


def find_alike(
    source: SpanSource,
    trace_id: str,
    analysis: Analysis,
    window: TimeRange,
    settings: Settings,
    correct: bool,
) -> list[Analysis]:
    """The latest in the window, not the trace itself, up to `SPANSCAPE_TRACE_TYPICAL_OF`; there may be none.

    Together they have no more spans than one trace may have.
    """
    spans, root = analysis.spans, analysis.root
    parameters = {
        **window.parameters,
        "trace_id": trace_id,
        "service": spans.service[root],
        "operation": spans.name[root],
        "is_root": int(spans.parent_id[root] == 0),
        "limit": settings.trace_typical_of,
    }
    rows = source.query(statement("traces_alike", spans=source.spans), parameters)
    ids = [row["trace_id"] for row in rows]
    found = read_columns_of_each(source, ids, settings.trace_max_spans) if ids else []
    max_skew_ns = int(settings.trace_max_skew_s * 1e9) if correct else 0
    return [analyse(columns, max_skew_ns, correct) for columns in found]
