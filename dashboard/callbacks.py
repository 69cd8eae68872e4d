"""Typed entry to Dash's callbacks."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import dash

Handler = TypeVar("Handler", bound=Callable[..., Any])


def callback(*dependencies: Any, **options: Any) -> Callable[[Handler], Handler]:
    """`dash.callback`, which leaves the function as it is. Handlers are coroutines: the server has one event loop."""
    return cast(Callable[[Handler], Handler], dash.callback(*dependencies, **options))
