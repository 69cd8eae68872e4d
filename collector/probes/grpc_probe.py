"""One question of gRPC's health protocol."""

from urllib.parse import urlsplit

import grpc
import grpc.aio

from collector.probes.http_probe import ProbeFailed

_METHOD = "/grpc.health.v1.Health/Check"
_NAMES = {0: "UNKNOWN", 1: "SERVING", 2: "NOT_SERVING", 3: "SERVICE_UNKNOWN"}
_NOT_ABOUT_HEALTH = (grpc.StatusCode.NOT_FOUND, grpc.StatusCode.UNIMPLEMENTED)


async def check(url: str, timeout_s: float) -> str:
    """The status as the protocol names it, NOT_FOUND or UNIMPLEMENTED. Raises ProbeFailed."""
    parts = urlsplit(url)
    name = parts.path.strip("/").encode()
    request = b"\x0a" + _varint(len(name)) + name if name else b""
    async with grpc.aio.insecure_channel(parts.netloc, options=[("grpc.max_receive_message_length", 65536)]) as channel:
        ask = channel.unary_unary(_METHOD)
        try:
            answer: bytes = await ask(request, timeout=timeout_s)
        except grpc.aio.AioRpcError as error:
            if error.code() in _NOT_ABOUT_HEALTH:
                return str(error.code().name)
            raise ProbeFailed(f"{error.code().name}: {error.details()}"[:300]) from error
    number = answer[1] if len(answer) >= 2 and answer[0] == 0x08 else 0
    return _NAMES.get(number, "UNKNOWN")


def _varint(number: int) -> bytes:
    parts = []
    while number > 127:
        parts.append(number & 127 | 128)
        number >>= 7
    return bytes([*parts, number])
