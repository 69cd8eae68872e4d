"""SQL statements by name: one `.sql` file each. `$word` stands for a fixed text of ours; values are always bound."""

from functools import lru_cache
from pathlib import Path
from string import Template

SQL_DIR = Path(__file__).parent / "sql"


@lru_cache(maxsize=1024)
def statement(name: str, call_spans: str = "call_spans", **words: str) -> str:
    """The text of `sql/<name>.sql` with its `.sql.inc` parts and `words` filled in.

    `call_spans`: what to read calls from instead of the view: a subquery with its columns. Only roll-ups, which have
    notes of where a call's other half is, look beyond their minutes.
    """
    elsewhere = _part("elsewhere") if name.startswith("rollup_") else "false"
    universe = Template(_part("spans_of_minutes")).substitute(call_spans=call_spans, elsewhere=elsewhere)
    edges = Template(_part("edges")).substitute(universe=universe)
    text = (SQL_DIR / f"{name}.sql").read_text()
    return Template(text).substitute(universe=universe, edges=edges, call_spans=call_spans, **words)


def _part(name: str) -> str:
    return (SQL_DIR / f"{name}.sql.inc").read_text().strip()
