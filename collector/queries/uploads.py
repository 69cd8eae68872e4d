"""What an upload holds."""

from typing import Any

from collector.queries import sources, traces
from collector.queries.moments import moment_text
from collector.queries.statements import statement
from collector.store.uploads import Upload

MOST_TRACES = 100


def about_upload(upload: Upload) -> dict[str, Any]:
    """As in the API, with summaries of its earliest traces."""
    source = sources.uploaded(upload)
    sql = statement("upload_traces", spans=source.spans)
    rows = source.query(sql, {"limit": MOST_TRACES})
    return {
        "upload": upload.token,
        "format": upload.format,
        "expires_at": moment_text(int(upload.expires_s * 1e9)),
        "span_count": rows[0]["all_spans"] if rows else 0,
        "trace_count": rows[0]["traces"] if rows else 0,
        "traces": traces.summaries(source, [row["trace_id"] for row in rows]),
        "refused": upload.refused,
        "reason": upload.reason,
    }
