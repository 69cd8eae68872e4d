"""What services keep, on both databases that they run on: SQLite and PostgreSQL, each a real one."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import fakeredis
import pytest
import sqlalchemy as sa
from postgresql_server import postgresql

from demo_services.common.bus import Publisher
from demo_services.common.database import open_database
from demo_services.common.errors import Conflict, NotFound, NotSignedIn, OutOfStock
from demo_services.common.guard import Guards
from demo_services.common.health import database_answers
from demo_services.common.outbox import Outbox
from demo_services.common.saga import Saga, SagaLog
from demo_services.common.settings import ServiceSettings
from demo_services.inventory import stockroom
from demo_services.inventory.stockroom import Stockroom
from demo_services.notifications import letterbook
from demo_services.notifications.letterbook import Letterbook, SentLetter
from demo_services.orders import book
from demo_services.orders.book import OrderBook
from demo_services.orders.domain import place
from demo_services.payments import ledger
from demo_services.payments.domain import Payment
from demo_services.payments.ledger import Ledger
from demo_services.services import ORDER_EVENTS, PAYMENT_EVENTS, STOCK_EVENTS
from demo_services.users import accounts
from demo_services.users.accounts import Accounts

Open = Callable[..., sa.Engine]
PASSWORD = "correct horse"


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def settings(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceSettings]:
    folder: Path = tmp_path_factory.mktemp("data")
    if request.param == "sqlite":
        yield ServiceSettings(data_dir=folder)
        return
    with postgresql() as url:
        yield ServiceSettings(data_dir=folder, database_url=url)


@pytest.fixture
def opened(settings: ServiceSettings) -> Iterator[Open]:
    engines: list[sa.Engine] = []

    def open_one(name: str, schema: sa.MetaData, *fill: Any) -> sa.Engine:
        engines.append(open_database(settings, name, schema, *fill))
        return engines[-1]

    yield open_one
    for engine in engines:
        engine.dispose()


class Told:
    """An outbox whose broker keeps what it gets."""

    def __init__(self, engine: sa.Engine, table: sa.Table) -> None:
        self._redis: Any = fakeredis.FakeRedis(decode_responses=True)
        self.outbox = Outbox(engine, table, Publisher(self._redis, Guards(ServiceSettings()).for_target("redis")))

    def types(self, stream: str) -> list[str]:
        self.outbox.send_some()
        return [fields["type"] for _, fields in self._redis.xrange(stream)]


def test_a_reservation_is_made_once_and_released_once(opened: Open) -> None:
    engine = opened("inventory", stockroom.SCHEMA, stockroom.stock_up)
    told = Told(engine, stockroom.OUTBOX)
    room = Stockroom(engine, told.outbox, lambda: 1_000.0)
    for _ in range(2):
        assert room.reserve("r1", "mug-blue", 42).on_hand == 8
    assert told.types(STOCK_EVENTS) == ["stock.low"]
    with pytest.raises(OutOfStock):
        room.reserve("r2", "mug-blue", 9)
    with pytest.raises(NotFound):
        room.reserve("r3", "moon", 1)
    for _ in range(2):
        room.release("r1")
    assert room.get("mug-blue").on_hand == 50
    with pytest.raises(Conflict, match="r1 was released already"):
        room.reserve("r1", "mug-blue", 1)
    room.release("late")
    with pytest.raises(Conflict):
        room.reserve("late", "mug-blue", 1)
    assert len(room.list_items()) == 8


def test_a_payment_is_opened_once_and_its_failure_is_told(opened: Open) -> None:
    engine = opened("payments", ledger.SCHEMA)
    told = Told(engine, ledger.OUTBOX)
    kept = Ledger(engine, told.outbox)
    assert kept.open(Payment("o1", "ada", 500)).amount_cents == 500
    assert kept.open(Payment("o1", "ada", 999)).amount_cents == 500
    kept.write(kept.get("o1").charged(captured=False))
    assert kept.get("o1").status == "declined"
    assert told.types(PAYMENT_EVENTS) == ["payment.failed"]
    with pytest.raises(NotFound):
        kept.get("o2")


def test_an_order_its_saga_and_its_event_are_written_together_and_once_for_a_key(opened: Open) -> None:
    engine = opened("orders", book.SCHEMA)
    told = Told(engine, book.OUTBOX)
    orders, log = OrderBook(engine, told.outbox), SagaLog(engine, book.SAGAS, lease_s=4, now=lambda: now_s)
    now_s = time.time()
    first = place("o1", "ada", "mug-blue", 2, 500, now_s)
    assert orders.add(first, "key", log, Saga("s1", "buy", {}, started_at_s=now_s))
    again = place("o2", "ada", "mug-blue", 2, 500, now_s)
    assert not orders.add(again, "key", log, Saga("s2", "buy", {}, started_at_s=now_s))
    assert orders.find_by_key("key") == first
    assert [saga.id for saga in log.list_unfinished()] == ["s1"]
    assert orders.change(first, first.become("confirmed"))
    assert not orders.change(first, first.become("confirmed"))
    assert [order.status for order in orders.list("ada", 10)] == ["confirmed"]
    assert told.types(ORDER_EVENTS) == ["order.created", "order.confirmed"]
    now_s += 5
    taken = log.take_abandoned()
    assert taken is not None
    assert log.take_abandoned() is None
    log.save(taken.done({}, steps=1))
    assert log.list_unfinished() == []
    assert [saga.status for saga in log.find_recent(10)] == ["completed"]


def test_an_address_has_one_account(opened: Open) -> None:
    kept = Accounts(opened("users", accounts.SCHEMA))
    ada = kept.create("Ada@example.org", "Ada", PASSWORD)
    with pytest.raises(Conflict):
        kept.create("ada@example.org", "A", PASSWORD)
    assert kept.sign_in("ADA@example.org", PASSWORD) == ada
    with pytest.raises(NotSignedIn):
        kept.sign_in("ada@example.org", "wrong horse")
    assert kept.rename(ada.id, "Ada L.").name == "Ada L."
    kept.delete(ada.id)
    for act in (lambda: kept.get(ada.id), lambda: kept.delete(ada.id), lambda: kept.rename(ada.id, "A")):
        with pytest.raises(NotFound):
            act()


def test_a_letter_is_remembered(opened: Open) -> None:
    kept = Letterbook(opened("notifications", letterbook.SCHEMA))
    letter = SentLetter("e1", "order.created", "ada@example.org", "We got your order", 1_000.5)
    assert not kept.has("e1")
    kept.add(letter)
    assert kept.has("e1")
    assert kept.list("ada@example.org", 10) == [letter]
    assert kept.list("bob@example.org", 10) == []


def test_a_database_that_answers_is_well(opened: Open) -> None:
    assert database_answers(opened("users", accounts.SCHEMA))().status == "pass"
