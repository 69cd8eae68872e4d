"""The store in this process, so that the roll-up job can be run step by step."""

from collections.abc import Iterator

import pytest
from rollup_bench import RollupBench


@pytest.fixture(scope="module")
def _bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RollupBench]:
    bench = RollupBench(tmp_path_factory.mktemp("topology"))
    yield bench
    bench.close()


@pytest.fixture
def bench(_bench: RollupBench) -> RollupBench:
    """Empty, with the clock long after all spans and no grace."""
    _bench.clear()
    return _bench
