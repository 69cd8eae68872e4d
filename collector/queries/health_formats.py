"""Health reports from the bytes that carry them."""

import orjson

from collector.conventions.health import BY_NAME, MOST_TEXT, Report, detect, normalise, of_http_code
from collector.errors import BadRequest


def normalised(body: bytes, media_type: str, name: str, kind: str) -> Report:
    """The report in `body`. `name`: its format, '' to detect it. Raises BadRequest that says what was expected."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise BadRequest("the report is not UTF-8 text") from None
    try:
        document = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        if len(text) > 100 or "{" in text:
            raise BadRequest(f"the report is neither JSON nor a single word: {error}") from None
        document = text.strip()
    form = BY_NAME[name] if name else detect(document, media_type)
    if form is None:
        raise BadRequest(f"the report has none of the known formats ({', '.join(sorted(BY_NAME))})")
    report = normalise(document, form, kind)
    if name and not report.raw_status:
        raise BadRequest(f"the report has no status where {name} has one ({'.'.join(form.status) or 'checks'})")
    return report


def of_answer(code: int, body: bytes, media_type: str, name: str, kind: str) -> Report:
    """The report in an answer to a question: the body's where it can be read, else what the code says."""
    try:
        return normalised(body, media_type, name, kind)
    except BadRequest as error:
        text = "" if 200 <= code < 400 else f"HTTP {code}; {error}"[:MOST_TEXT]
        return Report(of_http_code(code), f"HTTP {code}", kind, "http", False, [], text)
