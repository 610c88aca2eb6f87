"""Which movements are one: the nearest first, the same pairs always."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from nodes.journal.reconciliation.matching import content, matched, parted
from nodes.vocabulary.statements import Movement, MovementKind, Terms

ON = date(2013, 1, 7)
TRADE = Movement(MovementKind.TRADE, ON, "AAPL", Decimal(100), Decimal(10), place="1")
TERMS = Terms()


def test_the_same_content_is_matched_before_what_is_only_near() -> None:
    near = replace(TRADE, price=Decimal("10.01"))
    assert matched([near, TRADE], [TRADE, near], TERMS).pairs == ((0, 1), (1, 0))


def test_of_several_near_ones_the_nearest_is_taken() -> None:
    told = replace(TRADE, price=Decimal("10.02"))
    booked = [replace(TRADE, price=Decimal(price)) for price in ("10.50", "10.03", "9.00")]
    assert matched([told], booked, TERMS).pairs == ((0, 1),)


def test_a_day_that_is_too_far_is_another_movement() -> None:
    assert matched([TRADE], [replace(TRADE, on=ON + timedelta(days=4))], TERMS).pairs == ((0, 0),)
    found = matched([TRADE], [replace(TRADE, on=ON + timedelta(days=5))], TERMS)
    assert (found.pairs, found.stated_only, found.booked_only) == ((), (0,), (0,))


def test_a_price_that_is_not_told_matches_any() -> None:
    assert matched([replace(TRADE, price=None, amount=Decimal(-1000))], [TRADE], TERMS).pairs == ((0, 0),)


def test_a_charge_matches_whether_or_not_it_names_the_symbol() -> None:
    booked = Movement(MovementKind.BORROW, ON, "AAPL", amount=Decimal("-3.10"))
    assert matched([replace(booked, symbol="")], [booked], TERMS).pairs == ((0, 0),)


def test_what_repeats_a_reference_is_parted_from_what_was_told_first() -> None:
    named = replace(TRADE, reference="a")
    assert parted([named, TRADE, TRADE, replace(named, place="9")]) == (
        (named, TRADE, TRADE),
        (replace(named, place="9"),),
    )


def test_the_place_is_no_part_of_the_content() -> None:
    assert content(replace(TRADE, place="7")) == content(TRADE)
