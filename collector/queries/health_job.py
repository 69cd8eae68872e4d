"""Judges health again and again, and keeps every change of a status with its reasons."""

from collections.abc import Callable
from time import time_ns

import orjson

from collector.queries.health import HealthView
from collector.queries.paced_thread import PacedThread
from collector.queries.scope import EVERYTHING, Scope
from collector.queries.statements import statement
from collector.settings import Settings
from collector.store.engine import Row, Store

_PATIENCE = 5  # intervals after which it judges though nothing came in
_LONGEST_REST_S = 10.0  # even when the job is slow
_SHARE = 0.1  # of its time that the job may be at work
_REMEMBER_NS = 24 * 3600 * 10**9


def longest_ns(settings: Settings) -> int:
    """After how long the job judges again at the latest."""
    return int((settings.health_interval_s * _PATIENCE + _LONGEST_REST_S) * 10**9)


class HealthJob:
    """Call `run_once` in a loop, or start its `thread`, which does; `wake` when something came in."""

    def __init__(
        self,
        store: Store,
        settings: Settings,
        view: HealthView,
        read_metrics: Callable[[], int],
        on_change: Callable[[list[str]], None] = lambda names: None,
    ) -> None:
        """`read_metrics` turns metrics that came in into reports. `on_change(services)` follows each run that found a change."""
        self._store, self._settings, self._view, self._on_change = store, settings, view, on_change
        self._read_metrics = read_metrics
        self._known: dict[tuple[str, str, str], str] | None = None
        self.thread = PacedThread(
            "health",
            self.run_once,
            share=_SHARE,
            interval_s=settings.health_interval_s,
            patience_s=settings.health_interval_s * _PATIENCE,
            longest_rest_s=_LONGEST_REST_S,
        )

    def wake(self, is_news: bool = True) -> None:
        """Something came in. Unless it is news, answers may go on to show what was judged last."""
        if is_news:
            self._view.forget()
        self.thread.wake()

    def run_once(self) -> list[str]:
        """Write what changed; returns the services of which something did."""
        if self._known is None:
            self._known = self._last_known()
        self._read_metrics()
        now_ns = time_ns()
        judged = self._view.judged(now_ns)
        rows = [row for service in judged.services(EVERYTHING) for row in self._changes(service, "", now_ns)]
        for environment in judged.where.environments():
            services = judged.services(Scope(environment))
            rows += [row for service in services for row in self._changes(service, environment, now_ns)]
        if rows:
            self._store.insert_rows("health_changes", rows)
            self._known.update({(row["Service"], row["Instance"], row["Environment"]): row["ToStatus"] for row in rows})
        changed = sorted({row["Service"] for row in rows})
        if changed:
            self._on_change(changed)
        return changed

    def _last_known(self) -> dict[tuple[str, str, str], str]:
        rows = self._store.query(statement("health_last"), {"start_ns": time_ns() - _REMEMBER_NS})
        return {(row["service"], row["instance"], row["environment"]): row["status"] for row in rows}

    def _changes(self, service: Row, environment: str, now_ns: int) -> list[Row]:
        """Of the service and its instances; in an environment, of the service there alone."""
        assert self._known is not None
        instances = [] if environment else [(row["id"], row) for row in service["instances"] if row["id"]]
        judged = [("", service), *instances]
        return [
            {
                "AtNs": now_ns,
                "Service": service["name"],
                "Namespace": service["namespace"],
                "Instance": instance,
                "Environment": environment,
                "FromStatus": before,
                "ToStatus": row["status"],
                "Reasons": orjson.dumps(row["reasons"]).decode(),
            }
            for instance, row in judged
            if (before := self._known.get((service["name"], instance, environment), "unknown")) != row["status"]
        ]
