"""A process's tie to the registry: its own lease, and the directory of who is there.

A renewal's answer carries the directory, so a heartbeat costs one request. When the registry is away, the last directory
known goes on serving.
"""

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import requests
from opentelemetry.instrumentation.utils import suppress_instrumentation

from demo_services.common.balancing import Instance
from demo_services.common.logs import OncePer
from demo_services.common.peers import describe_call, jittered, new_session
from demo_services.services import REGISTRY

_log = logging.getLogger(__name__)
_TIMEOUT_S = 1.0
_FIRST_DIRECTORY_WITHIN_S = 5.0
_MISSING_WITHIN_S = 0.5
_SHORTEST_PAUSE_S = 0.1
_RETRY_PAUSE_S = 0.3


@dataclass(frozen=True)
class Registration:
    service: str
    instance: str
    url: str
    version: str


class RegistryClient:
    """Renews on a thread of its own between `start` and `stop`. Safe to share between threads.

    `status` says how this instance is ("pass", "warn", "fail"): the registry hands out none that fail.
    """

    def __init__(
        self, base_url: str, mine: Registration | None, heartbeat_s: float, status: Callable[[], str] = lambda: "pass"
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._mine = mine
        self._heartbeat_s = heartbeat_s
        self._status = status
        self._session = new_session()
        self._directory: dict[str, list[Instance]] = {}
        self._registered = False
        self._known = threading.Event()
        self._fresh = threading.Event()
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._complaints = OncePer(30.0)
        self._thread = threading.Thread(target=self._beat, name="registry heartbeat", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Deregisters, so that nobody calls an instance that is going."""
        self._stop.set()
        self._wake.set()
        self._thread.join(_TIMEOUT_S)
        if self._mine and self._registered:
            try:
                with suppress_instrumentation():
                    self._session.delete(self._lease_url(self._mine), timeout=_TIMEOUT_S)
            except requests.RequestException as error:
                _log.info("not deregistered: %s", type(error).__name__)

    def find(self, service: str) -> Sequence[Instance]:
        """The healthy instances, as of the latest heartbeat; where there are none, one more is waited for a little."""
        self._known.wait(_FIRST_DIRECTORY_WITHIN_S)
        if not self._directory.get(service):
            self._fresh.clear()
            self._wake.set()
            self._fresh.wait(_MISSING_WITHIN_S)
        return self._directory.get(service, [])

    def _beat(self) -> None:
        while not self._stop.is_set():
            self._wake.clear()
            well = self._renew()
            self._fresh.set()
            self._stop.wait(_SHORTEST_PAUSE_S)
            self._wake.wait(jittered(self._heartbeat_s if well else min(_RETRY_PAUSE_S, self._heartbeat_s)))

    def _renew(self) -> bool:
        try:
            self._take(self._ask())
        except (requests.RequestException, ValueError, KeyError) as error:
            if self._complaints.filter(logging.makeLogRecord({})):
                _log.info("no heartbeat: %s", type(error).__name__)
            return False
        return True

    def _ask(self) -> requests.Response:
        """The first registration is traced; renewals are like health checks, and are not."""
        if self._mine is None:
            with suppress_instrumentation():
                return self._session.get(f"{self._base_url}/instances", timeout=_TIMEOUT_S)
        body = {"service": self._mine.service, "url": self._mine.url, "version": self._mine.version}
        body["status"] = self._status()
        if not self._registered:
            with describe_call(REGISTRY, "/leases/{instance}"):
                return self._session.put(self._lease_url(self._mine), json=body, timeout=_TIMEOUT_S)
        with suppress_instrumentation():
            return self._session.put(self._lease_url(self._mine), json=body, timeout=_TIMEOUT_S)

    def _lease_url(self, mine: Registration) -> str:
        return f"{self._base_url}/leases/{mine.instance}"

    def _take(self, answer: requests.Response) -> None:
        answer.raise_for_status()
        directory: dict[str, list[Instance]] = {}
        for entry in answer.json()["instances"]:
            if entry["status"] != "fail":
                directory.setdefault(entry["service"], []).append(Instance(entry["instance"], entry["url"]))
        self._directory = directory
        self._registered = self._mine is not None
        self._known.set()
