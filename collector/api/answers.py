"""What the calls of the API share: parameters, JSON, and how answers are documented."""

import operator
from collections.abc import Callable
from functools import reduce
from time import time_ns
from typing import Annotated

import orjson
from fastapi import Depends, Path, Query, Response
from pydantic import BaseModel

from collector.api import models
from collector.api.problems import PROBLEMS, Responses
from collector.queries import spans
from collector.queries.scope import Scope
from collector.store.engine import Row

Start = Annotated[str, Query(description="RFC 3339, relative such as -15m, or epoch nanoseconds", examples=["-15m"])]
End = Annotated[str, Query(description="as start; not included", examples=["now"])]
At = Annotated[str, Query(description="the moment that is asked about, as start", examples=["now"])]
Step = Annotated[str, Query(description="whole minutes", examples=["1m"])]
Service = Annotated[str, Query(description="a service's name; empty for any", examples=["orders"])]
Filter = Annotated[
    str, Query(description="filter language, see docs/filter-language.md", examples=["service=orders status=error"])
]
Silent = Annotated[
    str,
    Query(description="also services that sent spans only in so long before the range, at most 24h", examples=["1h"]),
]
ServiceName = Annotated[str, Path(description="a service's name", examples=["orders"])]


Environment = Annotated[
    str,
    Query(
        max_length=200,
        description="only what ran in this deployment.environment.name; empty for all",
        examples=["production"],
    ),
]


def _scope(
    environment: Environment = "",
    namespace: Annotated[
        str,
        Query(max_length=200, description="only services of this service.namespace; empty for all", examples=["shop"]),
    ] = "",
) -> Scope:
    return Scope(environment, namespace)


InScope = Annotated[Scope, Depends(_scope)]
"""The parameters `environment` and `namespace`."""


def time_series(step_s: int, points: Callable[[], list[Row]]) -> Response:
    """What `points` counts, with the moment at which it began to."""
    as_of_ns = str(time_ns())
    return json_answer({"step_s": step_s, "as_of_ns": as_of_ns, "points": points()})


def json_answer(content: object, status: int = 200) -> Response:
    """Columns of numbers may be numpy arrays."""
    body = orjson.dumps(content, default=spans.base64_text, option=orjson.OPT_SERIALIZE_NUMPY)
    return Response(body, status, media_type="application/json")


def answers(
    model: type[BaseModel], *problems: Responses, status: int = 200, also: type[BaseModel] | None = None
) -> Responses:
    """The documented responses of a call that answers a `model`, with its example, or else an `also`."""
    content = {"application/json": {"example": models.example(model)}}
    ok = {"model": model | also if also else model, "description": "The answer", "content": content}
    return reduce(operator.or_, problems, {status: ok, **PROBLEMS})
