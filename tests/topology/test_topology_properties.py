"""Whatever comes, in whatever order: the store's edges are those of the oracle in `linker`, which sees all at once."""

import random_traces
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from linker import MINUTE_NS, asked_of, count_entries, count_operations, link, map_of, minute_of
from otlp_requests import Span
from random_traces import ENVIRONMENTS, START_NS
from rollup_bench import RollupBench

from collector.queries.time_range import TimeRange

_THOROUGH = settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],  # to shrink an example takes many minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)

_MINUTES = st.sampled_from(
    (-254, -14, -4, 0, 1, 3, 6, 7, 16, 46, 106, 226, 236, 245, 286, 466, 1186, 1426, 1441, 1446, 1486)
)
"""After the start, which is at 22:14: borders of stretches, and what lies between."""
_WINDOWS = st.tuples(_MINUTES, _MINUTES).map(
    lambda ends: TimeRange(START_NS + min(ends) * MINUTE_NS, START_NS + (max(ends) + 1) * MINUTE_NS)
)


@_THOROUGH
@given(
    arrivals=random_traces.deliveries(), more_at_once=st.booleans(), windows=st.lists(_WINDOWS, min_size=3, max_size=3)
)
def test_edges_and_operations_equal_a_full_pass_whatever_the_order_of_arrival(
    bench: RollupBench, arrivals: list[random_traces.Arrival], more_at_once: bool, windows: list[TimeRange]
) -> None:
    bench.clear()
    for arrival in arrivals:
        bench.send(*arrival.spans)
        bench.now_ns = START_NS + arrival.now_minute * MINUTE_NS
        if arrival.restarts:
            bench.restart()
        if arrival.runs:
            bench.job.run_once() if more_at_once else bench.job.run_until_clean()
            assert bench.added_up() == bench.added_up(from_minutes=True)
    bench.now_ns = START_NS + 7 * 24 * 60 * MINUTE_NS
    everything = [span for arrival in arrivals for span in arrival.spans]
    assert bench.roll_up() == link(everything)
    assert bench.operations() == count_operations(everything)
    assert bench.services() == count_entries(everything)
    assert bench.stretches() == {(360, six_hours_of(span)) for span in everything}
    for environment in ENVIRONMENTS:
        assert bench.map_of(environment) == map_of(everything, environment)
        assert bench.asked_of(environment) == asked_of(everything, environment)
        for window in windows:
            asked = {"window": window, "environment": environment}
            assert bench.added_up(**asked) == bench.added_up(**asked, from_minutes=True), asked


def six_hours_of(span: Span) -> int:
    """When they begin, in minutes after the start."""
    return minute_of(span) // 360 * 360 - START_NS // MINUTE_NS
