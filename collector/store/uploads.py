"""Traces that were handed in to be looked at, not to be stored: tables in memory, for a while.

They lie in the engine, because questions about them are the same SQL. A store on a server is not ours to make tables in, and
on a cluster the next question may meet another node, so there an engine is opened in this process, on an empty folder.
Beyond the limits on number and bytes the oldest go; what is too old goes when the next one is handed in or asked for.
"""

import secrets
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from collector.errors import NotFound, PayloadTooLarge
from collector.settings import Settings
from collector.store import schema
from collector.store.engine import Store

_DATABASE = "uploads"
_INBOX = "otlp_traces"


@dataclass(frozen=True, eq=False)
class Upload:
    token: str
    format: str
    store: Store
    """Where its spans are, in `Uploads.SPANS`."""
    body: bytes
    """The spans as an export request, in the form that the store takes."""
    refused: int
    reason: str
    expires_s: float


class Uploads:
    SPANS = "uploads.{upload:Identifier}"
    """A FROM item with the columns of otel_traces; {upload} is a token."""

    def __init__(
        self, store: Store, settings: Settings, words: Mapping[str, str], now_s: Callable[[], float] = time.time
    ) -> None:
        """`words`: the conventions' SQL, as for the store. Nothing is opened or created before the first upload."""
        self._store, self._settings, self._words, self._now_s = store, settings, words, now_s
        self._kept: dict[str, Upload] = {}
        self._guard = threading.Lock()
        self._engine: Store | None = None
        self._folder = ""
        self._unfold = ""

    def add(self, format_name: str, body: bytes, refused: int = 0, reason: str = "") -> Upload:
        """Keeps spans, a normalised export request. Raises PayloadTooLarge when it alone is more than may be kept."""
        most = self._settings.uploads_max_bytes
        if len(body) > most:
            raise PayloadTooLarge(f"the spans take {len(body)} bytes; SPANSCAPE_UPLOADS_MAX_BYTES allows {most}")
        with self._guard:
            engine = self._opened()
            token = secrets.token_hex(16)
            upload = Upload(
                token, format_name, engine, body, refused, reason, self._now_s() + self._settings.uploads_keep_s
            )
            self._drop_old()
            while self._kept and (
                len(self._kept) >= self._settings.uploads_max_count
                or sum(len(one.body) for one in self._kept.values()) + len(body) > most
            ):
                self._drop(next(iter(self._kept)))
            self._fill(upload)
            self._kept[token] = upload
            return upload

    def get(self, token: str) -> Upload:
        """Raises NotFound, also for one that was kept long enough."""
        with self._guard:
            self._drop_old()
            if token not in self._kept:
                raise NotFound(f"upload {token} not found; uploads are kept for {self._settings.uploads_keep_s:g} s")
            return self._kept[token]

    def close(self) -> None:
        """Before the store is closed."""
        with self._guard:
            self._kept.clear()
            if self._engine is not None and self._engine is not self._store:
                self._engine.close()
                shutil.rmtree(self._folder, ignore_errors=True)
            self._engine = None

    def _opened(self) -> Store:
        if self._engine is None:
            engine = self._store if self._store.path is not None else self._own_engine()
            engine.command("CREATE DATABASE IF NOT EXISTS uploads ENGINE = Memory")
            columns = schema.inbox_columns((schema.SCHEMA_DIR / f"{_INBOX}.proto").read_text())
            engine.command("CREATE TABLE IF NOT EXISTS uploads.otlp_traces_inbox (" + columns + ") ENGINE = Memory")
            self._unfold = schema.unfolding("003_otlp_traces_unfold", self._words, "uploads.otlp_traces_inbox")
            self._engine = engine
        return self._engine

    def _own_engine(self) -> Store:
        self._folder = tempfile.mkdtemp(prefix="spanscape-uploads-")
        about = {"store_url": f"chdb://{self._folder}", "store_readonly": False, "cluster": ""}
        return Store(self._settings.model_copy(update=about), self._words)

    def _fill(self, upload: Upload) -> None:
        engine, names = upload.store, {"upload": upload.token}
        try:
            engine.insert_request(_INBOX, upload.body, _DATABASE)
            engine.command("CREATE TABLE uploads.{upload:Identifier} ENGINE = Memory EMPTY AS " + self._unfold, names)
            engine.command("INSERT INTO uploads.{upload:Identifier} " + self._unfold, names)
        finally:
            engine.command("TRUNCATE TABLE uploads.otlp_traces_inbox")

    def _drop_old(self) -> None:
        now_s = self._now_s()
        for token in [token for token, upload in self._kept.items() if upload.expires_s <= now_s]:
            self._drop(token)

    def _drop(self, token: str) -> None:
        upload = self._kept.pop(token)
        upload.store.command("DROP TABLE uploads.{upload:Identifier}", {"upload": token})
