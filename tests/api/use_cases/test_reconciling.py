"""A broker's file against the journal of a real log: in three forms it agrees, and what is planted in it is found."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from adapters.lake.lake import Lake
from adapters.statements.reading import Asked
from api.use_cases.journal import Journal, journal
from api.use_cases.reconciling import Reconciled, StatementFile, exchange_day, reconciled
from governance.ports import LogStore
from nodes.vocabulary.instants import instant_from_text
from nodes.vocabulary.statements import Cause
from policies.reconciliation import Treatment, shipped_reconciliation
from policies.statements import parsed_mapping, shipped_mapping
from tests.api.use_cases.homes import FIRST_ON, LAST_ON, copied_home, desk_at
from tests.broker_statements import Brokers, Told, alpaca_statement, brokers_side, csv_statement, drop_copy

TODAY = date(2005, 3, 4)
ACCOUNT = "demo"


@dataclass(frozen=True)
class Sides:
    """A log with its journal, and what the broker has of it."""

    store: LogStore
    book: Journal
    brokers: Brokers

    def reconciled(self, data: bytes, mapping: str = "statement-csv", **asked: date) -> Reconciled:
        file = StatementFile(data, shipped_mapping(mapping), Asked(ACCOUNT, **asked))
        return reconciled(self.book, file, shipped_reconciliation(), TODAY)


@pytest.fixture(scope="module")
def sides(ran: Path, lake: Lake, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sides]:
    home = copied_home(ran, tmp_path_factory.mktemp("sides") / "home")
    with desk_at(home, lake) as opened:
        book = journal(opened.desk.store)
        with closing(book.file):
            yield Sides(opened.desk.store, book, brokers_side(opened.desk.store, ACCOUNT))


def test_the_broker_holds_what_the_journal_holds(sides: Sides) -> None:
    """JRN-01: to the last digit, by two computations that share nothing but the log."""
    found = sides.reconciled(csv_statement(sides.brokers))
    assert found.result.is_clean
    assert found.result.n_matched == len(sides.brokers.lines) > 10
    assert {line.record for line in sides.brokers.lines} >= {"trade", "dividend", "split"}
    assert found.result.balances is not None
    (cash,) = found.result.balances
    assert cash.stated == cash.booked == sides.brokers.cash_usd


def test_alpacas_activities_agree_with_fees_of_a_day_as_one_and_cash_to_the_cent(sides: Sides) -> None:
    found = sides.reconciled(alpaca_statement(sides.brokers), "alpaca-activities")
    assert {each.cause for each in found.result.breaks} <= {Cause.ROUNDING}
    assert found.result.n_stated > 10


def test_a_drop_copy_agrees_and_the_dividends_and_splits_that_it_never_tells_are_unconfirmed(sides: Sides) -> None:
    found = sides.reconciled(drop_copy(sides.brokers, "|"), "fix-drop-copy", since=FIRST_ON, until=LAST_ON)
    untold = [line for line in sides.brokers.lines if line.record != "trade"]
    kinds = [each.booked.kind.value for each in found.result.breaks if each.booked is not None]
    assert {each.cause for each in found.result.breaks} == {Cause.UNCONFIRMED}
    assert Counter(kinds) == Counter(line.record for line in untold)


def test_one_line_an_order_agrees_where_the_mapping_says_so(sides: Sides) -> None:
    text = shipped_mapping("statement-csv").text.replace(b"grouping: execution", b"grouping: order")
    file = StatementFile(csv_statement(sides.brokers), parsed_mapping(text, "orders.yaml"), Asked(ACCOUNT))
    found = reconciled(sides.book, file, shipped_reconciliation(), TODAY)
    assert found.result.is_clean
    assert found.result.n_matched <= len(sides.brokers.lines)


def _plants(line: Told) -> dict[Cause, list[Told]]:
    """What a broker could get wrong about a line, by the cause that must be found."""
    cent = Decimal("0.01")
    if line.record != "trade":
        return {Cause.UNCONFIRMED: []}
    quantity, price, fee = (value or Decimal(0) for value in (line.quantity, line.price, line.fee))
    told = {
        Cause.WRONG_PRICE: replace(line, price=price + cent),
        Cause.WRONG_QUANTITY: replace(line, quantity=quantity * 2),
        Cause.WRONG_FEE: replace(line, fee=fee + cent),
        Cause.WRONG_SIGN: replace(line, quantity=-quantity),
        Cause.UNKNOWN_SYMBOL: replace(line, symbol="APPL"),
    }
    right = {cause: [_summed(each)] for cause, each in told.items()}
    other = replace(line, reference=f"more-{line.reference}", price=price * 2)
    return {
        **right,
        Cause.DUPLICATE: [line, line],
        Cause.MISSING_FILL: [line, _summed(other)],
        Cause.UNCONFIRMED: [],
        Cause.WRONG_AMOUNT: [replace(line, amount=(line.amount or Decimal(0)) + 1)],
    }


def _summed(line: Told) -> Told:
    quantity, price, fee = (value or Decimal(0) for value in (line.quantity, line.price, line.fee))
    return replace(line, amount=-quantity * price - fee)


@pytest.mark.parametrize("seed", range(6))
def test_every_break_planted_in_a_statement_of_the_log_is_found_with_its_cause(sides: Sides, seed: int) -> None:
    """JRN-01: through file, mapping and journal."""
    chance = random.Random(seed)
    lines: list[Told] = []
    expected: list[Cause] = []
    for line in sides.brokers.lines:
        plants = _plants(line) if chance.random() < 0.4 else {}
        cause = chance.choice(list(plants)) if plants else None
        lines += [line] if cause is None else plants[cause]
        expected += [] if cause is None else [cause]
    found = sides.reconciled(csv_statement(sides.brokers.with_lines(lines)), since=FIRST_ON, until=LAST_ON)
    assert Counter(each.cause for each in found.result.breaks) == Counter(expected)
    ends = (*(found.result.positions or ()), *(found.result.balances or ()))
    assert all(line.unexplained == 0 for line in ends)


def test_what_the_policy_says_decides_what_may_be_posted(sides: Sides) -> None:
    first, *rest = (line for line in sides.brokers.lines if line.record == "trade")
    told = [replace(first, symbol="APPL"), *rest, *(line for line in sides.brokers.lines if line.record != "trade")]
    found = sides.reconciled(csv_statement(sides.brokers.with_lines(told)))
    assert [(each.treatment, each.is_postable) for each in found.findings] == [(Treatment.REVIEW, False)]


def test_the_day_of_an_instant_is_that_of_the_exchange() -> None:
    assert exchange_day(instant_from_text("2013-02-20T03:00:00Z")) == date(2013, 2, 19)
