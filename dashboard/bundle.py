"""The dashboard's scripts and styles, one file of each: to ask for sixty files takes a page longer than to draw it.

Each script is a function that runs at once, so they do not see each other's names; the order is that of their paths, files
of a folder before those of its subfolders, and before all what Python has to tell them.
"""

import json
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType
from typing import Any

from fastapi import FastAPI, Response

_MEDIA_TYPES = {"js": "text/javascript", "css": "text/css"}


class Bundle:
    """All files of a folder that end in `.<kind>`, read once. `told`: names of the browser's `window`, and their values."""

    def __init__(self, folder: Path, kind: str, told: Mapping[str, Any] = MappingProxyType({})) -> None:
        self._kind = kind
        paths = sorted(folder.rglob(f"*.{kind}"), key=lambda path: (len(path.parts), path))
        parts = [f"/* {path.relative_to(folder).as_posix()} */\n{path.read_text(encoding='utf-8')}" for path in paths]
        values = [f"window.{name} = {json.dumps(value, separators=(',', ':'))};" for name, value in told.items()]
        self.body = "\n".join([*values, *parts]).encode()
        self.path = f"/assets/all.{kind}"

    @property
    def address(self) -> str:
        """Names what is in it, so that it may be kept for good."""
        return f"{self.path}?m={sha256(self.body).hexdigest()[:16]}"

    def add_to(self, server: FastAPI) -> None:
        """Call before Dash adds its own route for files of that folder."""
        server.add_api_route(self.path, self._answer, include_in_schema=False)

    async def _answer(self) -> Response:
        return Response(self.body, media_type=_MEDIA_TYPES[self._kind])
