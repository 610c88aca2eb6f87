"""The group-commit writer: acknowledged after the commit, each piece on its own, refused when full."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest

from adapters.sql.store import SqlLog
from governance.ports import LogReader, SavepointTransaction, Transaction
from governance.rows import Appended
from governance.writer import FEW, Writer
from nodes.vocabulary.errors import DataError, EdgeError, PlanError
from tests.governance.examples import decision, with_body

_LIMIT = 100


class GatedLog:
    """A log whose commits wait at a gate, and can be made to fail behind it."""

    def __init__(self, log: SqlLog) -> None:
        self._log = log
        self._gate = threading.Semaphore(0)
        self._arrived = threading.Semaphore(0)
        self.is_broken = False

    @property
    def origin(self) -> str:
        return self._log.origin

    @contextmanager
    def transaction(self) -> Iterator[SavepointTransaction]:
        with self._log.transaction() as transaction:
            yield transaction
            self._arrived.release()
            assert self._gate.acquire(timeout=10)
            if self.is_broken:
                message = "disk full; free some space"
                raise EdgeError(message)

    def wait_for_commit(self) -> None:
        """Until a commit stands at the gate."""
        assert self._arrived.acquire(timeout=10)

    def let_through(self, n_commits: int = 1000) -> None:
        """Open the gate for some commits."""
        self._gate.release(n_commits)

    @contextmanager
    def reader(self) -> Iterator[LogReader]:
        with self._log.reader() as reader:
            yield reader


@pytest.fixture
def log(any_log: SqlLog) -> SqlLog:
    """An empty log."""
    return any_log


def _append(number: int, transaction: Transaction) -> Appended:
    return with_body(transaction, number)


def _fail(number: int, transaction: Transaction) -> Appended:
    with_body(transaction, number)
    message = f"work {number} fails"
    raise KeyError(message)


def _n_entries(log: SqlLog) -> int:
    with log.reader() as reader:
        return reader.head().size


def test_a_future_resolves_only_after_the_commit(log: SqlLog) -> None:
    gated = GatedLog(log)
    with Writer(gated) as writer:
        future = writer.submit(partial(_append, 0))
        gated.wait_for_commit()
        assert not future.done()
        assert _n_entries(log) == 0
        gated.let_through()
        assert future.result().sequence == 0
    assert _n_entries(log) == 1


def test_work_that_waits_during_a_commit_is_committed_together(log: SqlLog) -> None:
    gated = GatedLog(log)
    with Writer(gated) as writer:
        first = writer.submit(partial(_append, 0))
        gated.wait_for_commit()
        waiting = [writer.submit(partial(_append, number)) for number in range(1, 6)]
        gated.let_through(1)
        first.result()
        gated.wait_for_commit()
        assert not any(future.done() for future in waiting)
        gated.let_through()
        assert [future.result().sequence for future in waiting] == [1, 2, 3, 4, 5]


def test_under_load_a_few_are_waited_for_and_enough_of_them_end_the_wait(
    log: SqlLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("governance.writer.LINGER_S", 30.0)
    gated = GatedLog(log)
    with Writer(gated) as writer:
        first = writer.submit(partial(_append, 0))
        gated.wait_for_commit()
        several = [writer.submit(partial(_append, number)) for number in (1, 2)]
        gated.let_through()
        assert [future.result().sequence for future in (first, *several)] == [0, 1, 2]
        few = [writer.submit(partial(_append, number)) for number in range(3, 2 + FEW)]
        assert not any(future.done() for future in few)
        last = writer.submit(partial(_append, 2 + FEW))
        assert [future.result().sequence for future in (*few, last)] == [*range(3, 3 + FEW)]


def test_who_waits_for_more_is_let_go_by_a_close(log: SqlLog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("governance.writer.LINGER_S", 30.0)
    gated = GatedLog(log)
    with Writer(gated) as writer:
        first = writer.submit(partial(_append, 0))
        gated.wait_for_commit()
        several = [writer.submit(partial(_append, number)) for number in (1, 2)]
        gated.let_through()
        assert [future.result().sequence for future in (first, *several)] == [0, 1, 2]
        alone = writer.submit(partial(_append, 3))
    assert alone.result(0).sequence == 3


def test_work_that_fails_loses_only_itself(log: SqlLog) -> None:
    with Writer(log) as writer:
        futures = [writer.submit(partial(_fail if number % 3 == 1 else _append, number)) for number in range(9)]
        failures = [future.exception() for future in futures]
        assert [str(error) for error in failures if error] == [f"'work {number} fails'" for number in (1, 4, 7)]
        sequences = [future.result().sequence for future, error in zip(futures, failures, strict=True) if not error]
    assert sequences == list(range(6))


def test_nothing_is_acknowledged_when_the_commit_fails_and_the_writer_goes_on(log: SqlLog) -> None:
    gated = GatedLog(log)
    with Writer(gated) as writer:
        gated.is_broken = True
        gated.let_through()
        futures = [writer.submit(partial(_append, number)) for number in range(3)]
        for future in futures:
            with pytest.raises(EdgeError, match="disk full; free some space"):
                future.result()
        assert _n_entries(log) == 0
        gated.is_broken = False
        assert writer.submit(partial(_append, 0)).result().sequence == 0


def test_a_queue_that_stays_full_refuses_work_and_does_not_run_it(log: SqlLog) -> None:
    gated = GatedLog(log)
    with Writer(gated, max_waiting=2, patience_s=0.05) as writer:
        first = writer.submit(partial(_append, 0))
        gated.wait_for_commit()
        waiting = [writer.submit(partial(_append, number)) for number in (1, 2)]
        with pytest.raises(EdgeError, match=r"2 appends wait for log 'paper', at most 2 may; slow"):
            writer.submit(partial(_append, 3))
        gated.let_through()
        assert [future.result().sequence for future in (first, *waiting)] == [0, 1, 2]
    assert _n_entries(log) == 3


def test_a_full_queue_holds_the_caller_back_until_there_is_room(log: SqlLog) -> None:
    with Writer(log, max_waiting=4, max_batch=2) as writer:
        futures = [writer.submit(partial(_append, number)) for number in range(50)]
        assert [future.result().sequence for future in futures] == list(range(50))


def test_a_closed_writer_refuses_work(log: SqlLog) -> None:
    writer = Writer(log)
    writer.close()
    with pytest.raises(EdgeError, match="writer of log 'paper' is closed; open the log again"):
        writer.submit(partial(_append, 0))


def test_a_writer_finishes_what_waits_before_it_closes(log: SqlLog) -> None:
    with Writer(log, max_batch=3) as writer:
        futures = [writer.submit(partial(_append, number)) for number in range(20)]
    assert all(future.done() for future in futures)
    assert _n_entries(log) == 20


def test_work_that_was_cancelled_is_not_run(log: SqlLog) -> None:
    gated = GatedLog(log)
    with Writer(gated) as writer:
        first = writer.submit(partial(_append, 0))
        gated.wait_for_commit()
        second = writer.submit(partial(_append, 1))
        assert second.cancel()
        gated.let_through()
        first.result()
    assert second.cancelled()
    assert _n_entries(log) == 1


def test_many_threads_get_sequences_without_a_gap(log: SqlLog) -> None:
    with Writer(log) as writer, ThreadPoolExecutor(8) as pool:
        found = pool.map(lambda number: writer.submit(partial(_append, number % 60)).result().sequence, range(400))
        assert sorted(found) == list(range(400))


def _buy(n_shares: int, transaction: Transaction) -> bool:
    """Check a limit and use it up, as an order run does: inside the append."""
    held = int(bytes(transaction.account("desk") or b"0"))
    if held + n_shares > _LIMIT:
        return False
    transaction.append(decision(0))
    transaction.save_account("desk", str(held + n_shares).encode())
    return True


def test_orders_that_come_at_once_cannot_pass_a_limit_together(log: SqlLog) -> None:
    """Twenty orders of 60 against a limit of 100: checked before the write, several would pass."""
    with Writer(log) as writer, ThreadPoolExecutor(8) as pool:
        passed = list(pool.map(lambda _: writer.submit(partial(_buy, 60)).result(), range(20)))
    assert sum(passed) == 1
    assert _n_entries(log) == 1


def test_an_exception_that_is_no_error_reaches_its_caller_and_leaves_the_writer_running(log: SqlLog) -> None:
    def leave(_transaction: Transaction) -> None:
        raise SystemExit(3)

    with Writer(log) as writer:
        with pytest.raises(SystemExit, match="3"):
            writer.submit(leave).result()
        assert writer.submit(partial(_append, 0)).result().sequence == 0


async def _submitted(writer: Writer, n_pieces: int) -> list[int]:
    loop = asyncio.get_running_loop()
    futures = [writer.submit_to(loop, partial(_append, number)) for number in range(n_pieces)]
    return [appended.sequence for appended in await asyncio.gather(*futures)]


def test_an_event_loop_hears_of_its_appends(log: SqlLog) -> None:
    with Writer(log) as writer:
        assert asyncio.run(_submitted(writer, 50)) == list(range(50))


class _CountedLoop(asyncio.SelectorEventLoop):
    """An event loop that counts how often another thread called into it."""

    n_calls = 0

    def call_soon_threadsafe(self, *arguments: Any, **options: Any) -> asyncio.Handle:  # type: ignore[override]  # whatever
        self.n_calls += 1
        return super().call_soon_threadsafe(*arguments, **options)


def test_an_event_loop_is_called_once_a_commit(log: SqlLog) -> None:
    gated = GatedLog(log)
    loop = _CountedLoop()
    with Writer(gated) as writer:
        first = writer.submit_to(loop, partial(_append, 0))
        gated.wait_for_commit()
        together = [writer.submit_to(loop, partial(_append, number)) for number in range(1, 30)]
        gated.let_through()
        loop.run_until_complete(asyncio.gather(first, *together))
    assert loop.n_calls == 2
    loop.close()


def test_an_event_loop_is_refused_at_once_when_the_queue_is_full(log: SqlLog) -> None:
    gated, loop = GatedLog(log), asyncio.new_event_loop()
    with Writer(gated, max_waiting=1, patience_s=60) as writer:
        writer.submit(partial(_append, 0))
        gated.wait_for_commit()
        waiting = writer.submit_to(loop, partial(_append, 1))
        with pytest.raises(EdgeError, match="1 appends wait for log 'paper', at most 1 may") as caught:
            writer.submit_to(loop, partial(_append, 2)).cancel()
        gated.let_through()
        loop.run_until_complete(waiting)
    assert caught.value.reason == "queue-full"
    loop.close()


def test_work_of_a_client_that_hung_up_in_time_is_not_run(log: SqlLog) -> None:
    gated, loop = GatedLog(log), asyncio.new_event_loop()
    with Writer(gated) as writer:
        first = writer.submit_to(loop, partial(_append, 0))
        gated.wait_for_commit()
        second = writer.submit_to(loop, partial(_append, 1))
        second.cancel()
        gated.let_through()
        loop.run_until_complete(first)
    loop.close()
    assert _n_entries(log) == 1


def test_a_loop_that_was_closed_meanwhile_leaves_the_writer_running(log: SqlLog) -> None:
    gated, loop = GatedLog(log), asyncio.new_event_loop()
    with Writer(gated) as writer:
        unheard = writer.submit_to(loop, partial(_append, 0))
        gated.wait_for_commit()
        loop.close()
        gated.let_through()
        assert writer.submit(partial(_append, 1)).result().sequence == 1
        assert not unheard.done()


class _Unprepared:
    """Work that lacks something on its first runs, and what makes that ready."""

    def __init__(self, n_lacking: int) -> None:
        self.n_lacking = n_lacking
        self.ready: Future[None] = Future()
        self.asked: list[str] = []

    def work(self, transaction: Transaction) -> Appended:
        appended = with_body(transaction, 9)
        if self.n_lacking:
            self.n_lacking -= 1
            message = "not prepared; wait"
            raise PlanError(message)
        return appended

    def put_back(self, error: Exception) -> Future[None] | None:
        self.asked.append(str(error))
        return self.ready if isinstance(error, PlanError) else None


def test_work_that_lacks_something_is_run_again_once_it_is_there(log: SqlLog) -> None:
    unprepared = _Unprepared(2)
    with Writer(log) as writer:
        future = writer.submit(unprepared.work, unprepared.put_back)
        assert writer.submit(partial(_append, 0)).result().sequence == 0
        assert not future.done()
        unprepared.ready.set_result(None)
        assert future.result().sequence == 1
    assert unprepared.asked == ["not prepared; wait"] * 2


def test_work_for_an_event_loop_is_put_back_too(log: SqlLog) -> None:
    unprepared, loop = _Unprepared(1), asyncio.new_event_loop()
    unprepared.ready.set_result(None)
    with Writer(log) as writer:
        future = writer.submit_to(loop, unprepared.work, unprepared.put_back)
        assert loop.run_until_complete(future).sequence == 0
    loop.close()


def test_work_fails_when_what_it_lacks_cannot_be_made_ready(log: SqlLog) -> None:
    unprepared = _Unprepared(1)
    with Writer(log) as writer:
        future = writer.submit(unprepared.work, unprepared.put_back)
        unprepared.ready.set_exception(DataError("no such policy; add it"))
        with pytest.raises(DataError, match="no such policy; add it"):
            future.result()


def test_an_error_that_is_not_put_back_is_the_outcome(log: SqlLog) -> None:
    with Writer(log) as writer, pytest.raises(KeyError, match="work 3 fails"):
        writer.submit(partial(_fail, 3), _Unprepared(0).put_back).result()


def test_a_fault_in_deciding_what_to_wait_for_is_the_outcome(log: SqlLog) -> None:
    def broken(error: Exception) -> None:
        raise RuntimeError("shut down") from error

    with Writer(log) as writer, pytest.raises(RuntimeError, match="shut down"):
        writer.submit(partial(_fail, 3), broken).result()


def test_a_writer_that_closes_waits_for_what_was_put_back(log: SqlLog) -> None:
    unprepared = _Unprepared(1)
    with Writer(log) as writer:
        future = writer.submit(unprepared.work, unprepared.put_back)
        threading.Timer(0.05, unprepared.ready.set_result, [None]).start()
    assert future.result().sequence == 0


def test_listeners_hear_of_each_commit_that_appends_until_they_end_it(log: SqlLog) -> None:
    heard: list[int] = []
    with Writer(log) as writer:
        end = writer.on_commit(heard.append)
        for number in range(2):
            writer.submit(partial(_append, number)).result()
        writer.submit(lambda _transaction: None).result()
        end()
        writer.submit(partial(_append, 2)).result()
    assert heard == [1, 2]


def test_a_listener_that_raises_is_not_called_again(log: SqlLog) -> None:
    heard: list[int] = []

    def broken(size: int) -> None:
        heard.append(size)
        raise RuntimeError("loop is closed")

    with Writer(log) as writer:
        writer.on_commit(broken)
        for number in range(2):
            writer.submit(partial(_append, number)).result()
    assert heard == [1]
