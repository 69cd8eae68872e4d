"""The filter language: what a text means, and what each mistake is answered with."""

import re
from pathlib import Path

import pytest

from collector.errors import BadRequest
from collector.queries.filter_ast import (
    And,
    Attribute,
    Comparison,
    Exists,
    Expression,
    Field,
    Not,
    OneOf,
    Operator,
    Or,
    Place,
    Text,
)
from collector.queries.filter_language import MAX_CHARS, MAX_DEPTH, MAX_TERMS, parse

TRACE_ID = "0af7651916cd43dd8448eb211c80319c"


def equal(field: Field | str, value: str | int) -> Comparison:
    return Comparison(field if isinstance(field, Field) else Attribute(field), Operator.EQUAL, value)


CART = equal(Field.SERVICE, "cart")
ERROR = equal(Field.STATUS, "error")
A, B, C = Text("a"), Text("b"), Text("c")

MEANINGS: list[tuple[str, Expression]] = [
    ("service=cart", CART),
    (" service = cart ", CART),
    ('service="cart"', CART),
    ("SERVICE='cart'", CART),
    ("service=cart\tstatus=ERROR\n", And((CART, ERROR))),
    (
        'service=cart status=error http.route="/pay/{id}" duration>200ms',
        And(
            (
                CART,
                ERROR,
                equal("http.route", "/pay/{id}"),
                Comparison(Field.DURATION, Operator.GREATER, 200_000_000),
            )
        ),
    ),
    # Joining
    ("a b", And((A, B))),
    ("a AND b and c", And((A, B, C))),
    ("a or b Or c", Or((A, B, C))),
    ("a b OR c", Or((And((A, B)), C))),
    ("a OR b c", Or((A, And((B, C))))),
    ("a (b OR c)", And((A, Or((B, C))))),
    ("((a))", A),
    ("not a b", And((Not(A), B))),
    ("a not (b c)", And((A, Not(And((B, C)))))),
    ("NOT NOT a", Not(Not(A))),
    # Text
    ("checkout", Text("checkout")),
    ("GET /pay/{id}", And((Text("GET"), Text("/pay/{id}")))),
    ('"GET /pay"', Text("GET /pay")),
    ('"and" \'or\' "NOT"', And((Text("and"), Text("or"), Text("NOT")))),
    ("has service", And((Text("has"), Text("service")))),
    # Escapes
    (r'"say \"hi\""', Text('say "hi"')),
    (r"'it\'s'", Text("it's")),
    (r'"C:\\new"', Text(r"C:\new")),
    (r'operation~"\d+\.\d"', Comparison(Field.OPERATION, Operator.MATCHES, r"\d+\.\d")),
    ('"it\'s"', Text("it's")),
    # Fields
    ("name=GET", equal(Field.OPERATION, "GET")),
    ("kind=Server", equal(Field.KIND, "server")),
    ("status!=ok", Comparison(Field.STATUS, Operator.NOT_EQUAL, "ok")),
    ("status_message~refused", Comparison(Field.STATUS_MESSAGE, Operator.MATCHES, "refused")),
    (f"trace_id={TRACE_ID.upper()}", equal(Field.TRACE_ID, TRACE_ID)),
    ("span_id=00f067aa0ba902b7", equal(Field.SPAN_ID, "00f067aa0ba902b7")),
    ("scope!~^io", Comparison(Field.SCOPE, Operator.NOT_MATCHES, "^io")),
    ("event=exception", equal(Field.EVENT, "exception")),
    ("ROOT=True", equal(Field.ROOT, "true")),
    ('"root"=x', equal("root", "x")),
    # Attributes
    ("user=77", equal("user", "77")),
    ("http.status_code!=500", Comparison(Attribute("http.status_code"), Operator.NOT_EQUAL, "500")),
    ("http.status_code>=500", Comparison(Attribute("http.status_code"), Operator.GREATER_OR_EQUAL, 500.0)),
    ("temperature<-1.5e2", Comparison(Attribute("temperature"), Operator.LESS, -150.0)),
    ('day<="2026-01-01"', Comparison(Attribute("day"), Operator.LESS_OR_EQUAL, "2026-01-01")),
    ("Span.db=x", Comparison(Attribute("db", Place.SPAN), Operator.EQUAL, "x")),
    ("resource.host.name=x", Comparison(Attribute("host.name", Place.RESOURCE), Operator.EQUAL, "x")),
    ('"weird key"=x', equal("weird key", "x")),
    ('"service"=x', equal("service", "x")),
    ('"span.x"=x', equal("span.x", "x")),
    ('span."weird key"=x', Comparison(Attribute("weird key", Place.SPAN), Operator.EQUAL, "x")),
    ("resource.'service'=x", Comparison(Attribute("service", Place.RESOURCE), Operator.EQUAL, "x")),
    ('user=""', equal("user", "")),
    # Lists and existence
    ("service in (cart, 'pay')", OneOf(Field.SERVICE, ("cart", "pay"))),
    ("http.status_code IN(500)", OneOf(Attribute("http.status_code"), ("500",))),
    ("duration in (1ms, 2)", OneOf(Field.DURATION, (1_000_000, 2_000_000))),
    ("has(http.route)", Exists(Attribute("http.route"))),
    ("NOT HAS ( event )", Not(Exists(Field.EVENT))),
    ('has(span."a b")', Exists(Attribute("a b", Place.SPAN))),
]


@pytest.mark.parametrize(("q", "meaning"), MEANINGS)
def test_a_filter_means(q: str, meaning: Expression) -> None:
    assert parse(q) == meaning


@pytest.mark.parametrize(
    ("text", "duration_ns"),
    [
        ("0", 0),
        ("7ns", 7),
        ("1us", 1_000),
        ("1.5µs", 1_500),
        ("1.5μs", 1_500),
        ("200", 200_000_000),
        ("0.1ms", 100_000),
        ("1.5s", 1_500_000_000),
        ("2m", 120_000_000_000),
        ("24h", 86_400_000_000_000),
        ("18446744073709551615ns", 2**64 - 1),
    ],
)
def test_a_duration_is_whole_nanoseconds(text: str, duration_ns: int) -> None:
    assert parse(f"duration<{text}") == Comparison(Field.DURATION, Operator.LESS, duration_ns)


IN_QUOTES = "put a value that contains it in quotes"
SEARCH_IT = "put the word in quotes to search for it"
NOT_A_DURATION = "is not a duration; expected one such as 200ms, 1.5s or 2m (units ns us ms s m h)"
A_KIND = "a kind; expected one of internal, server, client, producer, consumer, unspecified"
MISTAKES = [
    ("", "column 1: expected a term such as service=cart"),
    ("  ", "column 3: expected a term such as service=cart"),
    ("service=cart x=", 'column 16: expected a value after "="'),
    ("service=(a)", f'column 9: expected a value after "=", found "("; {IN_QUOTES}'),
    ("service==cart", 'column 9: expected a value after "=", found "="'),
    ("service=~cart", 'column 9: expected a value after "=", found "~"'),
    (
        "service= AND a",
        'column 10: expected a value after "=", found "AND"; put the word in quotes to use it as a value',
    ),
    ("user=*", 'column 6: expected a value after "=", found "*"; write has(field) for "is there", or quote the star'),
    ('user=span."x"', 'column 6: expected a value after "=", found "span."x""'),
    ("a=b=c", f'column 4: expected a term, AND or OR, found "="; {IN_QUOTES}'),
    ("(a=b>c)", f'column 5: expected a term, AND or OR, found ">"; {IN_QUOTES}'),
    ("name~(a|b)", f'column 6: expected a value after "~", found "("; {IN_QUOTES}'),
    ("name~a(?=b)", f'column 7: expected a space, found "("; {IN_QUOTES}'),
    ("=cart", 'column 1: expected a field before "=", found "="'),
    (">", 'column 1: expected a field before ">", found ">"'),
    ("a AND", 'column 6: expected a term after "AND"'),
    ("a or or b", f'column 6: expected a term after "or", found "or"; {SEARCH_IT}'),
    ("AND a", f'column 1: expected a term such as service=cart, found "AND"; {SEARCH_IT}'),
    ("a not", 'column 6: expected a term after "not"'),
    ("a && b", 'column 3: unexpected "&&"; write AND'),
    ("a || b", 'column 3: unexpected "||"; write OR'),
    ("!a", 'column 1: unexpected "!"; write NOT before a term, or != or !~ between a field and a value'),
    ("(a", 'column 3: expected ")" to close the "(" of column 1'),
    ("(a,b)", 'column 3: expected ")" to close the "(" of column 1, found ","'),
    ("()", 'column 2: expected a term after "(", found ")"'),
    ("a)", 'column 2: this ")" has no "("'),
    ("a, b", 'column 2: expected a term, AND or OR, found ","'),
    ("name='x", "column 6: the quote ' that starts here has no end"),
    ('a="b"c', 'column 6: expected a space before "c"'),
    ('a""', 'column 2: expected a space before """"'),
    ('""', "column 1: expected some text between the quotes"),
    ("a\0", "column 2: unexpected control character U+0000; put it in quotes"),
    ("a\ud800", "column 2: U+D800 is half of a character, not text"),
    ("exists(x)", 'column 1: unknown function "exists"; the only one is has(field)'),
    # Fields
    ('span."a b"', 'column 11: expected an operator after span."a b"'),
    ('""=x', "column 1: expected the name of an attribute"),
    ("a span.=x", "column 3: expected the name of an attribute"),
    ("service>1", 'column 8: service does not take ">", only = != ~ !~ in'),
    ("kind~server", 'column 5: kind does not take "~", only = != in'),
    ("event!=x", 'column 6: event does not take "!=", only = ~ in; write NOT before the term to negate it'),
    ("duration~1", 'column 9: duration does not take "~", only = != > >= < <= in'),
    # Values
    ("kind=servr", f'column 6: "servr" is not {A_KIND}'),
    ("status=500", 'column 8: "500" is not a status; expected one of unset, ok, error'),
    ("duration>fast", f'column 10: "fast" {NOT_A_DURATION}'),
    ("duration>1m30s", f'column 10: "1m30s" {NOT_A_DURATION}'),
    ("duration>-1ms", f'column 10: "-1ms" {NOT_A_DURATION}'),
    ("duration>٣ms", f'column 10: "٣ms" {NOT_A_DURATION}'),
    ("duration>0.5ns", 'column 10: "0.5ns" is finer than one nanosecond'),
    ("duration>9e9", f'column 10: "9e9" {NOT_A_DURATION}'),
    ("duration>6000000h", 'column 10: "6000000h" is too long; the longest duration is 18446744073709551615ns'),
    ("trace_id=abc", 'column 10: "abc" is not a trace_id; expected 32 hexadecimal digits'),
    ("span_id=00f067aa0ba902bx", 'column 9: "00f067aa0ba902bx" is not a span_id; expected 16 hexadecimal digits'),
    ("code>5oo", 'column 6: expected a number after ">", found "5oo"; put it in quotes to compare as text'),
    ("code>=1e999", 'column 7: expected a number after ">=", found "1e999"; put it in quotes to compare as text'),
    (f"status={'x' * 41}", f'column 8: "{"x" * 40}…" is not a status; expected one of unset, ok, error'),
    # Lists and existence
    ("service in", 'column 11: expected "(" after "in"'),
    ("service in cart", 'column 12: expected "(" after "in", found "cart"'),
    ("service in ()", 'column 13: expected a value after "(", found ")"'),
    ("service in (a,)", 'column 15: expected a value after ",", found ")"'),
    ("service in (a b)", 'column 15: expected "," or ")", found "b"'),
    ("service in (a", 'column 14: expected ")" to close the "(" of column 12'),
    (
        "service not in (a)",
        'column 13: expected a term after "not", found "in"; write field in (a, b) or NOT field in (a, b)',
    ),
    ("kind in (server, x)", f'column 18: "x" is not {A_KIND}'),
    ("has()", 'column 5: expected a field after "(", found ")"'),
    ("has(a=1)", 'column 6: expected ")" to close the "(" of column 4, found "="'),
    ("has(status)", "column 5: every span has a status; has() takes an attribute, event, scope or status_message"),
]


@pytest.mark.parametrize(("q", "message"), MISTAKES)
def test_a_mistake_is_answered_with_its_place_and_what_was_expected(q: str, message: str) -> None:
    with pytest.raises(BadRequest) as raised:
        parse(q)
    assert str(raised.value) == f"q: {message}"


BAD_PATTERNS = [
    ("a(?=b)", 'the look-ahead "(?=" is not supported'),
    ("(?<!a)b", 'the look-behind "(?<!" is not supported'),
    ("(?>a)", 'the atomic group "(?>" is not supported'),
    ("(?x)a", 'the group "(?x" is not supported'),
    (r"(a)\1", r'the back-reference "\1" is not supported'),
    (r"a\Z", r'the escape "\Z" is not supported'),
    ("(a", r'a "(" without its ")"; write \( for the character itself'),
    ("a)", r'a ")" without its "("; write \) for the character itself'),
    ("[a", r'a "[" without its "]"; write \[ for the character itself'),
    ("a\\", r"a backslash at the end; write \\ for the character itself"),
    ("*", '"*" has nothing to repeat'),
    ("(+)", '"+" has nothing to repeat'),
    ("a|{2}", '"{2}" has nothing to repeat'),
    ("a*+", '"+" repeats a repetition'),
    ("a{1001}", '"{1001}" repeats more than 1000 times'),
    ("a{3,1}", '"{3,1}" has its limits in the wrong order'),
    ("a\0b", r"a NUL character must be written as \x00"),
]


@pytest.mark.parametrize(("pattern", "complaint"), BAD_PATTERNS)
def test_a_regular_expression_that_the_engine_refuses_is_named(pattern: str, complaint: str) -> None:
    with pytest.raises(BadRequest) as raised:
        parse("user!~'" + pattern.replace("\\", r"\\") + "'")
    assert str(raised.value) == f'q: column 7: the regular expression "{pattern}": {complaint}'


def test_a_filter_has_a_longest_length() -> None:
    assert parse("a" * MAX_CHARS) == Text("a" * MAX_CHARS)
    with pytest.raises(BadRequest, match=r"^q: 4001 characters are too many, at most 4000 are allowed$"):
        parse("a" * (MAX_CHARS + 1))


def test_a_filter_has_a_greatest_number_of_terms() -> None:
    assert parse("a " * MAX_TERMS) == And((A,) * MAX_TERMS)
    with pytest.raises(BadRequest, match=r"^q: column 201: too many terms, at most 100 are allowed$"):
        parse("a " * (MAX_TERMS + 1))


def test_each_value_of_a_list_counts_as_a_term() -> None:
    assert parse(f"a in ({'b,' * (MAX_TERMS - 1)}b)") == OneOf(Attribute("a"), ("b",) * MAX_TERMS)
    with pytest.raises(BadRequest, match=r"^q: column 207: too many terms, at most 100 are allowed$"):
        parse(f"a in ({'b,' * MAX_TERMS}b)")


@pytest.mark.parametrize(("opening", "closing"), [("(", ")"), ("NOT ", ""), ("NOT(", ")")])
def test_a_filter_has_a_greatest_depth(opening: str, closing: str) -> None:
    levels = MAX_DEPTH // (2 if opening == "NOT(" else 1)
    parse(opening * levels + "a" + closing * levels)
    column = len(opening) * levels + 1
    with pytest.raises(BadRequest, match=rf"^q: column {column}: nested too deeply, at most 50 levels are allowed$"):
        parse(opening * (levels + 1) + "a" + closing * (levels + 1))
    with pytest.raises(BadRequest, match="nested too deeply"):
        parse(opening * (MAX_CHARS // len(opening)))


DOCUMENTATION = (Path(__file__).parents[2] / "docs" / "filter-language.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("field", Field)
def test_every_field_is_documented(field: Field) -> None:
    assert f"`{field}`" in DOCUMENTATION


def test_the_examples_of_the_documentation_are_filters() -> None:
    terms, examples = (DOCUMENTATION.partition(heading)[2].partition("\n#")[0] for heading in ("## Terms", "## More"))
    rows = [line for line in (terms + examples).splitlines() if line.startswith("| ")]
    filters = [q for row in rows for q in re.findall("`([^`]+)`", row.rsplit("| ", 1)[1])]
    assert len(filters) == 14
    for q in filters:
        parse(q)
