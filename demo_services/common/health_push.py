"""Tells the collector every few seconds how this instance is. A collector that is away, or too old, does not matter."""

import logging
import threading
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import requests
from opentelemetry.instrumentation.utils import suppress_instrumentation

from demo_services.common.logs import OncePer
from demo_services.common.peers import jittered, new_session
from demo_services.services import NAMESPACE

_log = logging.getLogger(__name__)
_TIMEOUT_S = 2.0


class HealthPush:
    def __init__(
        self, collector_url: str, service: str, instance: str, report: Callable[[], dict[str, Any]], interval_s: float
    ) -> None:
        self._url = f"{collector_url.rstrip('/')}/api/v1/health/{quote(service)}"
        self._query = {"instance": instance, "namespace": NAMESPACE}
        self._report = report
        self._interval_s = interval_s
        self._session = new_session()
        self._session.headers["Content-Type"] = "application/health+json"
        self._stop = threading.Event()
        self._complaints = OncePer(60.0)
        self._thread = threading.Thread(target=self._push, name="health push", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()

    def _push(self) -> None:
        while not self._stop.is_set():
            try:
                with suppress_instrumentation():
                    self._session.post(self._url, params=self._query, json=self._report(), timeout=_TIMEOUT_S)
            except requests.RequestException as error:
                if self._complaints.filter(logging.makeLogRecord({})):
                    _log.info("health not reported: %s", type(error).__name__)
            self._stop.wait(jittered(self._interval_s))
