"""What can go wrong between dashboard and collector.

CollectorError
├── CollectorUnreachable   no answer: not running, wrong address, or too slow
└── CollectorProblem       an answer that says what was wrong (application/problem+json)
"""


class CollectorError(Exception):
    """The collector gave no usable answer. `title` is a short phrase, `detail` a sentence for people."""

    def __init__(self, title: str, detail: str, status: int | None = None) -> None:
        super().__init__(f"{title}: {detail}")
        self.title = title
        self.detail = detail
        self.status = status


class CollectorUnreachable(CollectorError):
    """Nothing answered in time; trying again later is worthwhile. `slow`: something is there, but took too long."""

    def __init__(self, title: str, detail: str, *, slow: bool = False) -> None:
        super().__init__(title, detail)
        self.slow = slow


class CollectorProblem(CollectorError):
    """The collector refused the request; `status` and `detail` are its own words."""
