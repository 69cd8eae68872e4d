from collections.abc import Iterator

import pytest
from receiver_servers import RecordingSink, serving_grpc, serving_http


@pytest.fixture
def sink() -> Iterator[RecordingSink]:
    recording = RecordingSink()
    yield recording
    recording.close()


@pytest.fixture
def http_url(sink: RecordingSink) -> Iterator[str]:
    with serving_http(sink) as url:
        yield url


@pytest.fixture(params=["asyncio", "uvloop"])
def grpc_target(sink: RecordingSink, request: pytest.FixtureRequest) -> Iterator[str]:
    with serving_grpc(sink, on_uvloop=request.param == "uvloop") as target:
        yield target
