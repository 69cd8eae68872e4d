"""Adds the minutes of hours that are over up to rows of the hour, so that long time ranges add up few sketches.

An hour's rows carry the newest version of its minutes. When a minute is rolled up again, they no longer match, readers
go back to the minutes until the hour is added up anew.
"""

from datetime import UTC, datetime, timedelta
from typing import Any

from collector.queries.statements import part, statement
from collector.store.engine import Store

HOURS_AT_ONCE = 12
SETTINGS = " SETTINGS enable_materialized_cte = 1, max_execution_time = 300, max_threads = 1"
"""Of statements that run in the background."""


class HourRollups:
    def __init__(self, store: Store) -> None:
        self._store = store
        self._complete: tuple[int, datetime] | None = None
        """The last version and hour at which no hour was behind."""

    def run_once(self, version: int, now_ns: int) -> bool:
        """Add up to HOURS_AT_ONCE hours that are behind; whether there were any. Call it when no minute is dirty.

        `version` is that of the newest minute.
        """
        now = datetime.fromtimestamp(now_ns // 10**9, UTC)
        state = version, now.replace(minute=0, second=0)
        if self._complete == state:
            return False
        behind = self._store.query(statement("rollup_hours_behind"), {"now": now, "limit": HOURS_AT_ONCE})
        for row in behind:
            self._add_up(row["Hour"].replace(tzinfo=UTC), row["Newest"])
        if not behind:
            self._complete = state
        return bool(behind)

    def _add_up(self, hour: datetime, version: int) -> None:
        in_hand: dict[str, Any] = {"hour": hour, "version": version, "from_minute": hour}
        in_hand["to_minute"] = hour + timedelta(minutes=59)
        for name, table in (("rollup_hour_services", "services_1m"), ("rollup_hour_edges", "service_edges_1m")):
            sql = statement(name, minutes=part("complete_minutes", table=table))
            self._store.command(sql + SETTINGS, in_hand)
        self._store.command(statement("rollup_hour_close"), in_hand)
