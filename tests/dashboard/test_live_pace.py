"""How often a page is sent something, by a clock that the tests set."""

import pytest

from dashboard.live.pace import Pace


class Clock:
    now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


@pytest.fixture
def clock():
    return Clock()


def work(pace, clock, for_s):
    started = clock.now_s
    clock.now_s += for_s
    pace.worked(started)


def test_a_change_right_after_another_need_not_wait(clock):
    pace = Pace(0.4, 1.0, 1.0, clock)
    work(pace, clock, 0.1)
    assert pace.rest_s == 0
    work(pace, clock, 0.1)
    assert pace.rest_s == 0


@pytest.mark.parametrize(("busy_s", "cycle_s"), [(0.1, 0.5), (1.0, 2.0)])
def test_in_the_long_run_each_message_is_followed_by_its_rest(clock, busy_s, cycle_s):
    pace = Pace(0.4, 1.0, 1.0, clock)
    started = clock.now_s
    for _ in range(100):
        work(pace, clock, busy_s)
        clock.now_s += pace.rest_s
    assert clock.now_s - started == pytest.approx(100 * cycle_s - 1.0)


def test_many_wishes_at_once_do_not_hold_up_what_follows(clock):
    pace = Pace(0.4, 1.0, 1.0, clock)
    for _ in range(20):
        work(pace, clock, 0.1)
    assert pace.rest_s == pytest.approx(0.4)


def test_only_so_much_rest_is_saved(clock):
    pace = Pace(0.4, 1.0, 1.0, clock)
    clock.now_s += 3600
    for _ in range(3):
        work(pace, clock, 0.1)
    assert pace.rest_s == pytest.approx(0.2)
