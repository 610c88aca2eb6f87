"""Postings: an amount of nothing makes none, and what stays in place is left out."""

from __future__ import annotations

from decimal import Decimal

from nodes.journal.ledger.postings import (
    cash_postings,
    entry_of,
    gain_postings,
    lot_difference,
    money_postings,
    security_posting,
)
from nodes.vocabulary.journal import JournalKind, Lot, LotCost, Price
from tests.nodes.journal.ledger.ledgers import START, origin

COST = LotCost(Decimal(5), "USD", START, "k0")


def test_nothing_makes_no_posting() -> None:
    assert not money_postings("Equity:Demo:Corrections", Decimal(0), "USD")
    assert not cash_postings("demo", Decimal(0), "USD")
    assert not gain_postings("demo", "AAA", Decimal(0), "USD")


def test_a_gain_is_income_and_so_negative() -> None:
    (posting,) = gain_postings("demo", "AAA", Decimal(3), "USD")
    assert (posting.account, posting.quantity) == ("Income:Demo:Gains:AAA", Decimal(-3))


def test_units_stand_with_their_cost_and_the_price_remarked() -> None:
    posting = security_posting("demo", Lot("AAA", Decimal(-4), COST), Price(Decimal(9), "USD"))
    assert (posting.weight, posting.weight_currency, posting.price) == (Decimal(-20), "USD", Price(Decimal(9), "USD"))


def test_only_what_changes_between_lots_is_posted() -> None:
    other = LotCost(Decimal(6), "USD", START, "k1")
    old = (Lot("AAA", Decimal(4), COST), Lot("AAA", Decimal(2), other))
    new = (Lot("AAA", Decimal(3), COST), Lot("AAA", Decimal(2), other))
    (posting,) = lot_difference("demo", old, new)
    assert (posting.quantity, posting.cost) == (Decimal(-1), COST)


def test_an_entry_takes_over_where_it_comes_from() -> None:
    source = origin(3, corrects="k1")
    entry = entry_of(source, JournalKind.BUST, "takes back k1", ())
    assert (entry.entry_key, entry.account_id, entry.as_of, entry.corrects) == ("k3", "demo", source.as_of, "k1")
