"""Calls that take recorded traces to look at, and store them when asked."""

from concurrent.futures import CancelledError
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from fastapi.concurrency import run_in_threadpool

from collector.api import upload_models as models
from collector.api.answers import answers, json_answer
from collector.api.problems import FORBIDDEN, NOT_FOUND, TOO_LARGE
from collector.errors import BadRequest, PayloadTooLarge, ReadOnly, Unavailable
from collector.formats.recordings import read_recording
from collector.model import Signal, Sink
from collector.queries.uploads import about_upload
from collector.receivers.encoding import decompress
from collector.receivers.normalise import normalise
from collector.settings import Settings
from collector.store.engine import Store
from collector.store.uploads import Uploads

Token = Annotated[
    str, Path(description="an upload's token", pattern="^[0-9a-f]{32}$", examples=["9f86d081884c7d659f86d081884c7d65"])
]
_BODY = {
    "requestBody": {
        "description": "OTLP, Jaeger or Zipkin JSON, JSON lines of them, or OTLP protobuf; recognised by its content",
        "required": True,
        "content": {
            "application/json": {"schema": {}, "example": {"resourceSpans": []}},
            "application/x-protobuf": {"schema": {"type": "string", "format": "binary"}},
        },
    }
}


def add_uploads(router: APIRouter, store: Store, settings: Settings, uploads: Uploads, sink: Sink) -> None:
    @router.post(
        "/traces/upload",
        summary="Hand in recorded traces to look at; nothing is stored",
        status_code=201,
        responses=answers(models.Uploaded, TOO_LARGE, status=201),
        openapi_extra=_BODY,
        tags=["traces"],
    )
    async def upload_traces(request: Request) -> Response:
        body = await _limited(request, settings.upload_max_bytes)
        encoding = request.headers.get("content-encoding", "")
        return json_answer(await run_in_threadpool(_taken, uploads, body, encoding, settings.upload_max_bytes), 201)

    @router.get(
        "/traces/uploads/{token}",
        summary="What an upload holds",
        responses=answers(models.Uploaded, NOT_FOUND),
        tags=["traces"],
    )
    def get_upload(token: Token) -> Response:
        return json_answer(about_upload(uploads.get(token)))

    @router.post(
        "/traces/uploads/{token}/store",
        summary="Store an upload as if it had been sent",
        responses=answers(models.Stored, NOT_FOUND, FORBIDDEN),
        tags=["traces"],
    )
    def store_upload(token: Token) -> Response:
        if store.read_only:
            raise ReadOnly("this collector only reads its store")
        upload = uploads.get(token)
        try:
            sink.submit(Signal.TRACES, upload.body).result()
        except CancelledError:
            raise Unavailable("the collector is closing") from None
        return json_answer({"upload": token, "stored": about_upload(upload)["span_count"]})


def _taken(uploads: Uploads, body: bytes, encoding: str, most: int) -> dict[str, object]:
    recording = read_recording(decompress(body, encoding, most))
    spans = normalise(Signal.TRACES, recording.body)
    upload = uploads.add(recording.format, spans.body, spans.refused, spans.reason)
    answer = about_upload(upload)
    if not answer["span_count"]:
        raise BadRequest(f"all spans are refused: {spans.reason}" if spans.refused else "it holds no spans")
    return answer


async def _limited(request: Request, most: int) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            raise PayloadTooLarge(f"the recording is larger than SPANSCAPE_UPLOAD_MAX_BYTES ({most} bytes)")
    return bytes(body)
