"""The filter language against the real engine: which spans a filter finds, and that it finds them by index."""

from collections.abc import Iterator

import pytest
from clickhouse_connect.driver.client import Client
from filter_spans import MS, SPANS, filled_engine, find, quoted, select

from collector.queries.filter_language import MAX_DEPTH, MAX_TERMS, parse
from collector.queries.filter_sql import to_sql

MAIL = {"take", "both", "there", "other"}
PAYMENTS = {"pay_in", "slow", "many", "none"}


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    with filled_engine(tmp_path_factory.mktemp("filter")) as client:
        yield client


FOUND: list[tuple[str, set[str]]] = [
    # Fields
    ("service=cart", {"get", "pay", "send"}),
    ("service!=cart service!=hostile service!=payments", MAIL | {"ids", "upper"}),
    ("service=car", set()),
    ("service~car", {"get", "pay", "send"}),
    ("service~'^(cart|mail)$' service!~^c", MAIL),
    ("service in (cart, mail)", MAIL | {"get", "pay", "send"}),
    ('operation="POST /pay/{id}"', {"pay", "pay_in"}),
    (r'name~"^P.*\{id\}$"', {"pay", "pay_in"}),
    ("kind=server", {"get", "pay_in"}),
    ("kind in (producer, consumer, unspecified)", {"send", "take", "other"}),
    ("status=error", {"pay", "pay_in"}),
    ("status!=unset", {"get", "pay", "pay_in"}),
    ("root=false", {"pay_in"}),
    ("root!=TRUE", {"pay_in"}),
    ("service=payments root=true", PAYMENTS - {"pay_in"}),
    ("status_message~refused", {"pay"}),
    ("has(status_message)", {"pay", "pay_in"}),
    ("scope=shop.bus", {"send", "take"}),
    ("has(scope) NOT scope~'(?i)v2$'", {"send", "take"}),
    ("trace_id=0AF7651916CD43DD8448EB211C80319C", {"ids"}),
    ("trace_id~^0af", {"ids"}),
    ("span_id!=0000000000000000", {"ids"}),
    ("event=exception", {"pay", "pay_in"}),
    ("event=exception NOT event=retry", {"pay_in"}),
    ("event~^ret", {"pay"}),
    ("event in (retry, other)", {"pay"}),
    ("has(event)", {"pay", "pay_in"}),
    # Duration
    ("duration>200ms", {"pay", "slow"}),
    ("duration>=200", {"pay", "pay_in", "slow"}),
    ("duration<1us", {"many"}),
    ("duration<=1ns", {"many"}),
    ("duration=0.3s", {"pay"}),
    ("duration in (1ns, 2s)", {"slow", "many"}),
    ("duration!=5ms", {"pay", "pay_in", "slow", "many"}),
    # Attributes: text
    ('http.route="/pay/{id}"', {"pay"}),
    ("http.route!=/cart", {"pay"}),
    ("http.route~^/ NOT http.method=POST", {"get"}),
    ("http.route!~pay", {"get"}),
    ("NOT http.route=/cart has(http.status_code)", {"pay"}),
    ("ok=true", {"take"}),
    ("ok=TRUE", set()),
    ("http.status_code in (200, 503)", {"get", "pay"}),
    ("http.status_code=503.0", set()),
    # Attributes: missing is not empty
    ("has(user)", {"send", "take"}),
    ('user=""', {"send"}),
    ('user!=""', {"take"}),
    ('user~""', {"send", "take"}),
    ("NOT user=77 kind!=internal", {"get", "pay", *PAYMENTS, "send", "other"}),
    # Attributes: numbers
    ("http.status_code>=500", {"pay"}),
    ("http.status_code<500", {"get"}),
    ("rows>9", {"many"}),
    ("rows<=9.0", {"slow"}),
    ('rows>"9"', {"none"}),
    ("NOT rows>=9 has(rows)", {"none"}),
    ("user<1e3", {"take"}),
    # Attributes: span before resource
    ("host=a", {"there"}),
    ("host!=a", {"both", "other"}),
    ("host~a", {"both", "there"}),
    ("span.host=a", set()),
    ("resource.host=a", {"both", "there"}),
    ("host in (a, b, span-host)", {"both", "there", "other"}),
    ("has(region)", {"both", "there"}),
    ("has(span.region)", set()),
    ("has(resource.region)", {"both", "there"}),
    ('"weird key"=x', {"there"}),
    ('"service"=x', {"other"}),
    # Text
    ("orders", {"send", "take"}),
    ("PAY", {"pay", *PAYMENTS}),
    ("pay post", {"pay", "pay_in"}),
    ("été", {"upper"}),
    ("ünÏ", {"upper"}),
    # Joining
    ("service=cart status=error duration>200ms", {"pay"}),
    ("user=77 OR db.system=mysql rows>9", {"take", "many"}),
    ("(user=77 OR db.system=mysql) duration>1s", {"slow"}),
    ("service=payments NOT (kind=client OR status=ok)", {"pay_in"}),
    ("service=payments NOT (kind=client status=unset rows=9)", PAYMENTS - {"slow"}),
]


@pytest.mark.parametrize(("q", "labels"), FOUND)
def test_a_filter_finds(engine: Client, q: str, labels: set[str]) -> None:
    assert find(engine, parse(q)) == labels


def test_the_sql_of_an_attribute_is_fixed_words_and_placeholders() -> None:
    condition = to_sql(parse('NOT resource.k="v" duration>1ms code>=500'))
    assert condition.sql == (
        "((NOT (mapContains(ResourceAttributes, {q1:String}) AND ResourceAttributes[{q1:String}] = {q0:String}))"
        " AND (Duration > {q2:UInt64})"
        " AND ((mapContains(SpanAttributes, {q4:String})"
        " AND ifNull(toFloat64OrNull(SpanAttributes[{q4:String}]) >= {q3:Float64}, false))"
        " OR (NOT mapContains(SpanAttributes, {q4:String}) AND (mapContains(ResourceAttributes, {q4:String})"
        " AND ifNull(toFloat64OrNull(ResourceAttributes[{q4:String}]) >= {q3:Float64}, false)))))"
    )
    assert condition.parameters == {"q0": "v", "q1": "k", "q2": MS, "q3": 500.0, "q4": "code"}


@pytest.mark.parametrize(
    "q",
    [
        "span.user=77",
        "user=77",
        "user in (77, 78)",
        "resource.region=eu",
        "rows>9",
        "has(http.method)",
        "http.method~^P",
        "http.method!=GET",
        "user=77 OR http.method=POST",
        "kind=client NOT status=ok (user=77 OR http.method=POST)",
    ],
)
def test_an_attribute_condition_is_answered_from_a_few_granules(engine: Client, q: str) -> None:
    plan = select(engine, "EXPLAIN indexes = 1 SELECT count()", parse(q))
    granules = [int(line.split()[1].split("/")[0]) for (line,) in plan if line.strip().startswith("Granules")]
    assert granules[0] == len(SPANS)
    assert granules[-1] <= 5


@pytest.mark.parametrize(
    "q",
    [
        "NOT " * MAX_DEPTH + "user=77",
        "(user=77 (user=77 OR " * (MAX_DEPTH // 2) + "user=77" + "))" * (MAX_DEPTH // 2),
        "user=77 OR " * (MAX_TERMS - 1) + "user=77",
    ],
)
def test_the_engine_takes_the_largest_filters(engine: Client, q: str) -> None:
    assert find(engine, parse(q)) == {"take"}


@pytest.mark.parametrize(
    "pattern",
    [
        *(
            "",
            "a|b",
            "(?i)A",
            "a(?i)*",
            "(?P<n>a)",
            "(?<n>a)",
            "(?s-i:a)",
            "^*",
            "a+?",
            "a{2}?",
            "a{,3}",
            "a{",
            "{",
            "]",
        ),
        *("[]a]", "[^]a]", "[[:alpha:]_]", r"[\]\[]", r"\Qa(\E*", r"\Q(", r"\pL\p{Greek}", r"\x41\x{1F600}", r"\012"),
        *(r"\d\D\s\S\w\W\b\B\A\z\C", r"\.\_\-\/", "(?:a){1000}", "((a)|(b))+", "\n", "é+"),
    ],
)
def test_a_regular_expression_that_the_engine_takes_is_not_refused(engine: Client, pattern: str) -> None:
    find(engine, parse(f"operation~{quoted(pattern)}"))
