"""What the tests of a running shop ask it, and what its backend saw."""

from typing import Any

import redis
import requests
from customer import ROOT, Customer
from otlp_sink import SeenSpan, Sink
from running_shop import RunningShop
from waiting import poll_until


def span_of(sink: Sink, trace_id: str, label: str) -> SeenSpan:
    """The first span of the trace with that label, once it has come."""
    return poll_until(lambda: [span for span in sink.trace(trace_id) if span.label == label], f"span {label}")[0]


def path_to_root(sink: Sink, span: SeenSpan) -> list[str]:
    """The labels of the span and of its ancestors, up to the one whose parent is ROOT, once they have come."""

    def path() -> list[str]:
        by_id = {seen.span_id: seen for seen in sink.trace(span.trace_id)}
        labels, here = [], span
        while here.parent_id in by_id:
            labels.append(here.label)
            here = by_id[here.parent_id]
        return [*labels, here.label] if here.parent_id == ROOT else []

    return poll_until(path, f"ancestors of {span.label}")


def inject(shop: RunningShop, label: str, kind: str, value: str = "", duration_s: float = 30) -> None:
    body = {"kind": kind, "value": value, "duration_s": duration_s}
    answer = requests.put(f"{shop.url_of(label)}/_faults", json=body, timeout=60)
    assert answer.status_code == 200, answer.text


def revert(shop: RunningShop, label: str) -> None:
    assert requests.delete(f"{shop.url_of(label)}/_faults", timeout=60).status_code == 204


def letters(shop: RunningShop, customer: Customer) -> list[str]:
    """The types of the events that the customer was written to about, sorted."""
    query = {"recipient": customer.email}
    found = requests.get(f"{shop.url_of('notifications')}/letters", params=query, timeout=60).json()
    return sorted(letter["event_type"] for letter in found)


def sagas(shop: RunningShop) -> dict[str, dict[str, Any]]:
    found = requests.get(f"{shop.url_of('orders')}/sagas", timeout=60).json()
    return {saga["id"]: saga for saga in found}


def on_hand(shop: RunningShop, sku: str) -> int:
    stock: int = requests.get(f"{shop.url_of('inventory-1')}/stock/{sku}", timeout=60).json()["on_hand"]
    return stock


def redis_of(shop: RunningShop) -> "redis.Redis":
    port = shop.wait_for(r"redis started on port (\d+)")
    return redis.Redis(port=int(port), decode_responses=True)
