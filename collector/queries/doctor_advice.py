"""The words of the doctor: what each check looks for, what it means, what to do."""

from collections.abc import Mapping
from dataclasses import dataclass


class _Number(int):
    """`{n:span|spans}` in a sentence is the first word for 1, else the second."""

    def __format__(self, words: str) -> str:
        one, many = words.split("|")
        return one if self == 1 else many


@dataclass(frozen=True, slots=True)
class Words:
    """`found` is a sentence with {count}, {share} and {n:…|…}; `fine` is said when nothing was found."""

    title: str
    found: str
    fine: str
    advice: str

    def summary(self, count: int, of: int) -> str:
        share = f"{100 * count / of:.1f} %" if of else "some"
        return self.found.format(count=f"{count:,}", share=share, n=_Number(count))


NOTHING_THERE = Words(
    "Spans arrive",
    "No span of this time range is of the environment or namespace that is asked for.",
    "Spans of this time range are stored.",
    "Ask for all of them, or look at a longer time range. Spans say where they are from in their resource, by "
    "deployment.environment.name and service.namespace: set them in OTEL_RESOURCE_ATTRIBUTES.",
)

CHECKS: Mapping[str, Words] = {
    "nothing": Words(
        "Spans arrive",
        "No span of this time range is stored.",
        "Spans of this time range are stored.",
        "Point an exporter at port 4317 (OTLP/gRPC) or 4318 (OTLP/HTTP), for example with "
        "OTEL_EXPORTER_OTLP_ENDPOINT, or look at a longer time range.",
    ),
    "unpaired_calls": Words(
        "Calls without an answer",
        "{count} {n:call|calls} ({share} of the spans) {n:names|name} no peer and no span answers {n:it|them}: "
        "{n:it leads|they lead} nowhere on the map.",
        "Every call is answered by a span, or names whom it calls.",
        "Instrument the called service, or let the caller say whom it calls: service.peer.name, server.address, "
        "db.system.name or messaging.destination.name on the client span. Check that the call carries the traceparent header.",
    ),
    "missing_parents": Words(
        "Spans whose parent is missing",
        "{count} {n:span|spans} ({share}) {n:names|name} a parent that is not stored: the call into {n:it|them} is not on the map.",
        "Every parent that is named is stored.",
        "The caller's spans are lost, sampled away or sent elsewhere. Look at its exporter's errors and queue, and "
        "use the same sampling decision everywhere (parent-based).",
    ),
    "wrong_kinds": Words(
        "Calls with odd span kinds",
        "{count} {n:call|calls} between services ({share} of the spans) {n:is|are} not client to server or producer to consumer.",
        "Calls between services go from client to server, or from producer to consumer.",
        "The map shows these calls, but their durations are of one side only. Set the span kind where the span is "
        "started: CLIENT or PRODUCER at the caller, SERVER or CONSUMER at the callee.",
    ),
    "without_kind": Words(
        "Spans without a kind",
        "{count} {n:span says|spans say} no kind ({share}).",
        "Every span says its kind.",
        "Old exporters leave the kind out. The map goes by parents and peers then; update the library.",
    ),
    "clock_skew": Words(
        "Clocks that disagree",
        "{count} {n:call starts before its|calls start before their} caller does ({share} of the spans).",
        "No call starts before its caller.",
        "Synchronise the clocks of the hosts (NTP, chrony). Counts are right; the waterfall of such traces is shifted.",
    ),
    "services_without_spans": Words(
        "Services without spans",
        "{count} {n:service sends|services send} logs or metrics but no spans: {n:it is not on the map as caller or callee|they "
        "are not on the map as callers or callees}.",
        "Every service that sends logs or metrics sends spans too.",
        "Switch tracing on in them, and check that service.name is the same for all signals.",
    ),
    "unnamed_services": Words(
        "Spans without a service name",
        "{count} {n:span has no service.name and appears|spans have no service.name and appear} as unknown_service ({share}).",
        "Every span names its service.",
        "Set OTEL_SERVICE_NAME, or service.name in the resource.",
    ),
    "sampled": Words(
        "Sampling",
        "{count} {n:span comes from a sampled trace|spans come from sampled traces} ({share}): "
        "the map counts what arrives, not what happened.",
        "No span says that it was sampled.",
        "Rates and counts are those of the sample; shares and durations hold. Raise the sampling rate for exact numbers.",
    ),
    "dropped": Words(
        "Data dropped by senders",
        "Senders left out {count} {n:attribute, event or link|attributes, events or links}.",
        "Senders left nothing out.",
        "Raise the limits where they are exceeded: OTEL_SPAN_ATTRIBUTE_COUNT_LIMIT, OTEL_SPAN_EVENT_COUNT_LIMIT, "
        "OTEL_SPAN_LINK_COUNT_LIMIT.",
    ),
    "in_the_future": Words(
        "Spans of the future",
        "{count} {n:span starts|spans start} more than a minute after now ({share}).",
        "No span is of the future.",
        "The clock of the sender is wrong: live views do not show what has not happened yet.",
    ),
    "refused": Words(
        "Data refused by the collector",
        "{count} {n:request was|requests were} refused or failed since the collector was started.",
        "The collector refused nothing since it was started.",
        "The answer to the exporter says why; see its log. A full queue means more load than the disk takes: "
        "exporters repeat such requests by themselves.",
    ),
}
"""By the check's id."""
