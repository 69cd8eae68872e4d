"""Whatever comes, in whatever order: the store's edges are those of the oracle in `linker`, which sees all at once."""

import random_traces
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from linker import MINUTE_NS, count_entries, count_operations, link, minute_of
from otlp_requests import Span
from random_traces import START_NS
from rollup_bench import RollupBench

_THOROUGH = settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],  # to shrink an example takes many minutes
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)


@_THOROUGH
@given(arrivals=random_traces.deliveries(), more_at_once=st.booleans())
def test_edges_and_operations_equal_a_full_pass_whatever_the_order_of_arrival(
    bench: RollupBench, arrivals: list[random_traces.Arrival], more_at_once: bool
) -> None:
    bench.clear()
    for arrival in arrivals:
        bench.send(*arrival.spans)
        bench.now_ns = START_NS + arrival.now_minute * MINUTE_NS
        if arrival.restarts:
            bench.restart()
        if arrival.runs:
            bench.job.run_once() if more_at_once else bench.job.run_until_clean()
            assert bench.added_up(with_hours=True) == bench.added_up(with_hours=False)
    bench.now_ns = START_NS + 7 * 24 * 60 * MINUTE_NS
    everything = [span for arrival in arrivals for span in arrival.spans]
    assert bench.roll_up() == link(everything)
    assert bench.operations() == count_operations(everything)
    assert bench.services() == count_entries(everything)
    assert bench.hours() == {hour_of(span) for span in everything}
    assert bench.added_up(with_hours=True) == bench.added_up(with_hours=False)


def hour_of(span: Span) -> int:
    return minute_of(span) // 60 - START_NS // MINUTE_NS // 60
