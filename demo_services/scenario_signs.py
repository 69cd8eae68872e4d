"""Whether a scenario's signs can be seen, asked of the collector's API as any program could."""

from typing import Any, assert_never

import requests

from demo_services.signs import (
    BreakerBecomes,
    Deployed,
    EdgeCounts,
    HealthBecomes,
    ServiceCounts,
    Sign,
    StartsBeforeItsCaller,
    TraceBeginsIn,
    TracesMatch,
)

_TIMEOUT_S = 30.0
_EARLIER_NS = 60 * 10**9  # what is counted by minutes begins well before, and is compared with what was there


class CollectorView:
    """What a collector shows since a moment, in epoch nanoseconds."""

    def __init__(self, api: str, since_ns: int) -> None:
        self._api = api.rstrip("/")
        self._since_ns = since_ns
        self._session = requests.Session()
        self._session.trust_env = False
        self._edges_before = self._edges()
        self._services_before = self._services()

    def find(self, sign: Sign) -> str:
        """What is seen of it, in words; "" if nothing is yet. Raises requests.RequestException."""
        match sign:
            case BreakerBecomes():
                return self._breaker(sign)
            case EdgeCounts():
                before = self._edges_before.get((sign.source, sign.target), {}).get(sign.what, 0)
                count = self._edges().get((sign.source, sign.target), {}).get(sign.what, 0) - before
                return f"{count} {sign.what}" if count >= sign.at_least else ""
            case ServiceCounts():
                before = self._services_before.get(sign.service, {}).get(sign.what, 0)
                count = self._services().get(sign.service, {}).get(sign.what, 0) - before
                return f"{count} {sign.what}" if count >= sign.at_least else ""
            case HealthBecomes():
                return self._health(sign)
            case TracesMatch():
                found = self._traces(q=sign.query, limit=str(sign.at_least))
                return f"like trace {found[0]['trace_id']}" if len(found) >= sign.at_least else ""
            case TraceBeginsIn():
                return self._beginning(sign)
            case Deployed():
                return self._deployment(sign)
            case StartsBeforeItsCaller():
                return self._backwards(sign)
            case _:
                assert_never(sign)

    def _get(self, path: str, **query: str) -> Any:
        answer = self._session.get(f"{self._api}/api/v1{path}", params=query, timeout=_TIMEOUT_S)
        answer.raise_for_status()
        return answer.json()

    def _edges(self) -> dict[tuple[str, str], dict[str, Any]]:
        edges = self._get("/topology", start=str(self._since_ns - _EARLIER_NS))["edges"]
        return {(edge["source"], edge["target"]): edge for edge in edges}

    def _services(self) -> dict[str, dict[str, Any]]:
        services = self._get("/services", start=str(self._since_ns - _EARLIER_NS))["services"]
        return {service["name"]: service for service in services}

    def _traces(self, **query: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._get("/traces", **{"start": str(self._since_ns), **query})["traces"]
        return found

    def _breaker(self, sign: BreakerBecomes) -> str:
        start = str(self._since_ns)
        changes = self._get("/breakers/transitions", service=sign.service, name=sign.target, start=start)["transitions"]
        reached = [change for change in changes if change["to"] == sign.state]
        return f"at {reached[0]['at']}: {reached[0]['reason']}" if reached else ""

    def _health(self, sign: HealthBecomes) -> str:
        changes = self._get("/health/history", service=sign.service, start=str(self._since_ns))["changes"]
        for change in changes:
            if change["instance"] == sign.instance and change["to"] in sign.statuses:
                return f"{change['from']} to {change['to']}: {change['reasons'][0]['text']}"
        return ""

    def _deployment(self, sign: Deployed) -> str:
        for event in self._get("/events", kinds="deployment", start=str(self._since_ns))["events"]:
            if event["title"] == f"{sign.service} {sign.earlier} → {sign.version}":
                return f"{event['title']} at {event['at']}"
        return ""

    def _beginning(self, sign: TraceBeginsIn) -> str:
        for trace in self._traces(service=sign.service, operation=sign.operation, limit="100"):
            if trace["root_service"] == sign.service and trace["root_name"] == sign.operation:
                return f"like trace {trace['trace_id']}"
        return ""

    def _backwards(self, sign: StartsBeforeItsCaller) -> str:
        """Looks from where a clock that is behind puts its spans, at traces that seem to take as long as it is off."""
        by_ns = int(sign.by_s * 1e9)
        longest = {"start": str(self._since_ns - 2 * by_ns), "sort": "duration", "limit": "20"}
        for trace in self._traces(service=sign.service, **longest):
            if int(trace["duration_ns"]) >= by_ns and (early_s := self._early_s(trace["trace_id"], sign)) >= sign.by_s:
                return f"{early_s:.1f} s early in trace {trace['trace_id']}"
        return ""

    def _early_s(self, trace_id: str, sign: StartsBeforeItsCaller) -> float:
        """By how much the service's spans in the trace start before their callers', at most; 0 if they do not."""
        spans = self._get(f"/traces/{trace_id}")["spans"]
        by_id = {span["span_id"]: span for span in spans}
        early_ns = [
            int(by_id[span["parent_span_id"]]["start_ns"]) - int(span["start_ns"])
            for span in spans
            if span["service"] == sign.service and span["parent_span_id"] in by_id
        ]
        return max([0, *early_ns]) / 1e9
