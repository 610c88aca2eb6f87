"""An accepted order reaches the broker exactly once in effect, whoever dies when, and the log says so."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import pytest

from adapters.brokers.remote import NOT_YET
from adapters.brokers.simulated import SimulatedBroker
from adapters.lake.lake import Lake
from adapters.log_folder import log_folder
from api.bootstrap import shell_clock
from api.broker_parts import BROKER
from api.use_cases.background import Background
from api.use_cases.broker import Dispatcher
from api.use_cases.kill_switch import KillSwitchRequest, kill_switch_set
from api.use_cases.market import advanced_session
from api.use_cases.placed_orders import placed_order
from governance.entries import EntryKind
from governance.rows import OrderState
from governance.writer import Writer
from nodes.vocabulary.errors import EdgeError
from nodes.vocabulary.executions import Acknowledgement
from tests.api.use_cases.homes import copied_home, entries
from tests.api.use_cases.services import ACCOUNT, ordered, service_at
from tests.api.use_cases.worker import ORIGIN, STEPS

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def waiting(lake: Lake, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with one order in its outbox. Its origin is research, where no broker is at work: we bring our own."""
    home = tmp_path_factory.mktemp("waiting") / "home"
    with service_at(home, lake, origin=ORIGIN) as service:
        ordered(service)
    return home


@pytest.mark.parametrize("step", STEPS)
def test_a_worker_killed_at_any_step_leaves_one_order_in_effect(waiting: Path, tmp_path: Path, step: str) -> None:
    """SGN-07."""
    home = copied_home(waiting, tmp_path / "home")
    arguments = [sys.executable, "-m", "tests.api.use_cases.worker", str(home), "-", f"dispatch-{step}"]
    died = subprocess.run(arguments, cwd=ROOT, check=False, timeout=60)  # noqa: S603  # ours
    folder = log_folder(home, ORIGIN)
    before = entries(folder.store, EntryKind.ACKNOWLEDGEMENT)
    with closing(SimulatedBroker(home / BROKER)) as broker, Writer(folder.store) as writer:
        n_recorded = Dispatcher(folder.store, writer, broker, shell_clock).dispatched()
        assert broker.n_orders() == 1
    assert (died.returncode, before, n_recorded) == (-signal.SIGKILL, [], 1)
    assert len(entries(folder.store, EntryKind.ACKNOWLEDGEMENT)) == 1
    assert folder.verification().is_intact


def test_two_workers_record_the_brokers_word_once(waiting: Path, tmp_path: Path) -> None:
    home = copied_home(waiting, tmp_path / "home")
    stores = [log_folder(home, ORIGIN).store for _ in range(2)]
    with closing(SimulatedBroker(home / BROKER)) as broker, Writer(stores[0]) as one, Writer(stores[1]) as two:
        workers = [
            Dispatcher(store, writer, broker, shell_clock) for store, writer in zip(stores, (one, two), strict=True)
        ]
        with ThreadPoolExecutor(2) as pool:
            recorded = list(pool.map(lambda worker: worker.dispatched(), workers))
    assert sum(recorded) == 1
    assert len(entries(stores[0], EntryKind.ACKNOWLEDGEMENT)) == 1


def test_an_order_recalled_while_the_broker_was_asked_is_taken_back(waiting: Path, tmp_path: Path) -> None:
    """The kill switch is thrown between the broker's word and the append that would record it."""
    folder = log_folder(copied_home(waiting, tmp_path / "home"), ORIGIN)
    stop = KillSwitchRequest(
        account_id=ACCOUNT,
        is_engaged=True,
        principal="risk",
        reason="feed looks wrong",
        opening_cash_usd=Decimal(1_000_000),
        at=shell_clock(),
    )

    class _Interrupted(SimulatedBroker):
        def handed_over(self, orders: Sequence[tuple[str, int, bytes]]) -> tuple[Acknowledgement, ...]:
            words = super().handed_over(orders)
            if words:
                kill_switch_set(folder.store, stop)
            return words

    with closing(_Interrupted(tmp_path / "broker.db")) as broker, Writer(folder.store) as writer:
        Dispatcher(folder.store, writer, broker, shell_clock).dispatched()
    (word,) = entries(folder.store, EntryKind.ACKNOWLEDGEMENT)
    assert word.facts["ord_status"] == "4"
    with folder.store.reader() as reader:
        assert len(reader.outbox(OrderState.DONE)) == 1
    assert folder.verification().is_intact


def test_a_cancel_that_does_not_end_keeps_no_other_order_from_leaving(
    waiting: Path, tmp_path: Path, lake: Lake
) -> None:
    """EXE-17: it is told, asked about again after a while, and ends when the broker says so."""
    home = copied_home(waiting, tmp_path / "home")
    with service_at(home, lake, origin=ORIGIN) as service:
        with service.store.reader() as reader:
            (first,) = reader.outbox(OrderState.PENDING)
        assert ordered(service, "k2", symbol="MSFT").cl_ord_id is not None
        with service.store.transaction() as transaction:
            transaction.mark_order(first.cl_ord_id, OrderState.RECALLED)
    folder, asked = log_folder(home, ORIGIN), []

    class _Slow(SimulatedBroker):
        is_done = False

        def taken_back(self, cl_ord_ids: Sequence[str]) -> tuple[Acknowledgement, ...]:
            asked.append(tuple(cl_ord_ids))
            if cl_ord_ids and not self.is_done:
                raise EdgeError("it is open, though its cancel was asked", reason=NOT_YET)
            return super().taken_back(cl_ord_ids)

    with closing(_Slow(tmp_path / "broker.db")) as broker, Writer(folder.store) as writer:
        dispatcher = Dispatcher(folder.store, writer, broker, shell_clock)
        with pytest.raises(EdgeError, match="though its cancel was asked"):
            dispatcher.dispatched()
        assert [each.facts["ord_status"] for each in entries(folder.store, EntryKind.ACKNOWLEDGEMENT)] == ["0"]
        assert (dispatcher.dispatched(), len(asked)) == (0, 1)
        broker.is_done = True
        assert Dispatcher(folder.store, writer, broker, shell_clock).dispatched() == 1


def test_a_dispatcher_that_meets_what_nobody_foresaw_says_so_and_goes_on(waiting: Path, tmp_path: Path) -> None:
    """SGN-07: orders that stay in the outbox of a server that looks well would be lost to everybody."""
    folder = log_folder(copied_home(waiting, tmp_path / "home"), ORIGIN)

    class _Ailing(SimulatedBroker):
        is_ill = True

        def handed_over(self, orders: Sequence[tuple[str, int, bytes]]) -> tuple[Acknowledgement, ...]:
            if self.is_ill:
                raise ZeroDivisionError
            return super().handed_over(orders)

    background = Background("dispatcher")
    with (
        closing(_Ailing(tmp_path / "broker.db")) as broker,
        Writer(folder.store) as writer,
        Dispatcher(folder.store, writer, broker, shell_clock, background),
    ):
        until(lambda: background.error is not None)
        assert "ZeroDivisionError" in background.complaint
        broker.is_ill = False
        until(lambda: len(entries(folder.store, EntryKind.ACKNOWLEDGEMENT)) == 1)
        until(lambda: background.complaint == "")


def until(is_true: Callable[[], bool], patience_s: float = 30.0) -> None:
    ends_s = time.monotonic() + patience_s
    while not is_true():
        assert time.monotonic() < ends_s
        time.sleep(0.02)


def test_an_acknowledged_order_is_filled_by_the_broker_in_the_next_session(lake: Lake, tmp_path: Path) -> None:
    with service_at(tmp_path / "home", lake) as service:
        sent = ordered(service).cl_ord_id
        assert sent is not None
        advanced_session(service, "assay")
        with service.store.reader() as reader:
            status = placed_order(reader, sent)
        assert service.broker is not None
    assert (status.status, status.filled_shares) == ("filled", 100)


def test_an_order_in_a_halted_share_stays_in_the_outbox_until_the_share_has_reopened(
    waiting: Path, tmp_path: Path
) -> None:
    """EXE-03: no order leaves during a halt."""
    home = copied_home(waiting, tmp_path / "home")
    folder = log_folder(home, ORIGIN)
    halted = {"AAPL", "IBM", "MSFT", "GOOG", "FB"}
    with closing(SimulatedBroker(home / BROKER)) as broker, Writer(folder.store) as writer:
        dispatcher = Dispatcher(folder.store, writer, broker, shell_clock, halted=lambda: frozenset(halted))
        assert (dispatcher.dispatched(), broker.n_orders()) == (0, 0)
        halted.clear()
        assert (dispatcher.dispatched(), broker.n_orders()) == (1, 1)


def test_orders_are_taken_back_though_nobody_can_tell_the_halts(waiting: Path, tmp_path: Path) -> None:
    """EXE-16: what is to be taken back waits neither for other orders nor for a lake that cannot be read."""
    home = copied_home(waiting, tmp_path / "home")
    folder = log_folder(home, ORIGIN)

    def unknown() -> frozenset[str]:
        raise EdgeError("the lake cannot be read", reason="log-unavailable")

    with closing(SimulatedBroker(home / BROKER)) as broker, Writer(folder.store) as writer:
        dispatcher = Dispatcher(folder.store, writer, broker, shell_clock, halted=unknown)
        with pytest.raises(EdgeError, match="cannot be read"):
            dispatcher.dispatched()
        assert broker.n_orders() == 0
        stop = KillSwitchRequest(ACCOUNT, True, "risk", "drill", Decimal(1_000_000), shell_clock())  # noqa: FBT003
        kill_switch_set(folder.store, stop)
        assert dispatcher.dispatched() == 1
    (word,) = entries(folder.store, EntryKind.ACKNOWLEDGEMENT)
    assert word.facts["ord_status"] == "4"
