"""Live tail: the traces that match a search among what arrived since the last look.

An insert makes a part of its own, so what arrived is in parts that were written since. A part that a merge wrote holds old
rows too: of these, what ended lately counts. Where there are no parts to look at (on a cluster) that counts everywhere.
A trace is told again when more of it arrives, and may be told twice.
"""

import re
from time import time_ns
from typing import Any

from collector.errors import BadRequest
from collector.queries import cursors, sources
from collector.queries.statements import part, statement
from collector.queries.traces import TraceQuery, condition_of, summaries
from collector.store.engine import Store

_OVERLAP_S = 1  # times of parts are in whole seconds
_LATE_NS = 10 * 10**9  # exporters send a span some seconds after its end
_TABLE = "otel_traces"


def find_new(store: Store, query: TraceQuery, limit: int, cursor: str = "") -> dict[str, Any]:
    """{traces, matched, next}: at most `limit` of the traces that arrived since `cursor` was given, the newest, of how many,
    and the cursor for the next look. Without a cursor nothing is new. Raises BadRequest for what is no cursor."""
    condition, now_ns = condition_of(store, query), time_ns()
    following = cursors.encoded("tail", now_ns)
    if not cursor:
        return {"traces": [], "matched": 0, "next": following}
    arrived, values = _arrived(store, _since(cursor, now_ns))
    asked = {**condition.parameters, **values, "start_ns": query.window.start_ns, "limit": limit}
    rows = store.query(statement("new_traces", arrived=arrived, condition=condition.sql), asked)
    return {
        "traces": summaries(sources.stored(store), [row["TraceId"] for row in rows]),
        "matched": rows[0]["matched"] if rows else 0,
        "next": following,
    }


def _since(cursor: str, now_ns: int) -> int:
    found = re.fullmatch(r"tail:([0-9]{1,19})", cursors.decoded(cursor))
    if not found or int(found[1]) > now_ns:
        raise BadRequest("cursor: not one of a live tail; start again without it")
    return int(found[1])


def _arrived(store: Store, since_ns: int) -> tuple[str, dict[str, Any]]:
    """A condition on rows, with its values."""
    ended = {"since_ns": since_ns - _LATE_NS}
    parts = [] if store.clustered else store.query(statement("parts_now"), {"tables": [_TABLE]})
    if not parts:
        return part("ended_since"), ended
    written = [row for row in parts if row["written_s"] >= since_ns // 10**9 - _OVERLAP_S]
    fresh = [row["name"] for row in written if row["level"] == 0]
    merged = [row["name"] for row in written if row["level"] > 0]
    return part("arrived_in_parts"), {**ended, "fresh": fresh, "merged": merged}
