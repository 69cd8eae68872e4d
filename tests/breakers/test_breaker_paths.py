"""In which order counted transitions can have happened."""

from itertools import pairwise

import pytest

from collector.queries.breaker_paths import plausible_path


@pytest.mark.parametrize(
    ("state", "entered", "path"),
    [
        ("closed", {"open": 1}, ["closed", "open"]),
        ("closed", {"half_open": 1, "open": 1}, ["closed", "open", "half_open"]),
        ("closed", {"closed": 1, "half_open": 1, "open": 1}, ["closed", "open", "half_open", "closed"]),
        ("half_open", {"open": 1, "half_open": 1}, ["half_open", "open", "half_open"]),
        ("open", {"closed": 1}, ["open", "closed"]),
        ("closed", {}, ["closed"]),
    ],
)
def test_the_path_is_the_usual_one(state: str, entered: dict[str, int], path: list[str]) -> None:
    assert plausible_path(state, entered) == list(pairwise(path))


def test_a_counter_that_only_tells_of_openings_tells_each_from_closed() -> None:
    assert plausible_path("closed", {"open": 3}) == [("closed", "open")] * 3


def test_a_flood_of_transitions_is_cut() -> None:
    assert len(plausible_path("closed", {"open": 10_000, "half_open": 10_000})) == 12
