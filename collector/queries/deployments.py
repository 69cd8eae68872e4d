"""When services changed their version, as their resources tell: `service.version` by instance and environment."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from collector.queries.statements import statement
from collector.queries.time_range import TimeRange
from collector.store.engine import Row, Store

_SECOND_NS = 10**9
_EARLIER_NS = 3600 * _SECOND_NS  # instances are followed from before the window
_SIDE_BY_SIDE_NS = 300 * _SECOND_NS


@dataclass(frozen=True, slots=True)
class Deployment:
    """`version` was first seen at `at_ns`, in a service that had the `earlier` one. `again`: it is no new one."""

    at_ns: int
    service: str
    environment: str
    earlier: str
    version: str
    again: bool


@dataclass(slots=True)
class _Known:
    """Of one service in one environment: when each version was first and last seen, and the one deployed last."""

    seen: dict[str, tuple[int, int]] = field(default_factory=dict)
    current: str = ""

    def add(self, row: Row) -> None:
        self.seen[row["version"]] = (row["first_ns"], row["last_ns"])
        self.current = max(self.seen, key=self._recency)

    def _recency(self, version: str) -> tuple[int, int]:
        """Of versions that were seen at about the same time, the one that came later is the one deployed."""
        first_ns, last_ns = self.seen[version]
        return last_ns // _SIDE_BY_SIDE_NS, first_ns


def list_deployments(store: Store, window: TimeRange) -> Iterator[Deployment]:
    """Of the window, the earliest first. However many instances follow, a version is deployed once, until another one is:
    a roll-back is a deployment too, a restart with the same version and the first version of a service are none.
    """
    if not store.has_rollups:
        return
    around = TimeRange(max(0, window.start_ns - _EARLIER_NS), window.end_ns)
    known: defaultdict[tuple[str, str], _Known] = defaultdict(_Known)
    for row in store.query(statement("versions_before"), around.minutes):
        known[row["service"], row["environment"]].add(row)
    for row in store.query(statement("deployments"), around.minutes):
        found = _deployed(row, known[row["service"], row["environment"]])
        if found and window.start_ns <= found.at_ns < window.end_ns:
            yield found


def _deployed(row: Row, known: _Known) -> Deployment | None:
    version, at_ns = row["version"], row["at_ns"]
    before_ns = row["before_ns"] or known.seen.get(version, (0, 0))[1]
    earlier = row["on_instance"] or row["in_service"] or known.current
    is_new = before_ns == 0
    is_back = earlier != version and at_ns > before_ns + row["quiet_s"] * _SECOND_NS
    is_other = row["on_instance"] not in ("", version) and version != known.current
    if not (is_new or is_back or is_other):
        return None
    known.current = version
    if not earlier:
        return None
    return Deployment(at_ns, row["service"], row["environment"], earlier, version, again=not is_new)
