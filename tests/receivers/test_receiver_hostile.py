"""Bodies made to break a receiver: it answers 200 or 400, goes on serving, and stores whole requests or nothing."""

import asyncio
import contextlib
import gzip
import json
import subprocess
import sys
import textwrap
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from receiver_data import REQUEST_TYPES, attribute, body_of, nested_arrays, span, traces, traces_with_raw_value
from receiver_servers import RecordingSink

from collector.errors import BadRequest, CollectorError
from collector.model import Signal
from collector.receivers.encoding import decompress
from collector.receivers.http import build_otlp_http_app
from collector.receivers.normalise import normalise
from collector.receivers.otlp import WireFormat, prepare

LIMIT = 2**20
RICH = traces(
    span(
        attributes=[attribute("a", [1, {"b": "c"}]), attribute("d", 2.5)],
        events=[Span.Event(name="e", attributes=[attribute("f", True)])],
    )
).SerializeToString()
signals = st.sampled_from(list(Signal))


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """A sound request after some bytes were changed, cut out or put in."""
    body = bytearray(draw(st.sampled_from([RICH, *map(body_of, Signal), traces_with_raw_value(nested_arrays(60))])))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(body)))
        body[start : start + draw(st.integers(0, 4))] = draw(st.binary(max_size=4))
    return bytes(body)


def _prepared(signal: Signal, body: bytes, wire: WireFormat = WireFormat.PROTOBUF, encoding: str = "") -> bytes | None:
    try:
        return prepare(signal, body, wire, encoding, max_body_bytes=LIMIT)
    except CollectorError:
        return None


@given(signals, st.binary(max_size=200) | damaged())
@settings(max_examples=500, deadline=None)
def test_what_is_accepted_parses_alone_joined_and_normalised(signal: Signal, body: bytes) -> None:
    accepted = _prepared(signal, body)
    if accepted:
        alone, other = REQUEST_TYPES[signal].FromString(accepted), REQUEST_TYPES[signal].FromString(body_of(signal))
        joined = REQUEST_TYPES[signal].FromString(body_of(signal) + accepted)
        assert joined.ByteSize() == alone.ByteSize() + other.ByteSize()
        once = normalise(signal, accepted, now_ns=lambda: 1)
        assert normalise(signal, once.body, now_ns=lambda: 1).body == once.body


@pytest.mark.parametrize("size", range(len(RICH)))
def test_a_body_cut_short_anywhere_is_refused_or_still_a_request(size: int) -> None:
    accepted = _prepared(Signal.TRACES, RICH[:size])
    assert accepted in (None, b"", RICH[:size])
    assert not accepted  # the only resource group is never complete


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just("0a" * 16),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["key", "value", "values", "arrayValue", "intValue", "doubleValue"]), inner)
    ),
    max_leaves=8,
)
span_fields = st.sampled_from([field.json_name for field in Span.DESCRIPTOR.fields])


@given(st.dictionaries(span_fields, json_values, max_size=5))
@settings(max_examples=300, deadline=None)
def test_any_json_for_a_span_is_taken_or_a_bad_request(fields: dict[str, Any]) -> None:
    text = json.dumps({"resourceSpans": [{"scopeSpans": [{"spans": [fields]}]}]}).encode()
    with contextlib.suppress(BadRequest):
        normalise(Signal.TRACES, prepare(Signal.TRACES, text, WireFormat.JSON, max_body_bytes=LIMIT))


@given(st.binary(max_size=300))
@settings(deadline=None)
def test_random_text_is_no_json_request(text: bytes) -> None:
    assert not _prepared(Signal.LOGS, text, WireFormat.JSON)


@given(st.binary(max_size=300), st.sampled_from(["gzip", "deflate", "zstd"]))
@settings(deadline=None)
def test_random_compressed_data_never_crashes(data: bytes, encoding: str) -> None:
    headers = {"gzip": b"\x1f\x8b\x08\0\0\0\0\0\0\x03", "deflate": b"\x78\x9c", "zstd": b"\x28\xb5\x2f\xfd"}
    for body in (data, headers[encoding] + data):
        with contextlib.suppress(CollectorError):
            assert len(decompress(body, encoding, 1000)) <= 1000


@given(st.integers(0, 9), st.binary(max_size=3))
@settings(deadline=None)
def test_damaged_gzip_never_yields_other_content(position_from_end: int, wrong: bytes) -> None:
    body = bytearray(gzip.compress(RICH))
    start = len(body) - position_from_end
    body[start : start + len(wrong)] = wrong
    with contextlib.suppress(BadRequest):
        assert decompress(bytes(body), "gzip", LIMIT) == RICH


@given(st.lists(st.binary(max_size=50), min_size=1, max_size=5), signals, st.booleans())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=200, deadline=None)
def test_any_body_gets_one_answer_and_is_stored_whole_or_not_at_all(
    sink: RecordingSink, pieces: list[bytes], signal: Signal, leaves: bool
) -> None:
    """The ASGI application alone, as a server would call it, so that many bodies can be tried."""
    app = build_otlp_http_app(sink)
    events: list[dict[str, Any]] = [{"type": "http.request", "body": part, "more_body": True} for part in pieces]
    events.append({"type": "http.disconnect"} if leaves else {"type": "http.request", "body": b""})
    sent: list[Any] = []
    sink.submitted.clear()

    async def receive() -> dict[str, Any]:
        return events.pop(0)

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"content-type", b"application/x-protobuf")]
    scope = {"type": "http", "path": f"/v1/{signal}", "method": "POST", "headers": headers}
    asyncio.run(app(scope, receive, send))  # type: ignore[arg-type]
    if leaves:
        assert (sent, sink.submitted) == ([], [])
    else:
        assert [message["type"] for message in sent] == ["http.response.start", "http.response.body"]
        assert sent[0]["status"] in (200, 400)
        assert sink.submitted in ([], [(signal, b"".join(pieces))])


def test_a_gzip_bomb_does_not_grow_the_process() -> None:
    """In a process of its own, so that the peak is its peak: 16 requests at a time, each 1 GiB when inflated."""
    script = """
        import asyncio, gzip, resource
        from collector.errors import PayloadTooLarge
        from collector.model import Signal
        from collector.receivers.otlp import Intake, WireFormat

        part = gzip.compress(bytes(2**26))
        bomb = part * 16

        async def attempt(intake):
            try:
                await intake.take(Signal.TRACES, bomb, WireFormat.PROTOBUF, "gzip")
            except PayloadTooLarge:
                return True

        async def main():
            intake = Intake(None, 8 * 2**20)
            before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
            assert all(await asyncio.gather(*(attempt(intake) for _ in range(16))))
            print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)

        asyncio.run(main())
    """
    run = subprocess.run([sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stderr
    assert int(run.stdout) < 64  # MiB
