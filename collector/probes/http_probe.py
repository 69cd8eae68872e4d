"""One HTTP GET, bounded in time and size as a whole, that follows redirects to the same place only.

Written on asyncio streams: the time limit holds for everything, however slowly bytes come, and nothing of the environment
(proxies, credentials) takes part.
"""

import asyncio
import ssl
from dataclasses import dataclass, field
from urllib.parse import SplitResult, urljoin, urlsplit

import httptools

_MOST_REDIRECTS = 3
_REDIRECTS = (301, 302, 303, 307, 308)
_MOST_HEADER_BYTES = 64 * 1024


class ProbeFailed(Exception):
    """The question got no answer that can be read. The text says why."""


@dataclass
class Answer:
    code: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytearray = field(default_factory=bytearray)
    is_complete: bool = False

    def on_header(self, name: bytes, value: bytes) -> None:
        if len(self.headers) < 200:
            self.headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_body(self, body: bytes) -> None:
        self.body += body

    def on_message_complete(self) -> None:
        self.is_complete = True

    @property
    def media_type(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()


async def get(url: str, timeout_s: float, max_body_bytes: int) -> Answer:
    """Raises ProbeFailed."""
    try:
        async with asyncio.timeout(timeout_s):
            return await _follow(urlsplit(url), max_body_bytes)
    except TimeoutError:
        raise ProbeFailed(f"no answer within {timeout_s:g} s") from None
    except (OSError, ssl.SSLError) as error:
        raise ProbeFailed(f"cannot connect: {error.strerror or error}"[:300]) from error
    except (httptools.HttpParserError, httptools.HttpParserUpgrade) as error:
        raise ProbeFailed(f"not an HTTP answer: {error}"[:300]) from error


async def _follow(url: SplitResult, max_body_bytes: int) -> Answer:
    for _ in range(_MOST_REDIRECTS + 1):
        answer = await _ask(url, max_body_bytes)
        location = answer.headers.get("location", "")
        if answer.code not in _REDIRECTS or not location:
            return answer
        there = urlsplit(urljoin(url.geturl(), location))
        if (there.scheme, there.netloc) != (url.scheme, url.netloc):
            raise ProbeFailed("it redirects to another host, which is not followed")
        url = there
    raise ProbeFailed(f"it redirects more than {_MOST_REDIRECTS} times")


async def _ask(url: SplitResult, max_body_bytes: int) -> Answer:
    secure = url.scheme == "https"
    port = url.port or (443 if secure else 80)
    context = ssl.create_default_context() if secure else None
    reader, writer = await asyncio.open_connection(url.hostname, port, ssl=context)
    try:
        path = (url.path or "/") + (f"?{url.query}" if url.query else "")
        head = f"GET {path} HTTP/1.1\r\nHost: {url.netloc.rpartition('@')[2]}\r\nConnection: close\r\n"
        writer.write(
            f"{head}Accept: application/health+json, application/json, */*\r\n\r\n".encode("latin-1", "replace")
        )
        await writer.drain()
        return await _read(reader, max_body_bytes)
    finally:
        writer.close()


async def _read(reader: asyncio.StreamReader, max_body_bytes: int) -> Answer:
    answer = Answer()
    parser = httptools.HttpResponseParser(answer)
    received = 0
    while not answer.is_complete:
        data = await reader.read(65536)
        if not data:
            break
        received += len(data)
        parser.feed_data(data)
        if len(answer.body) > max_body_bytes or received > max_body_bytes + _MOST_HEADER_BYTES:
            raise ProbeFailed(f"its answer is larger than {max_body_bytes} bytes")
    answer.code = parser.get_status_code()
    if not answer.code:
        raise ProbeFailed("it closed the connection without an answer")
    return answer
