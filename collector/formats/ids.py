"""Recorded ids as OTLP ids: 16 bytes for a trace, 8 for a span.

Hexadecimal ids keep their value, padded with zeros on the left. Anything else (names such as "G" in hand-written
traces, ids that are too long, all zeros) is hashed, so that equal ids stay equal, in whatever file they are.
"""

import hashlib

TRACE_ID_BYTES = 16
SPAN_ID_BYTES = 8

_HEX_DIGITS = frozenset("0123456789abcdefABCDEF")


def to_trace_id(recorded: str) -> bytes:
    return _to_id(recorded, TRACE_ID_BYTES)


def to_span_id(recorded: str) -> bytes:
    return _to_id(recorded, SPAN_ID_BYTES)


def to_parent_id(recorded: str) -> bytes:
    """Empty for a span without parent, which older recorders write as zero."""
    return b"" if not recorded.strip("0") else to_span_id(recorded)


def derived_span_id(*parts: bytes | str) -> bytes:
    """A span id that follows from `parts` alone: the same parts give the same id in every run and file."""
    digest = hashlib.blake2b(digest_size=SPAN_ID_BYTES)
    for part in parts:
        encoded = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        digest.update(len(encoded).to_bytes(4, "big") + encoded)
    return digest.digest()


def _to_id(recorded: str, size_bytes: int) -> bytes:
    if len(recorded) <= 2 * size_bytes and _HEX_DIGITS.issuperset(recorded) and recorded.strip("0"):
        return bytes.fromhex(recorded.zfill(2 * size_bytes))
    return hashlib.blake2b(recorded.encode("utf-8", "surrogatepass"), digest_size=size_bytes).digest()
