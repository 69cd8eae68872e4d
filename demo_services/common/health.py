"""How this instance is: named checks, as application/health+json (draft-inadarei-api-health-check)."""

import shutil
import threading
import time
from collections import deque
from collections.abc import Callable, MutableMapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import sqlalchemy as sa
from opentelemetry.instrumentation.utils import suppress_instrumentation

from demo_services.common.breaker_telemetry import State
from demo_services.common.errors import PeerUnavailable

Status = Literal["pass", "warn", "fail"]
_SEVERITY: dict[Status, int] = {"pass": 0, "warn": 1, "fail": 2}
_LEAST_FREE_DISK = 0.02
_WINDOW_S = 10.0
_ENOUGH_REQUESTS = 5
_WARN_ERROR_RATE = 0.1
_FAIL_ERROR_RATE = 0.4


@dataclass(frozen=True)
class Finding:
    status: Status
    value: float | None = None
    unit: str = ""
    output: str = ""


Check = Callable[[], Finding]


class Health:
    """A process's checks, by "component:measurement". Those of `needed` decide whether it is ready for requests."""

    def __init__(self, service: str, instance: str, version: str) -> None:
        self._service = service
        self._instance = instance
        self._version = version
        self._checks: dict[str, Check] = {}
        self._needed: set[str] = set()

    def add(self, name: str, check: Check, needed: bool = False) -> None:
        self._checks[name] = check
        if needed:
            self._needed.add(name)

    def report(self, only_needed: bool = False) -> dict[str, Any]:
        names = self._needed if only_needed else self._checks
        checks = {name: [_run(self._checks[name])] for name in names}
        worst = max((check[0]["status"] for check in checks.values()), key=lambda s: _SEVERITY[s], default="pass")
        return {
            "status": worst,
            "version": self._version.split(".")[0],
            "releaseId": self._version,
            "serviceId": self._instance,
            "description": self._service,
            "checks": checks,
        }


def _run(check: Check) -> dict[str, Any]:
    """One entry of the report, with how long the check took where it measures nothing else."""
    started_s = time.monotonic()
    try:
        with suppress_instrumentation():
            finding = check()
    except (PeerUnavailable, sa.exc.SQLAlchemyError, OSError) as error:
        finding = Finding("fail", output=str(error).splitlines()[0])
    took_ms = round((time.monotonic() - started_s) * 1e3, 2)
    entry: dict[str, Any] = {"status": finding.status, "time": datetime.now(UTC).isoformat(timespec="milliseconds")}
    measured = (took_ms, "ms") if finding.value is None else (finding.value, finding.unit)
    entry["observedValue"], entry["observedUnit"] = measured
    if finding.output:
        entry["output"] = finding.output
    return entry


def database_answers(engine: sa.Engine) -> Check:
    """Also for writing: a locked database is not well."""

    def check() -> Finding:
        with engine.connect() as connection:
            if engine.dialect.name == "sqlite":
                connection.exec_driver_sql("BEGIN IMMEDIATE")
            connection.exec_driver_sql("SELECT 1")
        return Finding("pass")

    return check


def disk_has_room(folder: Path) -> Check:
    def check() -> Finding:
        usage = shutil.disk_usage(folder if folder.exists() else folder.parent)
        free = usage.free / usage.total
        status: Status = "pass" if free > _LEAST_FREE_DISK else "warn"
        return Finding(status, round(100 * (1 - free), 1), "%", "" if status == "pass" else "the disk is nearly full")

    return check


def dependency_is_reached(target: str, state: Callable[[], State]) -> Check:
    """Judged by the circuit breaker, not by calls of its own."""

    def check() -> Finding:
        seen = state()
        return Finding("pass" if seen == "closed" else "warn", output="" if seen == "closed" else f"breaker is {seen}")

    return check


def at_most(limit: float, unit: str, measure: Callable[[], float], what: str) -> Check:
    def check() -> Finding:
        value = measure()
        return (
            Finding("pass", value, unit)
            if value <= limit
            else Finding("warn", value, unit, f"{what}: {value:g} {unit}")
        )

    return check


class ErrorRate:
    """ASGI: which share of the requests of the last seconds this process failed."""

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._seen: deque[tuple[float, bool]] = deque()
        self._lock = threading.Lock()

    def add(self, failed: bool) -> None:
        with self._lock:
            self._seen.append((self._now(), failed))
            self._forget()

    def check(self) -> Finding:
        with self._lock:
            self._forget()
            total, failed = len(self._seen), sum(failed for _, failed in self._seen)
        rate = failed / total if total else 0.0
        if total < _ENOUGH_REQUESTS or rate < _WARN_ERROR_RATE:
            return Finding("pass", round(100 * rate, 1), "%")
        status: Status = "fail" if rate >= _FAIL_ERROR_RATE else "warn"
        return Finding(status, round(100 * rate, 1), "%", f"{failed} of {total} requests failed in {_WINDOW_S:g} s")

    def _forget(self) -> None:
        while self._seen and self._seen[0][0] < self._now() - _WINDOW_S:
            self._seen.popleft()


class CountingErrors:
    """ASGI middleware that feeds an ErrorRate, health checks apart."""

    def __init__(self, app: Any, rate: ErrorRate) -> None:
        self._app = app
        self._rate = rate

    async def __call__(self, scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        if scope["type"] != "http" or scope["path"].startswith(("/health", "/_faults", "/leases")):
            await self._app(scope, receive, send)
            return

        async def watch(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                self._rate.add(message["status"] >= 500)
            await send(message)

        await self._app(scope, receive, watch)
