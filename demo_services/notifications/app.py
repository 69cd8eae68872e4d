"""Writes a letter for each event, once, and shows over HTTP what was written."""

import logging
import time
from typing import Annotated

from fastapi import FastAPI, Query

from demo_services.common.bus import Consumer, connect
from demo_services.common.database import open_database
from demo_services.common.errors import PeerRefused
from demo_services.common.events import Event
from demo_services.common.health import at_most, dependency_is_reached
from demo_services.common.peers import Peer
from demo_services.common.runtime import Runtime
from demo_services.notifications.domain import BUYER, letter_for
from demo_services.notifications.letterbook import SCHEMA, Letterbook, SentLetter
from demo_services.notifications.postman import Postman
from demo_services.services import MAIL, ORDER_EVENTS, PAYMENT_EVENTS, STOCK_EVENTS

_BACKLOG = 20  # more events waiting than this is worth a warning
_log = logging.getLogger(__name__)


class Correspondence:
    """Does nothing for an event that was written about already: events come once or more."""

    def __init__(self, book: Letterbook, users: Peer, postman: Postman) -> None:
        self._book = book
        self._users = users
        self._postman = postman

    def answer(self, event: Event) -> None:
        letter = letter_for(event)
        if letter is None or self._book.has(event.id):
            return
        recipient = self._address(letter.user_id)
        self._postman.send(recipient, letter.subject, letter.text)
        self._book.add(SentLetter(event.id, event.type, recipient, letter.subject, time.time()))
        _log.info("wrote to %s about %s", recipient, event.type)

    def _address(self, user_id: str) -> str:
        """Those who have left the shop are not written to: the shop is."""
        if not user_id:
            return BUYER
        try:
            address: str = self._users.get("/users/{user_id}", user_id=user_id)["email"]
        except PeerRefused:
            return BUYER
        return address


def build_app(runtime: Runtime) -> FastAPI:
    app = FastAPI(title="notifications", version="1")
    settings = runtime.settings
    engine = open_database(settings, "notifications", SCHEMA)
    runtime.uses_database(engine)
    book = Letterbook(engine)
    guard = runtime.guards.for_target(MAIL)
    postman = Postman(settings.mail_host, settings.mail_port, settings.timeout_s, guard)
    correspondence = Correspondence(book, runtime.peer("users"), postman)
    consumer = Consumer(
        connect(settings.redis_url),
        "notifications",
        runtime.instance,
        (ORDER_EVENTS, PAYMENT_EVENTS, STOCK_EVENTS),
        correspondence.answer,
        settings.redelivery_s,
        settings.max_deliveries,
        runtime.faults,
    )
    runtime.run(consumer)
    runtime.health.add("broker:backlog", at_most(_BACKLOG, "events", consumer.backlog, "events wait"))
    runtime.health.add(f"{MAIL}:reachability", dependency_is_reached(MAIL, lambda: guard.state))

    @app.get("/letters")
    def list_letters(
        recipient: Annotated[str, Query(max_length=200)] = "", limit: Annotated[int, Query(ge=1, le=1000)] = 100
    ) -> list[SentLetter]:
        return book.list(recipient, limit)

    return app
