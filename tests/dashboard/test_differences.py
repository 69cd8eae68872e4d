"""What is sent turns what a page shows into what it should show."""

from hypothesis import given
from hypothesis import strategies as st

from dashboard.components.differences import applied, changed_elements, gone_elements

_states = st.dictionaries(
    st.sampled_from("abcdef"), st.dictionaries(st.sampled_from("xyz"), st.integers(0, 2), min_size=1), max_size=6
)


@given(_states, _states)
def test_differences_make_the_one_state_from_the_other(before, after):
    changes, gone = changed_elements(before, after), gone_elements(before, after)
    assert applied(before, changes, gone) == after


@given(_states)
def test_nothing_is_sent_of_what_did_not_change(state):
    assert (changed_elements(state, state), gone_elements(state, state)) == ({}, [])
