"""The rare path: one request brought into the form that the store takes, record by record.

The engine takes bodies as they are. Only when a batch holds something that it cannot express are the bodies of that
batch normalised, one by one: values are rewritten (`values.py`), flawed records mended or refused (`repairs.py`).
"""

import time
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any

from google.protobuf.message import Message

from collector.model import Normalised, Signal
from collector.receivers.loose_schema import loose_requests
from collector.receivers.repairs import REPAIRS, Repair, exemplars, replace
from collector.receivers.signals import PROTOCOLS, parse, parse_request, scope_groups
from collector.receivers.values import store_form


def validate(signal: Signal, body: bytes) -> None:
    """Raises BadRequest unless the body alone is a parseable request; valid bodies can then be joined."""
    parse_request(signal, body)


def normalise(signal: Signal, body: bytes, now_ns: Callable[[], int] = time.time_ns) -> Normalised:
    """The same request with every value in the store's form, flawed records repaired or refused (`repairs.py`).

    Raises BadRequest when the body is not a parseable request.
    """
    request: Message = parse(loose_requests()[signal], body)
    repair, received_ns = REPAIRS[signal], now_ns()
    refusals: Counter[str] = Counter()
    for records in _record_lists(signal, request):
        _keep_sound(records, repair, received_ns, refusals)
    _rewrite_values(signal, request)
    request.DiscardUnknownFields()  # the engine stumbles over groups, and reads a known field that has the wrong wire type
    return Normalised(request.SerializeToString(), refusals.total(), _reason(PROTOCOLS[signal].noun, refusals))


def flatten_values(signal: Signal, body: bytes) -> bytes:
    """The same request with every value in the store's form, for bodies that nest too deeply for the C parser."""
    request: Message = parse(loose_requests()[signal], body)
    _rewrite_values(signal, request)
    return request.SerializeToString()


def _record_lists(signal: Signal, request: Message) -> Iterable[Any]:
    """The repeated fields that hold spans, log records or data points."""
    for _, scope_group in scope_groups(signal, request):
        if signal is Signal.METRICS:
            yield from (getattr(m, kind).data_points for m in scope_group.metrics if (kind := m.WhichOneof("data")))
        else:
            yield getattr(scope_group, PROTOCOLS[signal].records)


def _keep_sound(records: Any, repair: Repair, received_ns: int, refusals: Counter[str]) -> None:
    sound = []
    for record in records:
        flaw = repair(record, received_ns)
        if flaw is None:
            sound.append(record)
        else:
            refusals[flaw] += 1
    replace(records, sound)


def _reason(noun: str, refusals: Counter[str]) -> str:
    """For example "3 spans refused: 2 with an all-zero trace_id, 1 without start_time_unix_nano"."""
    if not refusals:
        return ""
    total = refusals.total()
    parts = ", ".join(f"{count} {flaw}" for flaw, count in refusals.most_common())
    return f"{total} {noun}{'s' if total > 1 else ''} refused: {parts}"


def _rewrite_values(signal: Signal, request: Message) -> None:
    for resource_group in getattr(request, PROTOCOLS[signal].resource_groups):
        _rewrite(resource_group.resource.attributes)
    for _, scope_group in scope_groups(signal, request):
        _rewrite(scope_group.scope.attributes)
        for record in getattr(scope_group, PROTOCOLS[signal].records):
            if signal is Signal.METRICS:
                _rewrite(record.metadata)
            elif signal is Signal.LOGS:
                record.body = store_form(record.body)
    for records in _record_lists(signal, request):
        for record in records:
            for attributes in _attribute_lists(signal, record):
                _rewrite(attributes)


def _attribute_lists(signal: Signal, record: Any) -> Iterable[Any]:
    yield record.attributes
    if signal is Signal.TRACES:
        yield from (part.attributes for parts in (record.events, record.links) for part in parts)
    elif signal is Signal.METRICS:
        yield from (exemplar.filtered_attributes for exemplar in exemplars(record))


def _rewrite(attributes: Any) -> None:
    for attribute in attributes:
        if attribute.key_strindex:
            attribute.key_strindex = 0
            attribute.value = b""
        else:
            attribute.value = store_form(attribute.value)
