"""The two ways to reach a store, for the contract that both keep: in this process, and through a server."""

import os
import time
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import clickhouse_connect
import pytest
from clickhouse_connect.driver.client import Client
from clickhouse_http_server import CLUSTER, running_clickhouse

from collector.conventions import sql as conventions
from collector.queries.rollups import RollupJob
from collector.receivers.normalise import normalise
from collector.settings import Settings
from collector.store.committer import Committer
from collector.store.engine import Store

WAYS = ("embedded", "http", "cluster")
CANNOT = {
    ("embedded", "lose its server"): "there is no server that could go away",
    ("cluster", "lose its server"): "the same as http",
    ("http", "hold its folder"): "the folder is the server's; it takes as many clients as it likes",
    ("cluster", "hold its folder"): "the folder is the server's; it takes as many clients as it likes",
}
"""What a way cannot do, and why: these tests are skipped with the reason."""


@dataclass(frozen=True)
class Way:
    """An open store with its committer and roll-up job, as a collector has them."""

    name: str
    settings: Settings
    store: Store
    committer: Committer
    rollups: RollupJob

    def needs(self, ability: str) -> None:
        if reason := CANNOT.get((self.name, ability)):
            pytest.skip(f"{self.name} cannot {ability}: {reason}")


@contextmanager
def open_way(name: str, folder: Path) -> Iterator[Way]:
    with _store_url(name, folder) as url:
        cluster = CLUSTER if name == "cluster" else ""
        settings = Settings(store_url=url, cluster=cluster, pairing_grace_s=1, commit_linger_ms=0)
        store = Store(settings, conventions.words())
        committer = Committer(store, settings, normalise)
        try:
            yield Way(name, settings, store, committer, RollupJob(store, settings))
        finally:
            committer.close()
            store.close()


@contextmanager
def _store_url(name: str, folder: Path) -> Iterator[str]:
    os.environ["TZ"] = "UTC"  # as main() does: the engine takes its time zone from the process
    time.tzset()
    if name == "embedded":
        yield f"chdb://{folder}"
    elif name == "cluster":
        with running_clickhouse(folder, cluster=True) as address:
            yield f"clickhouse://default@{address}/contract"
    elif real := os.environ.get("SPANSCAPE_TEST_CLICKHOUSE_URL"):
        with _own_database(real) as url:
            yield url
    else:
        with running_clickhouse(folder) as address:
            yield f"clickhouse://default:secret@{address}/contract"


@contextmanager
def _own_database(server_url: str) -> Iterator[str]:
    """`server_url` with a new database, which is dropped at the end."""
    database = f"spanscape_test_{uuid.uuid4().hex}"
    try:
        yield urlsplit(server_url)._replace(path=f"/{database}").geturl()
    finally:
        with connect(server_url) as client:
            client.command(f"DROP DATABASE IF EXISTS {database} SYNC")


def connect(server_url: str) -> "closing[Client]":
    server = urlsplit(server_url)
    user, password = server.username or "default", server.password or ""
    secure, port = server.scheme == "clickhouses", server.port or 8123
    return closing(
        clickhouse_connect.get_client(host=server.hostname, port=port, username=user, password=password, secure=secure)
    )
