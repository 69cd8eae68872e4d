"""Where callers have another way, as their spans tell."""

from api_answers import MINUTE_NS, ask, minutes_ago
from otlp_requests import Span, request, trace_id
from running_collector import RunningCollector
from waiting import poll_until

from collector.api import models


def test_a_failed_call_whose_caller_notes_a_fallback_is_told(fresh_collector: RunningCollector) -> None:
    start_ns = minutes_ago(5)

    def page(trace: str, fails: bool, noted: tuple[str, ...] = ()) -> list[Span]:
        """web asks catalog, then stock, which may fail."""
        return [
            Span("web", "page", kind="server", trace=trace, events=noted, start_ns=start_ns),
            Span("web", "list", "page", kind="client", trace=trace, start_ns=start_ns),
            Span("catalog", "listed", "list", kind="server", trace=trace, start_ns=start_ns),
            Span("web", "count", "page", kind="client", trace=trace, start_ns=start_ns, error=fails),
            Span("stock", "counted", "count", kind="server", trace=trace, start_ns=start_ns, error=fails),
        ]

    unnoted = [
        Span("shop", "order", kind="client", trace="o", start_ns=start_ns, error=True),
        Span("orders", "ordered", "order", kind="server", trace="o", start_ns=start_ns, error=True),
    ]
    pages = [
        *page("p1", fails=False),
        *page("p2", fails=True, noted=("fallback",)),
        *page("p3", fails=True, noted=("retry",)),
    ]
    fresh_collector.send(request([*pages, *unnoted]))
    window = {"start": str(start_ns - MINUTE_NS), "end": str(start_ns + MINUTE_NS)}
    found = poll_until(
        lambda: ask(fresh_collector, models.Fallbacks, "/topology/fallbacks", **window)["fallbacks"], "the fallback"
    )
    told = {"source": "service:web", "target": "service:stock", "failed": 1, "trace_id": trace_id("p2").hex()}
    assert found == [told]
