"""How a time range is put together from minutes and longer stretches."""

from collector.queries.pieces import STRETCHES_S, Pieces, Stretch, put_together

_SIX_S = 21600 * 78_000
_MINUTES = {_SIX_S + 60 * number: 100 + number for number in range(12 * 60)}
_ALL = [
    (seconds, start_s, 100 + (start_s + seconds - _SIX_S) // 60 - 1)
    for seconds in STRETCHES_S
    for start_s in range(_SIX_S, _SIX_S + 12 * 3600, seconds)
]


def _within(first: int, last: int, stretches: list[Stretch]) -> tuple[list[int], list[tuple[int, int]]]:
    """Minutes, and stretches as their lengths and starts, all in minutes."""
    pieces = put_together(_MINUTES, stretches, _SIX_S + 60 * first, _SIX_S + 60 * last)
    assert all(version == _MINUTES[start_s] for start_s, version in pieces.minutes)
    minutes = [(start_s - _SIX_S) // 60 for start_s, _ in pieces.minutes]
    return minutes, sorted((seconds // 60, (start_s - _SIX_S) // 60) for seconds, start_s, _ in pieces.stretches)


def test_a_whole_stretch_stands_for_all_that_is_in_it() -> None:
    assert _within(0, 719, _ALL) == ([], [(360, 0), (360, 360)])


def test_towards_the_borders_they_are_shorter() -> None:
    between = [(5, 290), (5, 295), (5, 465), (15, 450), (60, 300), (60, 360), (15, 420), (15, 435)]
    assert _within(288, 471, _ALL) == ([288, 289, 470, 471], sorted(between))


def test_a_stretch_of_another_version_does_not_count() -> None:
    outdated = [(seconds, start, version - (start == _SIX_S)) for seconds, start, version in _ALL]
    assert _within(0, 14, outdated) == ([0, 1, 2, 3, 4], [(5, 5), (5, 10)])


def test_minutes_that_nothing_happened_in_do_not_keep_a_stretch_from_counting() -> None:
    five = (300, _SIX_S, 103)
    assert put_together({_SIX_S + 60: 101, _SIX_S + 180: 103}, [five], _SIX_S, _SIX_S + 240) == Pieces([], [five])


def test_a_stretch_without_minutes_does_not_count() -> None:
    assert put_together({}, _ALL, _SIX_S, _SIX_S + 720 * 60) == Pieces([], [])
