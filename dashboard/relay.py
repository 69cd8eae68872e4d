"""`/api/v1/…` of the dashboard: the collector's answers for the scripts of a page, which may ask their own origin only.

What passes: GET of the paths of the collector's API that are named here, POST of a recording and that it be stored, JSON
answers. Nothing else of the collector, and no other host, can be reached through it. Errors are `application/problem+json` as
the collector's own are. A script that asks with the header `X-Problems: as-data` gets what is wrong with its question (400) as an
answer that succeeded: a filter that is half typed is no failure, and browsers note every failure on their console.
"""

import re
import zlib
from collections.abc import Callable, Iterator
from urllib.parse import unquote, urlsplit

import orjson
import requests
from fastapi import FastAPI, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse

from dashboard.client import CollectorClient
from dashboard.errors import CollectorUnreachable

PREFIX = "/api/v1/"
_READABLE = frozenset(
    {"attributes", "breakers", "doctor", "events", "health", "services", "timeseries", "topology", "traces"}
)
"""First parts of paths. `stream` is not among them: an answer that never ends belongs to the one follower of the dashboard."""
_RAW_PATH = re.compile(r"/api/v1/[\w.~!$&'()*+,;=:@%/-]+", re.ASCII)
_TAKES_RECORDINGS = re.compile(r"/api/v1/traces/(upload|uploads/[0-9a-f]{32}/store)", re.ASCII)
_UNSAFE = re.compile(r"[\x00-\x1f\x7f\\]")
_JSON = ("application/json", "application/problem+json")
_MISTAKE = 400
_CHUNK_BYTES = 256 * 1024
_COMPRESSED_FROM_BYTES = 2000
_FAST = 1  # zlib's level: 100 MB/s and a quarter of the size; the default takes six times as long for a fifth


def add_relay(server: FastAPI, client: CollectorClient, max_bytes: int, upload_max_bytes: int) -> None:
    """Adds the routes. Answers of more than `max_bytes` are refused, or cut off where their size was not told before;
    recordings of more than `upload_max_bytes` are refused."""

    @server.get(PREFIX + "{path:path}", include_in_schema=False)
    def relay(request: Request) -> Response:
        target = target_of(request.scope["raw_path"].decode("latin-1"), request.url.query)
        if target is None:
            return _problem(404, "Not found", "the dashboard relays no such call of the collector's API")
        if request.headers.get("sec-fetch-site") == "cross-site":
            return _problem(403, "Forbidden", "only pages of this dashboard may ask")
        answer = _passed_on(
            lambda: client.open(target), max_bytes, "gzip" in request.headers.get("accept-encoding", "")
        )
        return _with_mistakes_as_data(request, answer)

    @server.post(PREFIX + "{path:path}", include_in_schema=False)
    async def hand_in(request: Request) -> Response:
        target = request.scope["raw_path"].decode("latin-1")
        if not _TAKES_RECORDINGS.fullmatch(target):
            return _problem(405, "Method not allowed", "the dashboard hands nothing but recordings to the collector")
        if not _of_this_origin(request):
            return _problem(403, "Forbidden", "only pages of this dashboard may hand in recordings")
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > upload_max_bytes:
                words = f"the recording is larger than SPANSCAPE_UPLOAD_MAX_BYTES ({upload_max_bytes} bytes)"
                return _problem(413, "Payload too large", words)
        answer = await run_in_threadpool(_passed_on, lambda: client.hand_in(target, bytes(body)), max_bytes, False)
        return _with_mistakes_as_data(request, answer)


def _with_mistakes_as_data(request: Request, answer: Response) -> Response:
    if answer.status_code == _MISTAKE and request.headers.get("x-problems") == "as-data":
        answer.status_code = 200
    return answer


def _of_this_origin(request: Request) -> bool:
    """Whether a browser says so, by either header that scripts cannot set; what is no browser says nothing."""
    site, origin = request.headers.get("sec-fetch-site", "same-origin"), request.headers.get("origin")
    return site in ("same-origin", "none") and (not origin or urlsplit(origin).netloc == request.headers.get("host"))


def target_of(raw_path: str, query: str) -> str | None:
    """Path and query for the collector, escaped as they came; None for what is not relayed."""
    if not _RAW_PATH.fullmatch(raw_path):
        return None
    decoded = unquote(raw_path)
    parts = decoded.removeprefix(PREFIX).split("/")
    if parts[0] not in _READABLE or {"", ".", ".."} & set(parts) or _UNSAFE.search(decoded):
        return None
    return f"{raw_path}?{query}" if query else raw_path


def _passed_on(ask: Callable[[], requests.Response], max_bytes: int, compress: bool) -> Response:
    try:
        answer = ask()
    except CollectorUnreachable as error:
        return _problem(504 if error.slow else 502, error.title, error.detail)
    kind = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    size = int(answer.headers.get("Content-Length") or 0)
    if kind not in _JSON:
        answer.close()
        return _problem(502, "Unexpected answer", "the collector answered without JSON: is it a Spanscape collector?")
    if size > max_bytes:
        answer.close()
        words = f"the answer has {size} bytes; SPANSCAPE_DASHBOARD_MAX_ANSWER_BYTES allows {max_bytes}"
        return _problem(502, "Answer too large", words)
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    if "Retry-After" in answer.headers:
        headers["Retry-After"] = answer.headers["Retry-After"]
    body = _bounded(answer, max_bytes)
    if compress and (size == 0 or size >= _COMPRESSED_FROM_BYTES):
        headers["Content-Encoding"] = "gzip"
        headers["Vary"] = "Accept-Encoding"
        body = _gzipped(body)
    return StreamingResponse(body, answer.status_code, headers, media_type=kind)


def _bounded(answer: requests.Response, max_bytes: int) -> Iterator[bytes]:
    """The body in pieces. Raises OverflowError past `max_bytes`: the connection ends, so nobody takes it for the whole."""
    passed = 0
    with answer:
        for chunk in answer.iter_content(_CHUNK_BYTES):
            passed += len(chunk)
            if passed > max_bytes:
                raise OverflowError(f"the collector's answer is larger than {max_bytes} bytes")
            yield chunk


def _gzipped(body: Iterator[bytes]) -> Iterator[bytes]:
    packer = zlib.compressobj(_FAST, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    for chunk in body:
        if packed := packer.compress(chunk):
            yield packed
    yield packer.flush()


def _problem(status: int, title: str, detail: str) -> Response:
    body = {"type": "about:blank", "title": title, "status": status, "detail": detail}
    return Response(orjson.dumps(body), status, media_type="application/problem+json")
