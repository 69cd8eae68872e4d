"""What the roll-up job shows while spans are still coming, and what interruptions change: nothing."""

from typing import Any

import pytest
from linker import MINUTE_NS, count_operations, link
from otlp_requests import Span
from random_traces import START_NS
from rollup_bench import RollupBench, drawn
from topology_rules import DATABASE, HTTP, QUEUE, after, span

import collector.queries.rollups as rollups
from collector.queries import sources
from collector.queries.stretches import StretchRollups
from collector.queries.time_range import TimeRange

_CALL = span("cart", "call", kind="client", about=HTTP)
_ANSWER = span("orders", "s", "call", "server")
_FAR_ANSWER = span("orders", "s", "call", "server", start_ns=after(5 * 3600))


def test_a_call_in_flight_is_not_external_before_it_is_settled_and_is_so_afterwards(bench: RollupBench) -> None:
    bench.now_ns = _CALL.start_ns
    assert drawn(bench.roll_up(_CALL)) == set()
    bench.now_ns = START_NS + MINUTE_NS
    assert drawn(bench.roll_up()) == {"cart -> external:pay.example:443"}


def test_a_call_that_outlasts_its_minute_is_settled_after_its_end(bench: RollupBench) -> None:
    long_call = span("cart", "call", kind="client", about=HTTP, duration_ns=5 * MINUTE_NS)
    bench.now_ns = START_NS + 4 * MINUTE_NS
    assert drawn(bench.roll_up(long_call)) == set()
    bench.now_ns = START_NS + 5 * MINUTE_NS
    assert drawn(bench.roll_up()) == {"cart -> external:pay.example:443"}


def test_the_grace_begins_when_the_minute_ends(bench: RollupBench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench, "settings", bench.settings.model_copy(update={"pairing_grace_s": 15}))
    bench.restart()
    bench.now_ns = START_NS + 2 * 10**9
    bench.roll_up(_CALL)
    bench.now_ns = START_NS + MINUTE_NS + 14 * 10**9
    assert drawn(bench.roll_up()) == set()
    bench.now_ns = START_NS + MINUTE_NS + 15 * 10**9
    assert drawn(bench.roll_up()) == {"cart -> external:pay.example:443"}


def test_a_new_process_settles_what_the_last_one_left(bench: RollupBench) -> None:
    bench.now_ns = _CALL.start_ns
    bench.roll_up(_CALL)
    bench.restart()
    assert drawn(bench.roll_up()) == set()
    bench.restart()
    bench.now_ns = START_NS + MINUTE_NS
    assert drawn(bench.roll_up()) == {"cart -> external:pay.example:443"}


def test_what_is_known_of_a_minute_stays_until_the_new_is_complete_whatever_is_merged(
    bench: RollupBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    command = bench.store.command
    seen = []

    def command_after_merges(sql: str, parameters: Any = None) -> None:
        if "INSERT INTO rolled_up_minutes" in sql:
            for table in ("service_edges_1m", "operations_1m", "services_1m"):
                command(f"OPTIMIZE TABLE {table} FINAL")
            seen.append((bench.edges(), bench.operations(), bench.services()))
        command(sql, parameters)

    calls = [
        [span("cart", f"c{n}", kind="client", about=HTTP), span("orders", f"s{n}", f"c{n}", "server")] for n in range(4)
    ]
    complete = [({}, {}, {})]
    monkeypatch.setattr(bench.store, "command", command_after_merges)
    for pair in calls:
        bench.roll_up(*pair)
        complete.append((bench.edges(), bench.operations(), bench.services()))
    assert seen == complete[:-1]


def test_an_answer_that_comes_late_replaces_the_external_call(bench: RollupBench) -> None:
    assert drawn(bench.roll_up(_CALL)) == {"cart -> external:pay.example:443"}
    assert drawn(bench.roll_up(_ANSWER)) == {"cart -> orders"}


@pytest.mark.parametrize("halves", [(_CALL, _FAR_ANSWER), (_FAR_ANSWER, _CALL)], ids=["caller first", "callee first"])
def test_halves_hours_apart_meet_whichever_comes_last(bench: RollupBench, halves: tuple[Span, Span]) -> None:
    bench.roll_up(halves[0])
    bench.restart()
    assert bench.roll_up(halves[1]) == link(halves)


def test_a_nested_call_that_comes_late_to_a_trace_known_to_be_in_both_minutes_still_counts(bench: RollupBench) -> None:
    """That some calls of the trace reach from one minute to the other says nothing about the others."""
    outer = span("cart", "outer", kind="client", about=HTTP)
    back = span("orders", "back", "far", "server")
    far = span("cart", "far", kind="producer", about=DATABASE, start_ns=after(300))
    inner = span("cart", "inner", "outer", "client", DATABASE, start_ns=after(300))
    inner_http = span("cart", "nested", "outer", "client", HTTP, start_ns=after(300))
    bench.roll_up(outer, back, far)
    assert bench.roll_up(inner, inner_http) == link([outer, back, far, inner, inner_http])


def test_a_producer_that_comes_after_its_consumers_is_linked(bench: RollupBench) -> None:
    producer = span("cart", "send", kind="producer", about=QUEUE)
    takers = [
        span("orders", f"take{n}", kind="consumer", trace=f"b{n}", start_ns=after(n * 3600), links=(("t1", "send"),))
        for n in range(3)
    ]
    bench.roll_up(*takers)
    assert bench.roll_up(producer) == link([producer, *takers])


def test_what_was_paired_stays_paired_when_only_one_half_s_minute_is_touched_again(bench: RollupBench) -> None:
    first = bench.roll_up(_CALL, _FAR_ANSWER)
    assert bench.roll_up(span("cart", "else", trace="t2")) == first
    assert bench.roll_up(span("cart", "else", trace="t2", start_ns=_FAR_ANSWER.start_ns)) == first


def test_slices_give_the_same_edges(bench: RollupBench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rollups, "SLICE_SPANS", 15)
    spans = []
    for number in range(20):
        trace = f"trace-{number}"
        spans += [
            span("cart", "call", kind="client", about=HTTP, trace=trace),
            span("orders", "s", "call", "server", trace=trace),
            span("orders", "q", "s", "client", DATABASE, trace=trace),
            span("orders", "send", "s", "producer", trace=trace),
            span("mail", "take", kind="consumer", trace=f"mail-{number}", links=((trace, "send"),)),
        ]
    assert bench.roll_up(*spans) == link(spans)
    assert bench.operations() == count_operations(spans)


def test_stretches_are_added_up_when_they_are_over_and_stop_counting_when_a_minute_changes(bench: RollupBench) -> None:
    five, fifteen, hour = (5, -4), (15, -14), (60, -14)
    bench.now_ns = after(1 * 60 - 1)
    bench.roll_up(_CALL, _ANSWER)
    assert bench.stretches() == set()
    bench.now_ns = after(1 * 60)
    bench.roll_up()
    assert bench.stretches() == {fifteen}
    bench.now_ns = after(46 * 60)
    bench.roll_up()
    assert bench.stretches() == {hour}
    assert bench.stretches(TimeRange(after(-5 * 60), after(60))) == {five}
    assert bench.stretches(TimeRange(after(-3 * 60), after(60))) == set()
    bench.send(span("cart", "call", kind="client", about=HTTP, trace="t2"), span("orders", "s", "call", trace="t2"))
    _roll_up_minutes_only(bench)
    assert bench.stretches() == set()
    assert [row["calls"] for row in bench.added_up()["edges"]] == [2]
    bench.job.run_until_clean()
    assert bench.stretches() == {hour}
    assert [row["calls"] for row in bench.added_up()["edges"]] == [2]


def test_where_a_minute_changed_shorter_stretches_stand_for_the_rest(bench: RollupBench) -> None:
    others = [span("cart", f"s{n}", trace=f"o{n}", start_ns=after(n * 60)) for n in (1, 6, 20, 50)]
    bench.roll_up(_CALL, _ANSWER, *others)
    assert bench.stretches() == {(360, -254)}
    bench.send(span("cart", "else", trace="t2", start_ns=after(6 * 60)))
    _roll_up_minutes_only(bench)
    assert bench.stretches() == {(15, -14), (5, 1), (15, 16), (60, 46)}
    assert bench.added_up() == bench.added_up(from_minutes=True)


def _roll_up_minutes_only(bench: RollupBench) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(StretchRollups, "run_once", lambda *_: False)
        bench.job.run_once()


def test_where_too_many_minutes_are_not_in_stretches_all_are_read(
    bench: RollupBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.now_ns = START_NS
    bench.roll_up(_CALL, _ANSWER)
    before = bench.added_up()
    monkeypatch.setattr(sources, "MOST_NAMED", 0)
    assert sources.rolled_up(bench.store, TimeRange(START_NS, after(60))).pieces is None
    assert bench.added_up() == before


def test_a_run_takes_as_many_minutes_as_hold_a_slice_of_spans(
    bench: RollupBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rollups, "SLICE_SPANS", 5)
    bench.send(*(span("cart", f"s{n}", start_ns=after(n // 2 * 60)) for n in range(8)))
    assert [len(bench.job.run_once()) for _ in range(3)] == [2, 2, 0]


def test_minutes_beyond_those_taken_at_once_follow(bench: RollupBench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rollups, "MINUTES_AT_ONCE", 2)
    spans = [span("cart", "root"), *(span("orders", f"s{n}", "root", start_ns=after(n * 60)) for n in range(5))]
    assert bench.roll_up(*spans) == link(spans)


@pytest.mark.parametrize(
    "broken",
    ["rollup_scattered", "rollup_edges", "rollup_operations", "rollup_services", "rollup_close", "rollup_clean"],
)
def test_a_crash_at_any_step_only_repeats_work(
    bench: RollupBench, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    bench.roll_up(_CALL)
    bench.send(_FAR_ANSWER)
    with monkeypatch.context() as patch:
        patch.setattr(rollups, "statement", _crash_before(broken))
        with pytest.raises(InterruptedError):
            bench.job.run_once()
    bench.restart()
    assert bench.roll_up() == link([_CALL, _FAR_ANSWER])


def test_readers_see_the_last_whole_version_while_the_next_is_written(
    bench: RollupBench, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = bench.roll_up(_CALL)
    bench.send(span("cart", "other", kind="client", about=DATABASE))
    with monkeypatch.context() as patch:
        patch.setattr(rollups, "statement", _crash_before("rollup_close"))
        with pytest.raises(InterruptedError):
            bench.job.run_once()
    assert bench.edges() == before


def test_a_clock_that_was_set_back_does_not_hide_new_edges(bench: RollupBench, monkeypatch: pytest.MonkeyPatch) -> None:
    bench.roll_up(_CALL)
    monkeypatch.setattr(rollups, "time_ns", lambda: START_NS)
    bench.restart()
    assert drawn(bench.roll_up(_ANSWER)) == {"cart -> orders"}


def test_nothing_is_recomputed_when_nothing_came(bench: RollupBench) -> None:
    bench.roll_up(_CALL, _FAR_ANSWER)
    assert bench.job.run_once() == []
    bench.restart()
    assert bench.job.run_once() == []


def test_a_long_trace_touches_the_minute_of_its_root_only_when_that_calls(bench: RollupBench) -> None:
    """Or each of its minutes would make all earlier ones dirty again."""
    root = span("batch", "root", kind="server")
    bench.roll_up(root, *(span("batch", f"s{n}", "root", start_ns=after(n * 3600)) for n in range(1, 4)))
    bench.send(span("orders", "late", "root", start_ns=after(9 * 3600)))
    assert len(bench.job.run_once()) == 1
    assert bench.job.run_once() == []


def _crash_before(name: str):  # type: ignore[no-untyped-def]
    """`rollups.statement` that fails for the statement `name`."""
    real = rollups.statement

    def statement(asked: str, **words: str) -> str:
        if asked == name:
            raise InterruptedError(name)
        return real(asked, **words)

    return statement


def test_it_is_known_since_when_spans_wait(bench: RollupBench, monkeypatch: pytest.MonkeyPatch) -> None:
    now_s = 100.0
    monkeypatch.setattr(rollups, "monotonic", lambda: now_s)
    monkeypatch.setattr(rollups, "MINUTES_AT_ONCE", 1)
    bench.send(_CALL, _FAR_ANSWER)
    bench.job.wake()
    now_s = 107.0
    assert bench.job.behind_s == 7
    bench.job.run_once()
    bench.job.wake()
    assert bench.job.behind_s == 7, "one of the two minutes is left"
    bench.job.run_until_clean()
    assert bench.job.behind_s == 0
