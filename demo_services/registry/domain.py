"""The rules of leases: an instance is there as long as it renews."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Status = Literal["pass", "warn", "fail"]


@dataclass(frozen=True)
class Lease:
    """`until_s` is on the clock of the table."""

    instance: str
    service: str
    url: str
    version: str
    status: Status
    until_s: float


class Leases:
    """The directory. Safe to share between threads."""

    def __init__(self, lease_s: float, now: Callable[[], float]) -> None:
        self.lease_s = lease_s
        self._now = now
        self._leases: dict[str, Lease] = {}
        self._lock = threading.Lock()

    def renew(self, instance: str, service: str, url: str, version: str, status: Status) -> bool:
        """Also registers; whether the instance was not there before."""
        lease = Lease(instance, service, url, version, status, self._now() + self.lease_s)
        with self._lock:
            self._expire()
            is_new = instance not in self._leases
            self._leases[instance] = lease
        return is_new

    def end(self, instance: str) -> bool:
        """Whether there was such a lease."""
        with self._lock:
            return self._leases.pop(instance, None) is not None

    def list(self, service: str = "") -> list[Lease]:
        """In order of service and instance; of one service, or of all."""
        with self._lock:
            self._expire()
            found = [lease for lease in self._leases.values() if service in ("", lease.service)]
        return sorted(found, key=lambda lease: (lease.service, lease.instance))

    def _expire(self) -> None:
        now_s = self._now()
        self._leases = {key: lease for key, lease in self._leases.items() if lease.until_s > now_s}
