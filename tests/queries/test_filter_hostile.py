"""Hostile text in a filter finds exactly the spans that hold it, and is never SQL."""

from collections.abc import Iterator

import pytest
from clickhouse_connect.driver.client import Client
from filter_spans import HOSTILE, filled_engine, find, quoted

from collector.queries.filter_language import parse
from collector.queries.filter_sql import to_sql


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with filled_engine(tmp_path_factory.mktemp("filter")) as client:
        yield client


def by_code_points(text: str) -> str:
    """A regular expression for exactly `text`."""
    return "^" + "".join(f"\\x{{{ord(character):x}}}" for character in text) + "$"


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_finds_only_the_span_that_holds_it(engine: Client, text: str) -> None:
    only = {f"hostile{HOSTILE.index(text)}"}
    word = quoted(text)
    assert find(engine, parse(f"v={word}")) == only
    assert find(engine, parse(f"v in ({word}, nothing)")) == only
    assert find(engine, parse(f"v~{quoted(by_code_points(text))}")) == only
    assert find(engine, parse(f"service=hostile NOT v!={word}")) == only
    assert find(engine, parse(f"operation={word}")) == only
    assert find(engine, parse(f"{word}=k")) == only
    assert find(engine, parse(f"has(span.{word})")) == only


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_alone_finds_the_operations_that_contain_it(engine: Client, text: str) -> None:
    containing = {f"hostile{number}" for number, operation in enumerate(HOSTILE) if text.lower() in operation.lower()}
    assert find(engine, parse(f"service=hostile {quoted(text)}")) == containing


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize(
    "q",
    ["service={}", "operation!={}", "event={}", "v={}", "{}=v", "span.{}>1", "has({})", "v in (a, {})", "v>={}", "{}"],
)
def test_what_a_user_wrote_is_bound_and_never_part_of_the_sql(q: str, text: str) -> None:
    marked, plain = to_sql(parse(q.format(quoted(f"zz{text}zz")))), to_sql(parse(q.format(quoted("zz"))))
    assert marked.sql == plain.sql
    assert "zz" not in marked.sql
    assert f"zz{text}zz" in marked.parameters.values()
