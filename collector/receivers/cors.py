"""Which web pages may send telemetry, by the CORS protocol of the Fetch standard.

By default pages served from this machine, on any port, as the collector itself is bound to this machine: what another
site's page could do with "*" is write made-up spans. Nothing can be read through the receiver either way.
"""

import re
from collections.abc import Sequence

Headers = list[tuple[bytes, bytes]]

DEFAULT_CORS_ORIGINS = tuple(
    f"{scheme}://{host}{port}"
    for scheme in ("http", "https")
    for host in ("localhost", "127.0.0.1", "[::1]")
    for port in ("", ":*")
)

_MAX_AGE_S = 7200  # Chromium honours no more
_ALLOWED_HEADERS = {
    "accept",
    "authorization",
    "baggage",
    "content-encoding",
    "content-type",
    "traceparent",
    "tracestate",
    "user-agent",
}


class CorsPolicy:
    """`origins` are exact, as "https://shop.example", or hold "*" for any run of characters but "/"; "*" allows all."""

    def __init__(self, origins: Sequence[str]) -> None:
        self._everyone = "*" in origins
        patterns = ("[^/]*".join(re.escape(part) for part in origin.split("*")) for origin in origins)
        self._allowed = re.compile("|".join(patterns) or "(?!)", re.IGNORECASE)

    def headers(self, origin: bytes) -> Headers:
        """What an answer to a page of this origin carries; nothing when it is not allowed."""
        if self._everyone:
            return [(b"access-control-allow-origin", b"*")]
        if self._allowed.fullmatch(origin.decode("latin-1")):
            return [(b"access-control-allow-origin", origin), (b"vary", b"Origin")]
        return [(b"vary", b"Origin")]

    def preflight_headers(self, origin: bytes, requested_headers: bytes) -> Headers:
        """The answer to "may I POST with these headers?"; x-* headers are allowed too."""
        asked = [name.strip().lower() for name in requested_headers.decode("latin-1").split(",")]
        custom = [name for name in asked if re.fullmatch(r"x-[a-z0-9_-]+", name)]
        return [
            *self.headers(origin),
            (b"access-control-allow-methods", b"POST"),
            (b"access-control-allow-headers", ", ".join([*sorted(_ALLOWED_HEADERS), *custom]).encode()),
            (b"access-control-max-age", str(_MAX_AGE_S).encode()),
        ]
