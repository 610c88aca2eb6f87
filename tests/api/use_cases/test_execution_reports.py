"""What a broker reports of its own accord is booked once, as entries of its own, and the log verifies afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from adapters.lake.lake import Lake
from adapters.log_folder import log_folder_to_read
from api.use_cases import broker
from api.use_cases.execution_reports import Booked, _booked, booked_report
from api.use_cases.journal import journal
from api.use_cases.journal_posting import Bookkeeper, origin_for, posted
from api.use_cases.market import advanced_session, dispatch
from api.use_cases.order_changes import CancelCommand, ReplaceCommand, cancelled_order, replaced_order
from api.use_cases.order_life import order_record
from api.use_cases.placed_orders import placed_order
from api.use_cases.risk_book import books
from api.use_cases.service import Service
from governance.entries import EntryKind, child_cl_ord_id
from governance.ports import Transaction
from governance.rows import OrderState
from nodes.journal.account import AccountState, account_from_bytes
from nodes.kernels.order_states import Taken
from nodes.vocabulary.bookings import Booking, Busted, Traded
from nodes.vocabulary.errors import EdgeError
from nodes.vocabulary.executions import ExecType, ExecutionReport, OrdStatus
from tests.api.use_cases.homes import entries
from tests.api.use_cases.services import ACCOUNT, ordered, service_at


@pytest.fixture(autouse=True)
def _no_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """The outbox is handed over when a test says so."""
    monkeypatch.setattr(broker, "PAUSE_S", 3600.0)


@pytest.fixture
def service(lake: Lake, tmp_path: Path) -> Iterator[Service]:
    with service_at(tmp_path / "home", lake) as opened:
        yield opened
    assert log_folder_to_read(tmp_path / "home").verification().is_intact


@pytest.fixture(scope="module")
def quiet(lake: Lake, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """One without orders, for reports that nothing comes of."""
    with service_at(tmp_path_factory.mktemp("quiet") / "home", lake) as opened:
        yield opened


def sent(service: Service) -> str:
    """An order for 100 shares that the broker has."""
    order_id = ordered(service).cl_ord_id
    assert order_id is not None
    dispatch(service)
    return order_id


def account(service: Service) -> AccountState:
    with service.store.reader() as reader:
        row = reader.account(ACCOUNT)
    assert row is not None
    return account_from_bytes(row.content)


def trade(order_id: str, exec_id: str = "x1", shares: int = 30, price: str = "190.00") -> ExecutionReport:
    return ExecutionReport(order_id, exec_id, ExecType.TRADE, shares, Decimal(price), Decimal("0.35"), venue="XNYS")


def booked(service: Service, report: ExecutionReport) -> Booked:
    return booked_report(service, report, "broker")


def test_a_fill_that_a_broker_reports_moves_the_account_and_leaves_the_rest_working(service: Service) -> None:
    """API-STR-03."""
    order_id = sent(service)
    taken, record = booked(service, trade(order_id))
    assert (taken, record.life.status, record.life.leaves_shares) == (Taken.APPLIED, OrdStatus.PARTIALLY_FILLED, 70)
    state = account(service)
    assert (state.position_shares("IBM"), state.fees_usd, state.pending_buy_shares("IBM")) == (30, Decimal("0.35"), 70)
    advanced_session(service, "alice")
    with service.store.reader() as reader:
        assert order_record(reader, order_id).life.cum_shares == 100
    assert account(service).position_shares("IBM") == 100


def test_a_fill_that_comes_after_the_cancel_counts_and_is_told_as_late(service: Service) -> None:
    order_id = sent(service)
    cancelled_order(service, CancelCommand(order_id, "alice", "no more")).result()
    dispatch(service)
    assert account(service).pending_buy_shares("IBM") == 0
    taken, record = booked(service, trade(order_id))
    assert (taken, record.life.status) == (Taken.LATE_FILL, OrdStatus.CANCELED)
    assert (record.life.cum_shares, record.life.ended_shares, record.life.is_whole) == (30, 70, True)
    assert (record.events[-1].taken, record.events[-1].venue) == ("late-fill", "XNYS")
    assert account(service).position_shares("IBM") == 30


def test_the_same_report_again_changes_nothing_even_from_many_at_once(service: Service) -> None:
    order_id = sent(service)
    with ThreadPoolExecutor(4) as pool:
        found = [each.taken for each in pool.map(lambda _: booked(service, trade(order_id)), range(4))]
    assert sorted(each.value for each in found) == ["applied", "duplicate", "duplicate", "duplicate"]
    assert account(service).position_shares("IBM") == 30
    assert len(entries(service.store, EntryKind.FILL)) == 1


def test_a_bust_takes_a_fill_back_by_an_entry_of_its_own(service: Service) -> None:
    order_id = sent(service)
    before = account(service)
    booked(service, trade(order_id, shares=100))
    taken, record = booked(service, ExecutionReport(order_id, "x2", ExecType.TRADE_CANCEL, exec_ref_id="x1"))
    assert (taken, record.life.status, record.life.cum_shares) == (Taken.APPLIED, OrdStatus.CANCELED, 0)
    after = account(service)
    assert (after.cash_usd, after.position_shares("IBM"), after.fees_usd) == (before.cash_usd, 0, before.fees_usd)
    (told,) = [each for each in entries(service.store, EntryKind.CORRECTION) if "exec_ref_id" in each.facts]
    assert (told.facts["exec_type"], told.facts["old_fill_shares"], told.facts["fill_shares"]) == ("H", 100, 0)
    assert len(entries(service.store, EntryKind.FILL)) == 1
    with service.store.reader() as reader:
        placed = placed_order(reader, order_id)
    assert (placed.filled_shares, placed.filled_price_usd) == (0, None)
    advanced_session(service, "alice")
    with service.store.reader() as reader:
        assert books(reader, ACCOUNT)[-1].shares == {}


def test_a_correction_says_what_a_fill_should_have_said(service: Service) -> None:
    order_id = sent(service)
    cash = account(service).cash_usd
    booked(service, trade(order_id))
    right = replace(trade(order_id, "x2", 20, "190.50"), exec_type=ExecType.TRADE_CORRECT, exec_ref_id="x1")
    _, record = booked(service, right)
    assert (record.life.cum_shares, record.life.average_price_usd) == (20, Decimal("190.50"))
    state = account(service)
    assert state.position_shares("IBM") == 20
    assert cash - state.cash_usd == 20 * Decimal("190.50") + Decimal("0.35")
    assert record.events[-1].corrects == "x1"


def test_a_settled_fill_of_a_part_can_be_taken_back(service: Service) -> None:
    """EXE-15: what the simulator filled is an execution like any other."""
    order_id = sent(service)
    advanced_session(service, "alice")
    fill = entries(service.store, EntryKind.FILL)[0].facts
    _, record = booked(
        service, ExecutionReport(order_id, "x2", ExecType.TRADE_CANCEL, exec_ref_id=str(fill["exec_id"]))
    )
    assert record.life.cum_shares == 100 - fill["fill_shares"] == account(service).position_shares("IBM")
    assert sum(child.cum_shares for child in record.children) == record.life.cum_shares


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"last_shares": 101}, "makes 101 of an order of 100 shares; ask the broker"),
        ({"exec_type": ExecType.TRADE_CORRECT, "exec_ref_id": "nothing"}, "is about fill 'nothing', which the order"),
    ],
)
def test_a_report_that_cannot_be_is_refused(service: Service, changes: dict[str, object], match: str) -> None:
    order_id = sent(service)
    with pytest.raises(EdgeError, match=match):
        booked(service, replace(trade(order_id), **changes))  # type: ignore[arg-type]  # of the fields' types
    assert account(service).position_shares("IBM") == 0


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"order_id": "NONE"}, "no order is called 'NONE'; ask the broker whose it is"),
        ({"order_id": "NUL\0"}, "no order is called"),
        ({"exec_id": ""}, "name an ExecID"),
        ({"exec_id": "a\nb"}, "cannot be shown in one line"),
        ({"exec_ref_id": "x0"}, "of type TRADE about 'x0' is none"),
        ({"exec_type": ExecType.NEW}, "of type NEW about '' is none"),
        ({"last_shares": 0}, "says 0 at 190.00, fee 0.35; say shares and price"),
        ({"last_price_usd": Decimal("NaN")}, "says 30 at NaN"),
        ({"fee_usd": Decimal("1e13")}, "fee 1E\\+13"),
        ({"exec_type": ExecType.TRADE_CANCEL, "exec_ref_id": "x0"}, "none of a cancel"),
    ],
)
def test_a_report_that_says_nothing_that_can_be_booked_is_refused(
    quiet: Service, changes: dict[str, object], match: str
) -> None:
    with pytest.raises(EdgeError, match=match):
        booked(quiet, replace(trade("NONE"), **changes))  # type: ignore[arg-type]  # of the fields' types


def test_a_report_waits_for_the_acknowledgement(service: Service) -> None:
    order_id = ordered(service).cl_ord_id or ""
    with pytest.raises(EdgeError, match="waits for the broker's acknowledgement to be recorded; report it again"):
        booked(service, trade(order_id))


def test_an_execution_of_one_order_is_not_booked_for_another(service: Service) -> None:
    """EXE-15: the log and its journal know an execution by its ExecID alone."""
    first, second = sent(service), ordered(service, "k2", symbol="MSFT").cl_ord_id or ""
    dispatch(service)
    booked(service, trade(first))
    with pytest.raises(EdgeError, match="execution 'x1' is booked for another order; look it up"):
        booked(service, trade(second))
    assert account(service).position_shares("MSFT") == 0


@pytest.mark.parametrize(
    ("right", "left"),
    [
        (ExecutionReport("", "x2", ExecType.TRADE_CANCEL, exec_ref_id="x1"), 100),
        (replace(trade("", "x2", 80), exec_type=ExecType.TRADE_CORRECT, exec_ref_id="x1"), 20),
        (replace(trade("", "x2", 45), exec_type=ExecType.TRADE_CORRECT, exec_ref_id="x1"), 55),
        (replace(trade("", "x2", 100), exec_type=ExecType.TRADE_CORRECT, exec_ref_id="x1"), 0),
    ],
)
def test_what_is_put_right_of_a_working_order_changes_what_is_left_of_it(
    service: Service, right: ExecutionReport, left: int
) -> None:
    """No share is lost or doubled: what stands and what is left are the order."""
    order_id = sent(service)
    booked(service, trade(order_id, shares=60))
    _, record = booked(service, replace(right, order_id=order_id))
    assert (record.life.leaves_shares, account(service).pending_buy_shares("IBM")) == (left, left)
    advanced_session(service, "alice")
    with service.store.reader() as reader:
        life = order_record(reader, order_id).life
    assert (life.order_shares, life.status, life.cum_shares) == (100, OrdStatus.FILLED, 100)
    assert account(service).position_shares("IBM") == 100


def test_an_order_stays_as_large_as_it_is_when_a_fill_comes_for_one_that_never_was(service: Service) -> None:
    order_id = sent(service)
    booked(service, trade(order_id, shares=70))
    booked(service, trade(order_id, "x2", 30))
    booked(service, ExecutionReport(order_id, "x3", ExecType.TRADE_CANCEL, exec_ref_id="x2"))
    _, record = booked(service, trade(order_id, "x4", 30))
    assert (record.life.order_shares, record.life.status, record.life.leaves_shares) == (100, OrdStatus.FILLED, 0)


def test_an_order_that_is_replaced_once_it_has_traded_ends_replaced(service: Service) -> None:
    order_id = sent(service)
    booked(service, trade(order_id))
    replaced_order(service, ReplaceCommand(order_id, "alice", "r1", 90), ACCOUNT).result()
    dispatch(service)
    with service.store.reader() as reader:
        life = order_record(reader, order_id).life
    assert (life.status, life.cum_shares, life.ended_shares) == (OrdStatus.REPLACED, 30, 70)
    assert account(service).pending_buy_shares("IBM") == 60


def test_a_fill_that_is_quicker_than_a_replacement_keeps_both_at_their_sizes(service: Service) -> None:
    """API-STR-03: 90 shares were decided when none had traded; with the 30 that have by now they would be 120."""
    order_id = sent(service)
    new_id = replaced_order(service, ReplaceCommand(order_id, "alice", "r1", 90), ACCOUNT).result().cl_ord_id or ""
    booked(service, trade(order_id))
    assert dispatch(service) == 1
    with service.store.reader() as reader:
        lives = [order_record(reader, each).life for each in (order_id, new_id)]
    assert [life.status for life in lives] == [OrdStatus.PARTIALLY_FILLED, OrdStatus.REJECTED]
    assert account(service).pending_buy_shares("IBM") == 70
    again = replaced_order(service, ReplaceCommand(order_id, "alice", "r2", 90), ACCOUNT).result()
    dispatch(service)
    assert (again.answer.order_shares, account(service).pending_buy_shares("IBM")) == (60, 60)


def test_a_part_that_a_report_names_is_one_of_the_route(service: Service) -> None:
    """EXE-15."""
    order_id = sent(service)
    with pytest.raises(EdgeError, match=r"part 'elsewhere' is none of order .*, whose parts are .*; name one of them"):
        booked(service, replace(trade(order_id), part_id="elsewhere"))
    for place, exec_id in enumerate(("x1", "x2")):  # the second part is what an auction leaves of the first
        booked(service, replace(trade(order_id, exec_id), part_id=child_cl_ord_id(order_id, place)))
    with service.store.reader() as reader:
        children = order_record(reader, order_id).children
    assert [(child.order.how, child.cum_shares) for child in children] == [("auction", 30), ("rest", 30)]


def test_a_report_about_an_order_that_the_same_append_changes_is_to_be_sent_again(service: Service) -> None:
    order_id = sent(service)

    def at_once(transaction: Transaction) -> None:
        transaction.mark_order(order_id, OrderState.RECALLED)
        _booked(service, trade(order_id), "broker", transaction)

    with pytest.raises(EdgeError, match="is being changed; report it again after that"):
        service.writer.submit(at_once).result()


def test_what_was_traded_before_a_split_is_not_put_right_in_old_shares(tmp_path: Path, lake: Lake) -> None:
    """AAPL split two for one on 2005-02-28: a fill of 100 shares before it is one of 200 now."""
    with service_at(tmp_path / "home", lake, market_on=date(2005, 2, 24)) as service:
        order_id = ordered(service, symbol="AAPL").cl_ord_id or ""
        dispatch(service)
        booked(service, trade(order_id, shares=40, price="88.00"))
        never = ExecutionReport(order_id, "x2", ExecType.TRADE_CANCEL, exec_ref_id="x1")
        for _ in range(2):
            advanced_session(service, "alice")
        held = account(service).position_shares("AAPL")
        fewer = replace(never, exec_type=ExecType.TRADE_CORRECT, last_shares=30, last_price_usd=Decimal(88))
        for report in (never, fewer):
            with pytest.raises(EdgeError, match="AAPL was split on 2005-02-28, after what report 'x2' is about; book"):
                booked(service, report)
        assert account(service).position_shares("AAPL") == held


def by_hand(service: Service, booking: Booking) -> None:
    """Book something in the journal."""
    book = journal(service.store)
    keeper = Bookkeeper(book, lambda work: service.writer.submit(work).result(), service.clock, "ada")
    book.caught_up()
    posted(keeper, booking, "by hand")
    book.file.close()


def test_an_execution_that_was_booked_by_hand_is_not_booked_again(service: Service) -> None:
    """JRN-01: whoever tells of it, account and journal hold it once."""
    order_id = sent(service)
    origin = origin_for(ACCOUNT, datetime(2013, 1, 2, 21, tzinfo=UTC))
    missing = Traded(origin, "IBM", Decimal(30), Decimal(190), "USD", exec_id="x1")
    by_hand(service, missing)
    with pytest.raises(EdgeError, match="execution 'x1' is booked by hand; look it up in the journal"):
        booked(service, trade(order_id))
    assert account(service).position_shares("IBM") == 30


def test_a_fill_that_was_taken_back_by_hand_is_not_taken_back_again(service: Service) -> None:
    order_id = sent(service)
    booked(service, trade(order_id))
    right = replace(trade(order_id, "x2", 20), exec_type=ExecType.TRADE_CORRECT, exec_ref_id="x1")
    booked(service, right)
    (fill,) = entries(service.store, EntryKind.FILL)
    origin = origin_for(ACCOUNT, datetime(2013, 1, 2, 21, tzinfo=UTC), corrects=fill.entry_id.hex())
    by_hand(service, Busted(origin, None))
    with pytest.raises(EdgeError, match="execution 'x2' was put right by hand; look it up in the journal"):
        booked(service, ExecutionReport(order_id, "x3", ExecType.TRADE_CANCEL, exec_ref_id="x2"))
    assert account(service).position_shares("IBM") == 0
