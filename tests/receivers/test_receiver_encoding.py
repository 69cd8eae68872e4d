"""Content encodings: what comes out, and that the limit holds for what comes out."""

import gzip
import tracemalloc
import zlib
from collections.abc import Callable

import pytest
from backports import zstd

from collector.errors import BadRequest, PayloadTooLarge, UnsupportedMediaType
from collector.receivers.encoding import decompress

TEXT = b"spans " * 50_000
LIMIT = 2**20


def _raw_deflate(data: bytes) -> bytes:
    compressor = zlib.compressobj(wbits=-15)
    return compressor.compress(data) + compressor.flush()


ENCODERS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "gzip": ("gzip", gzip.compress),
    "x-gzip": ("x-gzip", gzip.compress),
    "zlib": ("deflate", zlib.compress),
    "raw deflate": ("deflate", _raw_deflate),
    "zstd": ("zstd", zstd.compress),
}
encoded = pytest.mark.parametrize(("encoding", "encode"), ENCODERS.values(), ids=ENCODERS)


@encoded
@pytest.mark.parametrize("data", [b"", b"x", TEXT], ids=["empty", "one byte", "300 kB"])
def test_each_encoding_is_undone(encoding: str, encode: Callable[[bytes], bytes], data: bytes) -> None:
    assert decompress(encode(data), encoding, LIMIT) == data


@pytest.mark.parametrize("encoding", ["", "identity", " Identity "])
def test_no_encoding_leaves_the_body_alone(encoding: str) -> None:
    assert decompress(b"\x1f\x8b", encoding, LIMIT) == b"\x1f\x8b"


def test_encoding_names_have_no_case() -> None:
    assert decompress(gzip.compress(b"x"), "GZip", LIMIT) == b"x"


@pytest.mark.parametrize("encode", [gzip.compress, zstd.compress])
def test_members_that_follow_one_another_are_joined(encode: Callable[[bytes], bytes]) -> None:
    encoding = "gzip" if encode is gzip.compress else "zstd"
    assert decompress(encode(TEXT) + encode(b"") + encode(b"end"), encoding, LIMIT) == TEXT + b"end"


@encoded
def test_the_limit_is_for_what_comes_out(encoding: str, encode: Callable[[bytes], bytes]) -> None:
    assert decompress(encode(TEXT), encoding, len(TEXT)) == TEXT
    with pytest.raises(PayloadTooLarge, match="more than 299999 bytes when decompressed"):
        decompress(encode(TEXT), encoding, len(TEXT) - 1)


def test_the_limit_holds_without_an_encoding() -> None:
    with pytest.raises(PayloadTooLarge, match="4 bytes; the limit is 3"):
        decompress(b"1234", "", 3)


@encoded
def test_a_bomb_is_refused_in_bounded_memory(encoding: str, encode: Callable[[bytes], bytes]) -> None:
    bomb = encode(bytes(200 * 2**20))
    tracemalloc.start()
    try:
        with pytest.raises(PayloadTooLarge):
            decompress(bomb, encoding, LIMIT)
        _, peak_bytes = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak_bytes < 8 * LIMIT


@encoded
def test_a_body_cut_short_is_a_bad_request(encoding: str, encode: Callable[[bytes], bytes]) -> None:
    with pytest.raises(BadRequest, match="body ends too early"):
        decompress(encode(TEXT)[:-5], encoding, LIMIT)


@encoded
def test_a_damaged_body_is_a_bad_request(encoding: str, encode: Callable[[bytes], bytes]) -> None:
    body = bytearray(encode(TEXT))
    body[2:20] = b"\xff" * 18
    with pytest.raises(BadRequest, match=r"cannot be decompressed|ends too early|goes on"):
        decompress(bytes(body), encoding, LIMIT)


@encoded
def test_what_follows_the_end_is_a_bad_request(encoding: str, encode: Callable[[bytes], bytes]) -> None:
    with pytest.raises(BadRequest, match=r"cannot be decompressed|goes on after its end"):
        decompress(encode(b"x") + b"garbage!", encoding, LIMIT)


def test_more_members_than_any_sender_writes_are_a_bad_request() -> None:
    with pytest.raises(BadRequest, match="goes on after its end"):
        decompress(gzip.compress(b"") * 5000, "gzip", LIMIT)


def test_a_zstd_window_over_8_mib_is_a_bad_request() -> None:
    compressor = zstd.ZstdCompressor(options={zstd.CompressionParameter.window_log: 24})
    body = compressor.compress(TEXT) + compressor.flush()  # in two steps, else the window shrinks to the known size
    with pytest.raises(BadRequest, match="requires too much memory"):
        decompress(body, "zstd", LIMIT)


@pytest.mark.parametrize("encoding", ["br", "compress", "gzip, gzip"])
def test_an_unknown_encoding_names_the_known_ones(encoding: str) -> None:
    with pytest.raises(UnsupportedMediaType, match="is not supported; use gzip, deflate, zstd"):
        decompress(b"x", encoding, LIMIT)
