"""Finding spans inside a trace, with the filter language."""

from typing import Any

import numpy as np

from collector.queries.filter_language import parse
from collector.queries.filter_sql import to_sql
from collector.queries.sources import SpanSource
from collector.queries.statements import statement
from collector.queries.tracing.analysis import Analysis
from collector.queries.tracing.columns import hex_ids, names_of, numbers_of


def find_spans(source: SpanSource, trace_id: str, q: str, analysis: Analysis, most: int) -> dict[str, Any]:
    """{count, rows, ids}: the spans that meet `q`, in the order of the rows; `most` of them. Raises BadRequest.

    Words without a field are also looked for in what the span says: values of its attributes and its resource's, events,
    its status and its id.
    """
    condition = to_sql(parse(q), text_anywhere=True)
    sql = statement("trace_matches", spans=source.spans, condition=condition.sql)
    parameters = {**condition.parameters, "trace_id": trace_id, "limit": len(analysis.spans)}
    table = source.query_arrow(sql, parameters)
    rows = analysis.rows_of(numbers_of(table.column("id"), np.uint64), names_of(table.column("service")))
    rows = np.sort(rows[rows >= 0])
    shown = rows[:most]
    return {"count": len(rows), "rows": shown, "ids": hex_ids(analysis.spans.id[shown])}
