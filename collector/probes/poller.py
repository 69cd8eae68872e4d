"""Asks every target again and again: at random moments of its interval, few at a time, each bounded in time and size."""

import asyncio
import logging
import random

import orjson

from collector.conventions.health import HEALTH_JSON, MOST_TEXT, Report
from collector.errors import CollectorError
from collector.probes import grpc_probe, http_probe
from collector.probes.http_probe import ProbeFailed
from collector.probes.targets import Target
from collector.queries.health_formats import normalised, of_answer
from collector.queries.health_reports import HealthReports, Reporter
from collector.settings import Settings

log = logging.getLogger(__name__)

_JITTER = 0.1


class HealthPoller:
    """`run` until cancelled, in the event loop. What a target answers becomes a report like any other."""

    def __init__(self, settings: Settings, targets: list[Target], reports: HealthReports) -> None:
        self._settings, self._targets, self._reports = settings, targets, reports
        self._at_once = asyncio.Semaphore(settings.health_poll_concurrency)
        self.asked = 0
        self.failed = 0

    async def run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            for target in self._targets:
                tasks.create_task(self._keep_asking(target))
            if self._settings.health_registry_url:
                tasks.create_task(self._keep_reading_registry())

    async def ask(self, target: Target) -> tuple[Report, int]:
        """The report and the HTTP status, 0 where there is none."""
        self.asked += 1
        timeout_s = self._settings.health_poll_timeout_s
        try:
            if target.url.startswith("grpc:"):
                word = await grpc_probe.check(target.url, timeout_s)
                return normalised(orjson.dumps({"status": word}), "", "grpc", target.kind), 0
            answer = await http_probe.get(target.url, timeout_s, self._settings.health_max_body_bytes)
        except ProbeFailed as error:
            self.failed += 1
            text = str(error)[:MOST_TEXT]
            status = "unknown" if "redirects" in text else "unhealthy"
            return Report(status, "no answer", target.kind, "http", False, [], text), 0
        report = of_answer(answer.code, bytes(answer.body), answer.media_type, target.format, target.kind)
        return report, answer.code

    async def _keep_asking(self, target: Target) -> None:
        reporter = Reporter(target.service, target.instance, target.namespace, "pull")
        interval_s = self._settings.health_poll_interval_s
        await asyncio.sleep(random.uniform(0, min(interval_s, 1 + interval_s * _JITTER)))
        while True:
            async with self._at_once:
                report, code = await self.ask(target)
            await self._record(reporter, report, code)
            await asyncio.sleep(interval_s * random.uniform(1 - _JITTER, 1 + _JITTER))

    async def _keep_reading_registry(self) -> None:
        """A registry that lists instances with their status: each lease is a report."""
        settings = self._settings
        while True:
            try:
                answer = await http_probe.get(
                    settings.health_registry_url, settings.health_poll_timeout_s, settings.health_max_body_bytes
                )
                for reporter, report in _leases(bytes(answer.body)):
                    await self._record(reporter, report, 0)
            except (ProbeFailed, ValueError) as error:
                self.failed += 1
                log.info("the registry was not read: %s", error)
            await asyncio.sleep(settings.health_poll_interval_s * random.uniform(1 - _JITTER, 1 + _JITTER))

    async def _record(self, reporter: Reporter, report: Report, code: int) -> None:
        interval_s = self._settings.health_poll_interval_s
        try:
            await asyncio.to_thread(self._reports.record, reporter, report, interval_s, code)
        except CollectorError as error:
            log.warning("a health report was not kept: %s", error)


def _leases(body: bytes) -> list[tuple[Reporter, Report]]:
    """Of `{"instances": [{"service", "instance", "status"}]}`. Raises ValueError."""
    document = orjson.loads(body)
    held = document.get("instances") if isinstance(document, dict) else None
    if not isinstance(held, list):
        raise ValueError("expected an object with instances")
    leases = []
    for one in held[:10_000]:
        if isinstance(one, dict) and isinstance(one.get("service"), str) and one["service"]:
            raw = str(one.get("status", "pass"))
            status = HEALTH_JSON.statuses.get(raw.lower(), "unknown")
            reporter = Reporter(one["service"], str(one.get("instance", "")), "", "registry")
            leases.append((reporter, Report(status, raw, "overall", "registry", False, [], "")))
    return leases
