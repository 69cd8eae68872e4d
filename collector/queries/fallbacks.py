"""Calls whose failures the caller took another way around, by the word of its own spans."""

from collector.conventions.guards import FALLBACK_EVENTS
from collector.queries import sources
from collector.queries.scope import Scope
from collector.queries.statements import statement
from collector.queries.time_range import MINUTE_NS, TimeRange
from collector.queries.topology import Part, get_topology, node_id
from collector.store.engine import Row, Store

_LONGEST_NS = 60 * MINUTE_NS
_MOST_SPANS = 500  # with such an event, the newest; they tell where fallbacks are, not how often they were needed


def list_fallbacks(store: Store, window: TimeRange, limit: int, environment: str = "") -> list[Row]:
    """{source, target, failed, trace_id}: calls that failed in traces in which their caller noted a fallback.

    No more than the last hour of the window is looked through: that there is a fallback shows in any part of it.
    """
    window = TimeRange(max(window.start_ns, window.end_ns - _LONGEST_NS), window.end_ns)
    bounds = {**window.minutes, "event_names": list(FALLBACK_EVENTS), "limit": _MOST_SPANS}
    bounds["environment"] = environment
    traces: dict[str, list[str]] = {}
    for row in store.query(statement("fallback_spans", spans=sources.spans(store)), bounds):
        traces.setdefault(row["service"], []).append(row["trace_id"])
    found = []
    for service, ids in sorted(traces.items()):
        source = node_id("service", service)
        for edge in get_topology(store, window, limit, Part(traces=ids, scope=Scope(environment)))["edges"]:
            failed = edge["errors"] + edge["rejected"]
            if edge["source"] == source and failed:
                found.append({"source": source, "target": edge["target"], "failed": failed, "trace_id": ids[0]})
    return found
