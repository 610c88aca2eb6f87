"""A log in PostgreSQL: what the store promises there, what its connections are set to, what its errors mean."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, make_url, text
from sqlalchemy.exc import OperationalError

from adapters.files.published import PublishedFiles
from adapters.log_folder import log_folder, log_folder_to_read
from adapters.sql.postgres import DRIVER, postgres_engine, postgres_log, postgres_log_to_read, schema_name
from adapters.sql.store import SqlLog
from governance.checkpoints import committed_checkpoint
from governance.entries import cl_ord_id
from governance.notes import new_signer
from governance.publication import publish
from governance.rows import Answer, OrderState, OutboundOrder
from governance.verify import verification
from nodes.vocabulary.errors import EdgeError, LogError
from tests.governance.examples import ORIGIN, activation, append_decisions, decision, with_body

_slow = pytest.mark.slow


@pytest.fixture
def log(postgres_url: str) -> Iterator[SqlLog]:
    """An empty log."""
    with closing(postgres_log(postgres_url, ORIGIN)) as log:
        yield log


def _execute(postgres_url: str, statement: str) -> None:
    engine = create_engine(make_url(postgres_url).set(drivername=DRIVER))
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()


@pytest.mark.parametrize(
    ("origin", "name"),
    [
        ("paper", "assay_paper_382635c9"),
        ("research/2005-2013", "assay_research_2005_2013_"),
        ("\u043b\u043e\u0433", "assay__"),
        ("x" * 200, "assay_" + "x" * 48),
    ],
)
def test_an_origin_has_a_schema_of_an_ordinary_name(origin: str, name: str) -> None:
    found = schema_name(origin)
    assert found.startswith(name)
    assert len(found) <= 63


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("mysql://here/db", "the database URL begins with 'mysql'; only postgresql:// is supported"),
        ("no url", "the database URL cannot be read; write it like postgresql://"),
    ],
)
def test_a_url_of_another_kind_is_refused(url: str, words: str) -> None:
    with pytest.raises(EdgeError, match=words):
        postgres_log(url, ORIGIN)


def test_a_server_that_is_not_there_is_told_without_the_password() -> None:
    words = r"log 'paper' in PostgreSQL database 'db' on localhost: OperationalError: .*; look at the database and its"
    with pytest.raises(EdgeError, match=words) as caught:
        postgres_log("postgresql://assay:secret@localhost:1/db", ORIGIN)
    assert "secret" not in str(caught.value)
    assert caught.value.reason == "log-unavailable"


@_slow
@pytest.mark.parametrize(
    ("setting", "value"),
    [("synchronous_commit", "on"), ("search_path", schema_name(ORIGIN)), ("lock_timeout", "30s"), ("TimeZone", "UTC")],
)
def test_every_connection_is_set_up_for_a_log(log: SqlLog, setting: str, value: str) -> None:
    with log._engine.connect() as connection:
        assert connection.execute(text(f"SHOW {setting}")).scalar_one() == value


@_slow
def test_a_log_opened_to_read_refuses_an_append(log: SqlLog, postgres_url: str) -> None:
    with log.transaction() as transaction:
        transaction.append(decision(0))
    with closing(postgres_log_to_read(postgres_url, ORIGIN)) as reading:
        with reading.reader() as reader:
            assert reader.head().size == 1
        with pytest.raises(EdgeError, match=r"\(25006\); the log was opened for reading"), reading.transaction():
            pass


@_slow
def test_a_log_that_another_process_holds_is_told(
    log: SqlLog, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapters.sql.postgres.LOCK_TIMEOUT_S", 1)
    words = r"\(55P03\); another process holds the log"
    with closing(postgres_log(postgres_url, ORIGIN)) as other:
        append = other.transaction()
        with log.transaction(), pytest.raises(EdgeError, match=words), append:
            pass


@_slow
def test_a_database_without_the_tables_is_no_log(postgres_url: str) -> None:
    with closing(postgres_log_to_read(postgres_url, ORIGIN)) as reading:
        looked = reading.reader()
        with pytest.raises(LogError, match="is no decision log"), looked:
            pass


@_slow
def test_a_connection_that_the_server_ended_is_made_anew(log: SqlLog, postgres_url: str) -> None:
    with log.transaction() as transaction:
        transaction.append(decision(0))
    _execute(
        postgres_url, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'assay %'"
    )
    with log.transaction() as transaction:
        assert transaction.append(decision(1)).sequence == 1


@_slow
def test_a_reading_of_many_statements_may_last_longer_than_one_answer(postgres_url: str) -> None:
    url = make_url(postgres_url).set(drivername=DRIVER)
    with closing_engine(postgres_engine(url, "public", use_s=0.4)) as engine, engine.connect() as connection:
        assert [connection.execute(text("SELECT pg_sleep(0.15) IS NULL")).scalar() for _ in range(6)] == [False] * 6


def test_a_statement_that_is_never_answered_is_cut(postgres_url: str) -> None:
    url = make_url(postgres_url).set(drivername=DRIVER)
    with closing_engine(postgres_engine(url, "public", use_s=0.4)) as engine, engine.connect() as connection:
        with pytest.raises(OperationalError, match=r"server closed the connection|connection is lost"):
            connection.execute(text("SELECT pg_sleep(20)"))
        connection.invalidate()


@contextmanager
def closing_engine(engine: Engine) -> Iterator[Engine]:
    yield engine
    engine.dispose()


def test_workers_that_open_a_new_log_at_once_all_get_it(postgres_url: str) -> None:
    with ThreadPoolExecutor(4) as pool:
        logs = list(pool.map(lambda _: postgres_log(postgres_url, ORIGIN), range(4)))
    assert {log.origin for log in logs} == {ORIGIN}
    for log in logs:
        log.close()


@_slow
def test_a_folder_holds_key_and_tiles_of_a_log_in_a_database(postgres_url: str, tmp_path: Path) -> None:
    folder = log_folder(tmp_path, ORIGIN, postgres_url)
    append_decisions(folder, 300)
    folder.checkpoint()
    folder.store.close()
    assert not (tmp_path / "log.db").exists()
    reading = log_folder_to_read(tmp_path, postgres_url)
    assert reading.verification().is_intact
    reading.store.close()
    again = log_folder(tmp_path, ORIGIN, postgres_url)
    assert again.checkpoint().size == 300
    again.store.close()


@_slow
def test_a_lost_key_of_a_log_in_a_database_is_not_replaced(postgres_url: str, tmp_path: Path) -> None:
    folder = log_folder(tmp_path / "here", ORIGIN, postgres_url)
    append_decisions(folder, 1)
    folder.store.close()
    with pytest.raises(EdgeError, match="key is missing, and no new key can sign for log 'paper' in its database"):
        log_folder(tmp_path / "elsewhere", ORIGIN, postgres_url)


@_slow
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


@_slow
def test_working_state_is_kept_replaced_and_found(log: SqlLog) -> None:
    order = OutboundOrder(cl_ord_id("desk", "key"), "desk", bytes(32), 1, b"buy")
    for content in (b"first", b"second"):
        with log.transaction() as transaction:
            transaction.append(decision(0))
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


@_slow
def test_a_body_that_is_stored_already_is_kept_by_another_process(log: SqlLog, postgres_url: str) -> None:
    with closing(postgres_log(postgres_url, ORIGIN)) as other:
        for store in (log, other):
            with store.transaction() as transaction:
                transaction.append(decision(0, (transaction.put_body(b"policy"),)))
    with log.reader() as reader:
        assert len(reader.stored_bodies(b"", 9)) == 1


@_slow
def test_writers_with_stores_of_their_own_leave_no_gap(log: SqlLog, postgres_url: str) -> None:
    """The row lock on the head stands for SQLite's BEGIN IMMEDIATE."""
    stores = [log, postgres_log(postgres_url, ORIGIN)]

    def append(number: int) -> int:
        with stores[number % 2].transaction() as transaction:
            return transaction.append(decision(60)).sequence

    with closing(stores[1]), ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(append, range(60))) == list(range(60))


@_slow
def test_an_error_of_the_server_becomes_ours(log: SqlLog, postgres_url: str) -> None:
    _execute(postgres_url, f'DROP TABLE "{schema_name(ORIGIN)}".accounts')
    with (
        pytest.raises(LogError, match='is no decision log: relation "accounts" does not exist'),
        log.transaction() as transaction,
    ):
        transaction.account("desk")
