"""SQL by name: a `.sql` file each, `.sql.inc` for parts. `$word` is a fixed text of ours; values are bound."""

from functools import lru_cache
from pathlib import Path
from string import Template

from collector.conventions import sql as conventions

SQL_DIR = Path(__file__).parent / "sql"


@lru_cache(maxsize=1024)
def statement(
    name: str,
    call_spans: str = "call_spans",
    has_copies: bool = True,
    is_slice: bool = False,
    reaches_far: bool = False,
    **words: str,
) -> str:
    """The text of `sql/<name>.sql` with its parts and `words` filled in.

    `call_spans`: what to read calls from instead of the view: a subquery with its columns. `has_copies`: ids may be there
    twice; to keep one span of each costs sorts. `is_slice`: of the minutes in hand only a range of traces. `reaches_far`:
    calls need spans of other minutes or slices, as noted by roll-ups. What a statement does not say is not analysed: that costs
    more than to read a few thousand spans.
    """
    elsewhere = part("elsewhere") if reaches_far else "false"
    in_hand = part("in_slice" if is_slice else "in_minutes")
    one_of_copies = part("one_of_copies") if has_copies else ""
    filled = {"in_hand": in_hand, "elsewhere": elsewhere, "one_of_copies": one_of_copies, "call_spans": call_spans}
    universe = part("spans_of_minutes", **filled)
    one_of_services = part("one_of_services") if has_copies else ""
    edges = part("edges", universe=universe, one_of_services=one_of_services)
    filled |= {"red": part("red"), "universe": universe, "edges": edges, "of_minutes": part("of_minutes")}
    filled |= {"of_environment": part("of_environment"), "at_an_end": part("at_an_end"), "is_named": part("is_named")}
    filled |= {"environment": conventions.environment()}
    return Template((SQL_DIR / f"{name}.sql").read_text()).substitute({**filled, **words})


def part(name: str, **words: str) -> str:
    """The text of `sql/<name>.sql.inc` with `words` filled in."""
    return Template((SQL_DIR / f"{name}.sql.inc").read_text().strip()).substitute(words)
