"""Undoes Content-Encoding, never holding more than the limit.

The limit applies to what comes out, so a small body that would inflate to gigabytes costs no more than a large one.
"""

import sys
import zlib
from collections.abc import Callable
from typing import Protocol

from collector.errors import BadRequest, PayloadTooLarge, UnsupportedMediaType

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

DEFAULT_MAX_BODY_BYTES = 32 * 2**20
SUPPORTED_ENCODINGS = "gzip, deflate, zstd"

_CHUNK_BYTES = 2**16
# Every member starts a new decoder: 32 MiB of 20-byte members would keep a core busy for seconds.
# 64 KiB blocks, the smallest that parallel compressors write, need 512 for a full-sized body.
_MAX_MEMBERS = 1024
# 8 MiB: RFC 9659 lets no sender of "Content-Encoding: zstd" ask for a larger window.
_ZSTD_OPTIONS: dict[int, int] = {zstd.DecompressionParameter.window_log_max: 23}


class _Decoder(Protocol):
    @property
    def eof(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes | memoryview, max_length: int, /) -> bytes: ...


def decompress(body: bytes, encoding: str, max_body_bytes: int) -> bytes:
    """The body without its content encoding; "" and "identity" mean there is none.

    Raises PayloadTooLarge when more than max_body_bytes come out, BadRequest when the data is damaged or cut short,
    UnsupportedMediaType for another encoding.
    """
    match encoding.strip().lower():
        case "" | "identity":
            return _within(body, max_body_bytes)
        case "gzip" | "x-gzip" as name:
            return _decode(body, name, lambda: zlib.decompressobj(31), _MAX_MEMBERS, max_body_bytes)
        case "deflate" as name:
            window_bits = 15 if _has_zlib_header(body) else -15
            return _decode(body, name, lambda: zlib.decompressobj(window_bits), 1, max_body_bytes)
        case "zstd" as name:
            return _decode(
                body, name, lambda: zstd.ZstdDecompressor(options=_ZSTD_OPTIONS), _MAX_MEMBERS, max_body_bytes
            )
        case name:
            raise UnsupportedMediaType(f"content-encoding {name[:50]!r} is not supported; use {SUPPORTED_ENCODINGS}")


def _within(body: bytes, max_body_bytes: int) -> bytes:
    if len(body) > max_body_bytes:
        raise PayloadTooLarge(f"body has {len(body)} bytes; the limit is {max_body_bytes}")
    return body


def _has_zlib_header(body: bytes) -> bool:
    """Deflate means zlib (RFC 9110), but some senders leave out its two-byte header (RFC 1950, CMF and FLG)."""
    return len(body) >= 2 and body[0] & 0x0F == 8 and int.from_bytes(body[:2], "big") % 31 == 0


def _decode(
    body: bytes, name: str, new_decoder: Callable[[], _Decoder], max_members: int, max_body_bytes: int
) -> bytes:
    """Decode up to `max_members` streams that follow one another."""
    view, position = memoryview(body), 0
    parts: list[bytes] = []
    room = max_body_bytes + 1
    for _ in range(max_members):
        decoder = new_decoder()
        while not decoder.eof:
            chunk = view[position : position + _CHUNK_BYTES]
            if not chunk:
                raise BadRequest(f"{name} body ends too early")
            position += len(chunk)
            part = _decode_chunk(decoder, name, chunk, room)
            room -= len(part)
            if room <= 0:
                raise PayloadTooLarge(f"{name} body has more than {max_body_bytes} bytes when decompressed")
            parts.append(part)
        position -= len(decoder.unused_data)
        if position == len(view):
            return b"".join(parts)
    raise BadRequest(f"{name} body goes on after its end")


def _decode_chunk(decoder: _Decoder, name: str, chunk: memoryview, room: int) -> bytes:
    try:
        return decoder.decompress(chunk, room)
    except (zlib.error, zstd.ZstdError) as error:
        raise BadRequest(f"{name} body cannot be decompressed: {error}") from None
