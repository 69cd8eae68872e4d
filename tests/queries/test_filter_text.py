"""What is written in the filter language reads as the same value."""

from hypothesis import example, given
from hypothesis import strategies as st

from collector.queries.filter_ast import Attribute, Comparison, Exists, Field, Operator
from collector.queries.filter_language import parse
from collector.queries.filter_text import quoted, quoted_key


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
@example("")
@example("plain-word/1.2")
@example('say "hi" \\ \\" it\'s')
@example("and")
@example("*")
@example("&&")
@example("a(b)")
def test_a_quoted_text_is_read_as_itself(text: str) -> None:
    assert parse(f"operation={quoted(text)} kind=server").terms[0] == Comparison(Field.OPERATION, Operator.EQUAL, text)


def test_plain_words_stay_bare() -> None:
    assert quoted("POST") == "POST"
    assert quoted("GET /") == '"GET /"'


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30))
@example("service")
@example("Resource.x")
@example("has")
@example("not")
def test_a_quoted_key_is_read_as_that_attribute(key: str) -> None:
    assert parse(f"has({quoted_key(key)})") == Exists(Attribute(key))
