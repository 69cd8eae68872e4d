"""How long the jobs that bring answers up to date rest between their runs."""

import threading
import time

import pytest
from waiting import poll_until

from collector.queries.paced_thread import Allowance, PacedThread


def test_work_takes_no_more_than_its_share_of_the_time():
    allowance = Allowance(share=0.2, saved_s=0.0)
    assert allowance.rest_after(rested_s=60.0, worked_s=0.5) == pytest.approx(2.0)
    assert allowance.rest_after(rested_s=2.0, worked_s=0.5) == pytest.approx(2.0)


def test_single_changes_after_a_quiet_time_are_worked_off_at_once():
    allowance = Allowance(share=0.2, saved_s=1.0)
    rests = [allowance.rest_after(rested_s=0.5, worked_s=0.3) for _ in range(12)]
    assert rests[:6] == [0.0] * 6
    assert rests[-1] > 0.5


def test_in_the_long_run_what_was_saved_does_not_matter():
    allowance = Allowance(share=0.2, saved_s=1.0)
    worked_s, elapsed_s, rest_s = 0.0, 0.0, 0.0
    for _ in range(1000):
        worked_s += 0.3
        elapsed_s += 0.3 + rest_s
        rest_s = allowance.rest_after(rest_s, 0.3)
    assert worked_s / elapsed_s == pytest.approx(0.2, abs=0.005)


def test_a_rest_that_was_cut_short_is_not_made_up_for():
    allowance = Allowance(share=0.2, saved_s=1.0)
    allowance.rest_after(rested_s=0.0, worked_s=100.0)
    assert allowance.rest_after(rested_s=5.0, worked_s=0.3) == pytest.approx(1.2)


def test_time_in_which_nothing_of_the_process_works_is_no_work():
    calls: list[int] = []

    def wait_for_the_cores() -> None:
        calls.append(1)
        threading.Event().wait(0.5)

    thread = PacedThread("paced", wait_for_the_cores, share=0.001, interval_s=0.0, patience_s=0.01)
    thread.start()
    poll_until(lambda: len(calls) > 1, "another call, without a rest of eight minutes")
    thread.close()


def test_a_rest_ends_when_the_process_has_nothing_else_to_do():
    calls: list[int] = []

    def work() -> None:
        calls.append(1)
        ends = time.process_time() + 0.2
        while time.process_time() < ends:
            pass

    thread = PacedThread("paced", work, share=0.0001, interval_s=0.0, patience_s=0.01, quiet_s=0.05)
    thread.start()
    poll_until(lambda: len(calls) > 1, "another call, without a rest of half an hour")
    thread.close()
