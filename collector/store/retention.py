"""Drops what is too old or too much: whole day partitions, oldest first, of every table that grows."""

import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from string import Template

from clickhouse_connect.driver.exceptions import ClickHouseError

from collector.errors import CollectorError
from collector.settings import Settings
from collector.store.engine import Store

log = logging.getLogger(__name__)

_GROWING = (
    *("otel_traces", "otel_logs", "otel_metrics_gauge", "otel_metrics_sum", "otel_metrics_histogram"),
    *("otel_metrics_exponential_histogram", "otel_metrics_summary", "operations_1m", "service_edges_1m"),
    *("services_1m", "services_stretches", "service_edges_stretches", "rolled_up_minutes", "rolled_up_stretches"),
    *("service_instances_1m", "unpaired_calls", "scattered_calls"),
    *("breaker_states_1m", "breaker_calls_1m", "breaker_transitions", "health_reports", "health_changes"),
)
_PARTS = """SELECT table, partition, sum(bytes_on_disk) AS bytes FROM $parts
    WHERE active AND database = {database:String} AND table IN {tables:Array(String)}
    GROUP BY table, partition ORDER BY partition"""


class Retention:
    """A thread that calls `run_once` every `retention_interval_s`."""

    def __init__(
        self, store: Store, settings: Settings, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._store, self._settings, self._now = store, settings, now
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._loop, name="retention", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        self._closing.set()
        if self._thread.ident is not None:
            self._thread.join(10)

    def run_once(self) -> list[str]:
        """Drop what the settings say; returns the days (`YYYY-MM-DD`) of which something was dropped."""
        suffix = "_local" if self._store.clustered else ""
        sharded = {"otel_traces", "otel_logs"} | {table for table in _GROWING if table.startswith("otel_metrics")}
        tables = [table + suffix * (table in sharded) for table in _GROWING]
        parts = self._store.query(self._parts_sql(), {"database": self._store.database, "tables": tables})
        days = sorted({row["partition"] for row in parts})
        doomed = set(self._too_old(days)) | set(self._too_much(days, {day: _bytes(parts, day) for day in days}))
        for row in parts:
            if row["partition"] in doomed:
                self._drop(row["table"], row["partition"])
        return sorted(doomed)

    def _parts_sql(self) -> str:
        """On a cluster, the parts of all nodes: a replica counts like any other disk."""
        cluster = self._settings.cluster
        return Template(_PARTS).substitute(
            parts=f"clusterAllReplicas(`{cluster}`, system.parts)" if cluster else "system.parts"
        )

    def _too_old(self, days: list[str]) -> list[str]:
        if not self._settings.retention_days:
            return []
        first_kept = (self._now() - timedelta(days=self._settings.retention_days)).strftime("%Y-%m-%d")
        return [day for day in days if day < first_kept]

    def _too_much(self, days: list[str], bytes_of: dict[str, int]) -> list[str]:
        """The days whose going brings the rest under the limit: the oldest first, and never the newest, which is being
        written. Days to come, from clocks that are wrong, go before all others.
        """
        tomorrow = (self._now() + timedelta(days=1)).strftime("%Y-%m-%d")
        newest = max((day for day in days if day <= tomorrow), default="")
        doomed: list[str] = []
        total = sum(bytes_of.values())
        for day in [*(day for day in days if day > tomorrow), *(day for day in days if day < newest)]:
            if not self._settings.max_disk_bytes or total <= self._settings.max_disk_bytes:
                break
            doomed.append(day)
            total -= bytes_of[day]
        return doomed

    def _drop(self, table: str, day: str) -> None:
        """`table` is one of ours and `day` a date that the engine reported."""
        date = datetime.strptime(day, "%Y-%m-%d").date()
        on_cluster = f"ON CLUSTER `{self._settings.cluster}`" if self._settings.cluster else ""
        self._store.command(f"ALTER TABLE {table} {on_cluster} DROP PARTITION '{date}'")
        log.info("retention dropped %s of %s", date, table)

    def _loop(self) -> None:
        while not self._closing.wait(self._settings.retention_interval_s):
            try:
                self.run_once()
            except (ClickHouseError, CollectorError, OSError) as error:
                log.warning("retention failed, will be repeated: %s", str(error).split("\n")[0])


def _bytes(parts: list[dict[str, object]], day: str) -> int:
    return sum(int(str(row["bytes"])) for row in parts if row["partition"] == day)
