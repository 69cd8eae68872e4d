"""A cache in Redis, beside the database that knows better: an entry lives for a while, and a miss is loaded once."""

import json
import threading
from collections.abc import Callable
from typing import Any

import redis
from opentelemetry import metrics
from opentelemetry.instrumentation.redis import RedisInstrumentor

from demo_services.common.bus import connect
from demo_services.common.errors import PeerUnavailable
from demo_services.common.faults import FaultBoard
from demo_services.common.guard import Guard


class Cache:
    """Redis's own spans are traced here. When Redis is away, everything is loaded. Safe to share between threads."""

    def __init__(self, url: str, prefix: str, ttl_s: float, guard: Guard, board: FaultBoard) -> None:
        self._client = connect(url)
        RedisInstrumentor().instrument_client(self._client)
        self._prefix = prefix
        self._ttl_ms = int(ttl_s * 1e3)
        self._guard = guard
        self._board = board
        self._loading = threading.Lock()
        meter = metrics.get_meter(__name__)
        self._lookups = meter.create_counter("shop.cache.lookups", "{lookup}", "Lookups by result")

    def get(self, key: str, load: Callable[[], Any]) -> Any:
        """The entry, loaded where it is missing. Of several that miss at once one loads and the others wait for it,
        unless the fault `cache_off` is on: then each loads for itself, every time.
        """
        if self._board.active("cache_off"):
            self._lookups.add(1, {"shop.cache.result": "off"})
            return load()
        if (found := self._read(key)) is not None:
            self._lookups.add(1, {"shop.cache.result": "hit"})
            return found
        with self._loading:
            if (found := self._read(key)) is not None:
                self._lookups.add(1, {"shop.cache.result": "shared"})
                return found
            self._lookups.add(1, {"shop.cache.result": "miss"})
            value = load()
            self._write(key, value)
            return value

    def forget(self, key: str) -> None:
        self._try("DEL", lambda: self._client.delete(self._prefix + key))

    def _read(self, key: str) -> Any:
        text = self._try("GET", lambda: self._client.get(self._prefix + key))
        return None if text is None else json.loads(text)

    def _write(self, key: str, value: Any) -> None:
        if self._ttl_ms:
            self._try("SET", lambda: self._client.set(self._prefix + key, json.dumps(value), px=self._ttl_ms))

    def _try(self, command: str, act: Callable[[], Any]) -> Any:
        """None when Redis does not answer."""

        def reached() -> Any:
            if self._board.active("broker_drop"):
                raise PeerUnavailable("cache: connection dropped (injected)")
            try:
                return act()
            except (redis.RedisError, OSError) as error:
                raise PeerUnavailable(f"cache: {type(error).__name__}") from error

        try:
            return self._guard.call(command, reached)
        except PeerUnavailable:
            return None
