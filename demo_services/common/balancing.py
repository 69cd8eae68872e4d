"""Which of a service's instances takes the next call."""

import itertools
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

from demo_services.common.errors import PeerUnavailable

Policy = Literal["round_robin", "least_outstanding"]
_AVOIDED_S = 2.0  # how long an instance that did not answer is passed over


@dataclass(frozen=True)
class Instance:
    id: str
    url: str


class Balancer:
    """Chooses among the instances that `find` knows at that moment. Safe to share between threads."""

    def __init__(
        self,
        service: str,
        find: Callable[[], Sequence[Instance]],
        policy: Policy = "round_robin",
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._service = service
        self._find = find
        self._policy = policy
        self._now = now
        self._turn = itertools.count()
        self._outstanding: Counter[str] = Counter()
        self._avoided: dict[str, float] = {}  # instance id -> until when
        self._lock = threading.Lock()

    @contextmanager
    def chosen(self) -> Iterator[Instance]:
        """One instance, counted as busy while the block runs. Raises PeerUnavailable if there is none."""
        instance = self._choose()
        try:
            yield instance
        finally:
            with self._lock:
                self._outstanding[instance.id] -= 1

    def avoid(self, instance: Instance) -> None:
        """It did not answer: others are preferred for a moment."""
        with self._lock:
            self._avoided[instance.id] = self._now() + _AVOIDED_S

    def _choose(self) -> Instance:
        known = sorted(self._find(), key=lambda instance: instance.id)
        if not known:
            raise PeerUnavailable(f"{self._service}: no instance is registered")
        with self._lock:
            usable = [instance for instance in known if self._avoided.get(instance.id, 0) <= self._now()] or known
            turn = next(self._turn)
            if self._policy == "least_outstanding":
                fewest = min(self._outstanding[instance.id] for instance in usable)
                usable = [instance for instance in usable if self._outstanding[instance.id] == fewest]
            instance = usable[turn % len(usable)]
            self._outstanding[instance.id] += 1
            return instance
