"""What health is judged from, as of a moment: reports, telemetry of instances, calls and breakers."""

from collections import defaultdict
from dataclasses import dataclass, field
from time import monotonic

from collector.conventions.health_evidence import Red
from collector.queries import breakers, sources
from collector.queries.health_reports import LOOK_BACK_NS, find_reports
from collector.queries.scope import Whereabouts
from collector.queries.services import with_percentiles
from collector.queries.statements import statement
from collector.queries.time_range import MINUTE_NS, TimeRange
from collector.settings import Settings
from collector.store.engine import Row, Store

SECOND_NS = 10**9
_RECENT_NS = 300 * SECOND_NS
_USUAL_NS = 3600 * SECOND_NS
_BREAKERS_NS = 900 * SECOND_NS
_CACHE_S = 10.0

Calls = dict[str, dict[str, Red]]
"""By environment ('' for all together) and service."""


@dataclass
class Seen:
    """An instance that reports or sends telemetry."""

    namespace: str = ""
    seen_ns: dict[str, int] = field(default_factory=dict)
    """When it last sent spans from each environment."""
    reports: list[Row] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Facts:
    at_ns: int
    instances: dict[str, dict[str, Seen]]
    """By service and id."""
    calls: Calls
    breakers: breakers.BreakerStates
    where: Whereabouts


class FactsReader:
    """Reads the facts. What moves slowly (calls of the hour before) is kept for some seconds."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store, self._settings = store, settings
        self._calls_known: tuple[float, Calls] | None = None

    def read(self, at_ns: int, is_now: bool) -> Facts:
        """Nothing is known of a store that another collector fills."""
        if not self._store.has_rollups:
            nothing = breakers.BreakerStates([], TimeRange(at_ns, at_ns), at_ns, 0)
            return Facts(at_ns, {}, {}, nothing, Whereabouts())
        instances, where = self._instances(at_ns)
        return Facts(at_ns, instances, self._calls(at_ns, is_now), self._breakers(at_ns), where)

    def _instances(self, at_ns: int) -> tuple[dict[str, dict[str, Seen]], Whereabouts]:
        """Those that were silent for long and report nothing are forgotten."""
        window = TimeRange(at_ns - LOOK_BACK_NS, at_ns + 1)
        forget_ns = at_ns - int(self._settings.health_forget_s * SECOND_NS)
        found: dict[str, dict[str, Seen]] = defaultdict(lambda: defaultdict(Seen))
        for row in find_reports(self._store, at_ns, self._settings.query_max_rows):
            if row["expires_ns"] >= forget_ns:
                one = found[row["service"]][row["instance"]]
                one.namespace = row["namespace"] or one.namespace
                one.reports.append(row)
        seen = self._store.query(statement("instances_seen"), {**window.minutes, "at_ns": at_ns})
        for row in seen:
            if row["seen_ns"] >= forget_ns or row["instance"] in found.get(row["service"], {}):
                found[row["service"]][row["instance"]].seen_ns[row["environment"]] = row["seen_ns"]
        return found, Whereabouts(seen)

    def _calls(self, at_ns: int, is_now: bool) -> Calls:
        if is_now and self._calls_known is not None and monotonic() - self._calls_known[0] < _CACHE_S:
            return self._calls_known[1]
        recent, usual = self._entries(at_ns)
        calls: Calls = defaultdict(dict)
        for (environment, name), row in recent.items():
            calls[environment][name] = _red(row, usual.get((environment, name)))
        if is_now:
            self._calls_known = (monotonic(), calls)
        return calls

    def _entries(self, at_ns: int) -> tuple[dict[tuple[str, str], Row], dict[tuple[str, str], Row]]:
        """Of late and in the hour before, by environment and service."""
        late = TimeRange(at_ns - _RECENT_NS, at_ns)
        begin_ns = late.start_ns // MINUTE_NS * MINUTE_NS
        pieces = sources.pieces_of(self._store, TimeRange(begin_ns - _USUAL_NS, begin_ns), late)
        sql = statement("entries_of_late", services=sources.service_pieces())
        found: tuple[dict[tuple[str, str], Row], dict[tuple[str, str], Row]] = ({}, {})
        for row in self._store.query(sql, {**pieces.parameters, **late.minutes}):
            key = (row["environment"], row["name"])
            found[0 if row["is_late"] else 1][key] = with_percentiles(row)
        return found

    def _breakers(self, at_ns: int) -> breakers.BreakerStates:
        window = TimeRange(at_ns - _BREAKERS_NS, at_ns + 1)
        stale_s, limit = self._settings.breakers_stale_min_s, self._settings.query_max_rows
        return breakers.states_of(self._store, window, at_ns, stale_s, limit)


def _red(row: Row, usual: Row | None) -> Red:
    calm = usual or {"calls": 0, "errors": 0, "p95_ms": None}
    now = (row["calls"], row["errors"], row["rejected"], row["p95_ms"])
    return Red(*now, calm["calls"], calm["errors"], calm["p95_ms"])
