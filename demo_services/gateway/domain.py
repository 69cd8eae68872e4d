"""The rules of the door: who gets in, and how often."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

import jwt

from demo_services.common.errors import NotSignedIn, TooManyRequests

_ALGORITHM = "HS256"
_TOKEN_LIFE_S = 3600
_REMEMBERED_USERS = 10_000


class Tokens:
    """JSON Web Tokens that say which user it is."""

    def __init__(self, secret: str, now: Callable[[], float] = time.time) -> None:
        self._secret = secret
        self._now = now

    def issue(self, user_id: str) -> str:
        claims = {"sub": user_id, "exp": int(self._now()) + _TOKEN_LIFE_S}
        return jwt.encode(claims, self._secret, _ALGORITHM)

    def user_of(self, authorization: str) -> str:
        """The user's id, from the header's text. Raises NotSignedIn."""
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer":
            raise NotSignedIn("a token is needed: Authorization: Bearer <token>, from POST /v1/login")
        try:
            claims = jwt.decode(
                token, self._secret, [_ALGORITHM], options={"require": ["sub", "exp"], "verify_exp": False}
            )
        except jwt.InvalidTokenError as error:
            raise NotSignedIn(f"the token is not valid: {error}") from error
        if claims["exp"] <= self._now():
            raise NotSignedIn("the token has expired")
        return str(claims["sub"])


@dataclass
class _Bucket:
    tokens: float
    filled_at_s: float


class RateLimiter:
    """A bucket of tokens for each caller: full at first, filled steadily, each request takes one."""

    def __init__(self, per_s: float, burst: int, now: Callable[[], float] = time.monotonic) -> None:
        self._per_s = per_s
        self._burst = burst
        self._now = now
        self._buckets: OrderedDict[str, _Bucket] = OrderedDict()  # the longest unused first
        self._lock = threading.Lock()

    def take(self, caller: str) -> None:
        """Raises TooManyRequests, with the seconds until a token is there."""
        with self._lock:
            now_s = self._now()
            bucket = self._buckets.setdefault(caller, _Bucket(self._burst, now_s))
            self._buckets.move_to_end(caller)
            bucket.tokens = min(self._burst, bucket.tokens + (now_s - bucket.filled_at_s) * self._per_s)
            bucket.filled_at_s = now_s
            if len(self._buckets) > _REMEMBERED_USERS:
                self._buckets.popitem(last=False)
            if bucket.tokens < 1:
                raise TooManyRequests("too many requests", (1 - bucket.tokens) / self._per_s)
            bucket.tokens -= 1
