"""Reconciliations in the log: recorded once, corrections posted as new entries by a person, books clean afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest

from adapters.lake.lake import Lake
from adapters.log_folder import log_folder_to_read
from adapters.statements.reading import Asked
from api.bootstrap import shell_clock
from api.use_cases.journal import Journal, journal
from api.use_cases.journal_posting import Bookkeeper
from api.use_cases.model_desk import store_append
from api.use_cases.reconciliation_report import ReconciliationView
from api.use_cases.reconciliations import Corrections, corrected, made, reconciliations, recorded, recorded_report
from api.use_cases.reconciling import StatementFile
from governance.entries import EntryKind
from governance.ports import LogStore
from nodes.journal.account import account_from_bytes
from nodes.vocabulary.errors import EdgeError
from nodes.vocabulary.statements import Cause
from policies.reconciliation import ReconciliationSheet, parsed_reconciliation, shipped_reconciliation
from policies.statements import parsed_mapping, shipped_mapping
from tests.api.use_cases.homes import copied_home, desk_at, records
from tests.broker_statements import Brokers, Told, brokers_side, csv_statement

ACCOUNT = "demo"


@dataclass(frozen=True)
class Office:
    """Who reconciles a log, and what the broker has of it."""

    home: Path
    store: LogStore
    keeper: Bookkeeper
    brokers: Brokers

    def made(self, brokers: Brokers, policy: ReconciliationSheet | None = None) -> ReconciliationView:
        return made(self.keeper, self.file(brokers), policy or shipped_reconciliation())[1]

    def file(self, brokers: Brokers) -> StatementFile:
        return StatementFile(csv_statement(brokers), shipped_mapping("statement-csv"), Asked(ACCOUNT))

    def corrected(self, brokers: Brokers, policy: ReconciliationSheet | None = None, *only: str) -> Corrections:
        found, view = made(self.keeper, self.file(brokers), policy or shipped_reconciliation())
        return corrected(self.keeper, found, view, "the broker showed us the tickets", only)


@pytest.fixture
def office(ran: Path, lake: Lake, tmp_path: Path) -> Iterator[Office]:
    with desk_at(copied_home(ran, tmp_path / "home"), lake) as opened:
        store = opened.desk.store
        book: Journal = journal(store)
        with closing(book.file):
            keeper = Bookkeeper(book, store_append(store), shell_clock, "ann")
            yield Office(tmp_path / "home", store, keeper, brokers_side(store, ACCOUNT))


def _number(value: Decimal | None) -> Decimal:
    assert value is not None
    return value


def _summed(line: Told) -> Told:
    return replace(line, amount=-_number(line.quantity) * _number(line.price) - _number(line.fee))


def _everything_wrong(brokers: Brokers) -> Brokers:
    """A statement that knows better about six things: all that the shipped policy lets a person post."""
    trades = [line for line in brokers.lines if line.record == "trade"]
    others = [line for line in brokers.lines if line.record != "trade"]
    price = _summed(replace(trades[0], price=_number(trades[0].price) + Decimal("0.01")))
    fee = _summed(replace(trades[1], fee=_number(trades[1].fee) + Decimal("0.35")))
    quantity = _summed(replace(trades[2], quantity=_number(trades[2].quantity) + 10))
    amount = replace(trades[3], amount=_number(trades[3].amount) - Decimal("0.02"))
    missing = _summed(replace(trades[4], reference="exec-missed"))
    dividend = Told("dividend", trades[4].on, "IBM", amount=Decimal("12.34"), reference="div-missed")
    charge = Told("fee", trades[4].on, amount=Decimal("-3.21"), reference="fee-missed")
    return brokers.with_lines([*others, price, fee, quantity, amount, *trades[4:], missing, dividend, charge])


def test_corrections_bring_books_account_and_statement_together(office: Office) -> None:
    """JRN-01: 0.00 difference afterwards, by new entries: what was booked before is still there, byte for byte."""
    told = _everything_wrong(office.brokers)
    before = records(office.store)
    assert set(office.made(told).causes) == {
        *("wrong-price", "wrong-fee", "wrong-quantity", "wrong-amount"),
        *("missing-fill", "missing-dividend", "missing-charge"),
    }
    found = office.corrected(told)
    assert (len(found.booked), found.left) == (7, ())
    assert office.made(told).is_clean
    after = records(office.store)
    assert [record.data for record in after[: len(before)]] == [record.data for record in before]
    with office.store.reader() as reader:
        row = reader.account(ACCOUNT)
        assert row is not None
        state = account_from_bytes(row.content)
    assert state.cash_usd == told.cash_usd
    assert {each.symbol: each.position_shares for each in state.holdings} == told.positions
    assert state.imbalance_usd == 0
    assert office.keeper.journal.check().is_sound
    assert log_folder_to_read(office.home).verification().is_intact


def test_posting_the_same_statement_again_books_nothing(office: Office) -> None:
    told = _everything_wrong(office.brokers)
    office.corrected(told)
    size = len(records(office.store))
    assert office.corrected(told).booked == ()
    assert len(records(office.store, EntryKind.JOURNAL)) == 7
    assert len(records(office.store)) == size + 1, "the clean reconciliation is recorded, nothing else"


def test_corrections_from_one_report_are_booked_once_by_whoever_posts_first(office: Office) -> None:
    """Two people look at one report: the second finds everything booked, and the log says nothing twice."""
    found, view = made(office.keeper, office.file(_everything_wrong(office.brokers)), shipped_reconciliation())
    first = corrected(office.keeper, found, view, "the tickets")
    size = len(records(office.store))
    second = corrected(replace(office.keeper, principal="ben"), found, view, "the tickets too")
    assert [each.is_new for _, each in second.booked] == [False] * len(first.booked)
    assert [each.entry_key for _, each in second.booked] == [each.entry_key for _, each in first.booked]
    assert len(records(office.store)) == size


def test_corrections_of_another_file_of_the_same_day_are_not_booked_beside(office: Office) -> None:
    """Two exports of one statement, lines in another order, both looked at before either is posted."""
    told = _everything_wrong(office.brokers)
    turned = told.with_lines(list(told.lines)[::-1])
    first = made(office.keeper, office.file(told), shipped_reconciliation())
    second = made(office.keeper, office.file(turned), shipped_reconciliation())
    corrected(office.keeper, *first, "the tickets")
    size = len(records(office.store, EntryKind.JOURNAL))
    paid = next(each.break_id for each in second[0].findings if each.found.cause is Cause.MISSING_DIVIDEND)
    with pytest.raises(EdgeError, match="since; reconcile it again") as refused:
        corrected(replace(office.keeper, principal="ben"), *second, "the tickets too", [paid])
    assert refused.value.reason == "invalid"
    assert len(records(office.store, EntryKind.JOURNAL)) == size
    assert office.made(turned).breaks == ()


def test_what_was_booked_before_a_correction_failed_is_told_with_its_reason(office: Office) -> None:
    told = _everything_wrong(office.brokers)
    euros = f"dividend,{office.brokers.lines[-1].on},{ACCOUNT},IBM,,,,5.00,EUR,,div-eur,\n".encode()
    file = replace(office.file(told), data=csv_statement(told) + euros)
    found, view = made(office.keeper, file, shipped_reconciliation())
    with pytest.raises(EdgeError, match=r"cannot book 5\.00 EUR"):
        corrected(office.keeper, found, view, "the broker showed us the tickets")
    (_, last) = (record.entry for record in records(office.store, EntryKind.RECONCILIATION))
    assert last.facts["because"] == "the broker showed us the tickets"
    assert len(last.facts["booked"]) == len(records(office.store, EntryKind.JOURNAL)) > 0


def test_only_the_breaks_that_are_named_are_corrected(office: Office) -> None:
    told = _everything_wrong(office.brokers)
    name = next(each.break_id for each in office.made(told).breaks if each.cause == "missing-dividend")
    found = office.corrected(told, None, name)
    assert len(found.booked) == 1
    assert office.made(told).causes.get("missing-dividend") is None
    with pytest.raises(EdgeError, match="has no correction that may be posted"):
        office.corrected(told, None, "brk-0")


@pytest.mark.parametrize(
    ("principal", "because", "words"),
    [("", "seen", "names no person"), ("ann", " ", "no reason is given"), ("ann", "a\x00b", "no reason is given")],
)
def test_only_a_person_with_a_reason_posts(office: Office, principal: str, because: str, words: str) -> None:
    keeper = replace(office.keeper, principal=principal)
    found, view = made(keeper, office.file(office.brokers), shipped_reconciliation())
    with pytest.raises(EdgeError, match=words):
        corrected(keeper, found, view, because)


def test_who_posted_and_why_is_in_the_log_with_what_was_booked(office: Office) -> None:
    office.corrected(_everything_wrong(office.brokers))
    made_entry, told = (record.entry for record in records(office.store, EntryKind.RECONCILIATION))
    booked = records(office.store, EntryKind.JOURNAL)
    assert (told.facts["principal"], told.facts["because"]) == ("ann", "the broker showed us the tickets")
    assert told.cites == tuple(record.entry_id for record in booked)
    assert all(record.entry.cites == (made_entry.entry_id,) for record in booked)


def test_a_recorded_report_is_read_back_as_it_was_made(office: Office) -> None:
    found, view = made(office.keeper, office.file(_everything_wrong(office.brokers)), shipped_reconciliation())
    row = recorded(office.keeper, found, view)
    assert recorded(office.keeper, found, view) == row
    with office.store.reader() as reader:
        assert recorded_report(reader, row.reconciliation_id) == view
        assert reconciliations(reader) == (row,)
        with pytest.raises(EdgeError, match="'rec-0' is not known"):
            recorded_report(reader, "rec-0")


def test_a_break_is_as_old_as_its_first_record_and_overdue_after_the_policys_days(office: Office) -> None:
    found, view = made(office.keeper, office.file(_everything_wrong(office.brokers)), shipped_reconciliation())
    recorded(office.keeper, found, view)
    later = replace(office.keeper, clock=lambda: shell_clock().replace(year=shell_clock().year + 1))
    _, again = made(later, office.file(_everything_wrong(office.brokers)), shipped_reconciliation())
    assert [each.break_id for each in again.breaks] == [each.break_id for each in view.breaks]
    assert {(each.age_class, each.is_overdue) for each in again.breaks} == {("over 5", True)}
    assert again.n_overdue == len(again.breaks)


def test_rounding_is_booked_once_and_then_known(office: Office) -> None:
    """Lines to a tenth against books to the last digit: what rounding makes is one break, and posted one booking."""
    told = office.brokers.with_lines(_in_tenths(line) for line in office.brokers.lines)
    mapping = shipped_mapping("statement-csv")
    text = mapping.text.replace(b"references: ours", b"references: ours\ndecimals: {amount: 1}")
    file = replace(office.file(told), mapping=parsed_mapping(text, "tenths.yaml"))
    found, view = made(office.keeper, file, shipped_reconciliation())
    assert set(view.causes) == {"rounding"}
    corrected(office.keeper, found, view, "the broker rounds")
    assert made(office.keeper, file, shipped_reconciliation())[1].is_clean


def _in_tenths(line: Told) -> Told:
    fee, amount = (
        None if value is None else value.quantize(Decimal("0.1"), ROUND_HALF_UP) for value in (line.fee, line.amount)
    )
    return replace(line, fee=fee, amount=amount)


def test_a_split_that_nobody_booked_is_booked_where_the_shares_stood_still(office: Office) -> None:
    held = office.brokers.positions
    last_on = max(line.on for line in office.brokers.lines)
    symbol = max(held, key=lambda each: held[each])
    split = Told("split", last_on, symbol, held[symbol], reference="split-missed")
    told = office.brokers.with_lines([*office.brokers.lines, split])
    assert office.made(told).causes == {"missing-split": 1}
    office.corrected(told)
    assert office.made(told).is_clean
    assert dict(_positions(office))[symbol] == 2 * held[symbol]


def _positions(office: Office) -> Iterator[tuple[str, Decimal]]:
    return ((each.symbol, each.quantity) for each in office.keeper.journal.positions(ACCOUNT))


def test_a_fee_that_equals_yesterdays_is_not_yesterdays_told_late(office: Office) -> None:
    """What an earlier, recorded statement told is told: the same again is missing, not a matter of timing."""
    last_on = max(line.on for line in office.brokers.lines)
    fee = Told("fee", last_on, amount=Decimal("-3.21"), reference="fee-1")
    first = office.brokers.with_lines([*office.brokers.lines, fee])
    office.corrected(first)
    assert office.made(first).is_clean
    office.corrected(first)
    again = replace(fee, on=last_on + timedelta(days=1), reference="fee-2")
    second = first.with_lines([*first.lines, again])
    whole = csv_statement(second).decode().splitlines(keepends=True)
    n_before = len(first.lines)
    file = replace(office.file(second), data="".join([whole[0], *whole[1 + n_before :]]).encode())
    _, view = made(office.keeper, file, shipped_reconciliation())
    assert (view.since, view.causes) == (str(again.on), {"missing-charge": 1})


def test_a_policy_that_lets_cash_be_corrected_brings_the_balance_together(office: Office) -> None:
    text = shipped_reconciliation().text.replace(b"cash-only: review", b"cash-only: correct")
    policy = parsed_reconciliation(text, "loose.yaml")
    transfer = Told("transfer", office.brokers.lines[-1].on, amount=Decimal(500), reference="wire-2")
    told = office.brokers.with_lines([*office.brokers.lines, transfer])
    assert office.made(told, policy).n_postable == 1
    office.corrected(told, policy)
    assert office.made(told, policy).is_clean
