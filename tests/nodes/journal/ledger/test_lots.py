"""Lots lose no digit: parts add up to the whole, and each method takes the lots that it says."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.journal.ledger.lots import apportioned, cost_of, plain, relieved, scaled, spread, units_of
from nodes.vocabulary.errors import DataError
from nodes.vocabulary.journal import Lot, LotCost, LotMethod
from tests.nodes.journal.ledger.ledgers import START

AMOUNTS = st.integers(-(10**12), 10**12).map(lambda units: Decimal(units).scaleb(-4))
COUNTS = st.integers(1, 10**6).map(Decimal)


def lot(name: str, quantity: int | str, unit_cost: int | str, day: int = 0) -> Lot:
    cost = LotCost(Decimal(unit_cost), "USD", START + timedelta(days=day), name)
    return Lot("AAA", Decimal(quantity), cost)


LADDER = (lot("a", 10, 30, 2), lot("b", 10, 10, 0), lot("c", 10, 20, 1))


@given(count=COUNTS, amount=AMOUNTS, is_short=st.booleans())
def test_a_cost_spread_over_units_adds_up_to_itself(count: Decimal, amount: Decimal, *, is_short: bool) -> None:
    quantity = -count if is_short else count
    parts = apportioned(quantity, amount)
    assert sum(units for units, _ in parts) == quantity
    assert sum(units * cost for units, cost in parts) == amount
    costs = [cost for _, cost in parts]
    assert len(parts) <= 2
    assert max(costs) - min(costs) <= Decimal("0.000001")


def test_parts_of_a_share_carry_their_cost_as_well() -> None:
    parts = apportioned(Decimal("0.3"), Decimal(1))
    assert sum(units * cost for units, cost in parts) == 1
    assert sum(units for units, _ in parts) == Decimal("0.3")


def test_no_cost_is_spread_over_no_units() -> None:
    with pytest.raises(DataError, match="12 cannot be spread over no units; state how many"):
        apportioned(Decimal(0), Decimal(12))


@given(AMOUNTS, st.lists(st.integers(1, 1000).map(Decimal), min_size=1, max_size=6))
def test_a_spread_adds_up_and_stays_in_proportion(whole: Decimal, weights: list[Decimal]) -> None:
    step = Decimal("0.01")
    parts = spread(whole, weights, step)
    assert sum(parts) == whole
    fair = [whole * weight / sum(weights) for weight in weights]
    assert all(abs(part - share) <= 2 * step for part, share in zip(parts, fair, strict=True))


@pytest.mark.parametrize(
    ("method", "taken"),
    [
        (LotMethod.FIFO, {"b": -10, "c": -5}),
        (LotMethod.SPECIFIC, {"b": -10, "c": -5}),
        (LotMethod.LIFO, {"a": -10, "c": -5}),
        (LotMethod.HIFO, {"a": -10, "c": -5}),
    ],
)
def test_each_method_takes_its_lots(method: LotMethod, taken: dict[str, int]) -> None:
    relief = relieved(LADDER, Decimal(15), method)
    assert {each.cost.lot: each.quantity for each in relief.changes} == taken
    assert units_of(relief.left) == 15
    assert cost_of(relief.left) + relief.cost == cost_of(LADDER)


def test_the_dearest_lot_of_a_short_position_is_the_one_sold_cheapest() -> None:
    shorts = (lot("a", -10, 30), lot("b", -10, 10))
    assert relieved(shorts, Decimal(-10), LotMethod.HIFO).changes[0].cost.lot == "b"


def test_named_lots_are_taken_in_the_order_in_which_they_are_named() -> None:
    relief = relieved(LADDER, Decimal(12), LotMethod.SPECIFIC, ("c", "a"))
    assert {each.cost.lot: each.quantity for each in relief.changes} == {"c": -10, "a": -2}


def test_named_lots_must_hold_what_is_closed() -> None:
    with pytest.raises(DataError, match="hold 10 units of the 12 to close; name more"):
        relieved(LADDER, Decimal(12), LotMethod.SPECIFIC, ("c",))


@pytest.mark.parametrize("quantity", [31, -1, 0])
def test_no_more_is_closed_than_is_held(quantity: int) -> None:
    with pytest.raises(DataError, match="units cannot be closed of 30; close at most what is held"):
        relieved(LADDER, Decimal(quantity), LotMethod.FIFO)


@given(st.lists(st.tuples(st.integers(1, 300), st.integers(1, 99_999)), min_size=1, max_size=6), st.data())
def test_average_cost_takes_its_part_to_the_millionth(rows: list[tuple[int, int]], data: st.DataObject) -> None:
    lots = tuple(lot(str(place), units, str(Decimal(cents) / 100), place) for place, (units, cents) in enumerate(rows))
    held, cost = units_of(lots), cost_of(lots)
    quantity = Decimal(data.draw(st.integers(1, int(held))))
    relief = relieved(lots, quantity, LotMethod.AVERAGE)
    assert abs(relief.cost - cost * quantity / held) <= Decimal("0.0000005")
    assert cost_of(relief.left) == cost - relief.cost
    assert units_of(relief.left) == held - quantity
    assert cost_of(relief.changes) == -relief.cost


def test_lots_at_average_cost_are_merged_into_the_oldest() -> None:
    left = relieved(LADDER, Decimal(15), LotMethod.AVERAGE).left
    assert {each.cost.lot for each in left} == {"average"}
    assert {each.cost.acquired_at for each in left} == {START}


@given(st.lists(st.tuples(st.integers(1, 50), AMOUNTS), min_size=1, max_size=5), st.integers(1, 200))
def test_scaled_lots_keep_every_cost(rows: list[tuple[int, Decimal]], quantity: int) -> None:
    lots = [lot(str(place), units, 1, place) for place, (units, _) in enumerate(rows)]
    costs = [cost for _, cost in rows]
    found = scaled(lots, Decimal(quantity), costs, "BBB")
    assert units_of(found) == quantity
    assert cost_of(found) == sum(costs)
    assert {each.symbol for each in found} == {"BBB"}


@pytest.mark.parametrize(("amount", "text"), [("100", "100"), ("1.500", "1.5"), ("0.00", "0"), ("1E+3", "1000")])
def test_a_plain_amount_has_no_zeros_at_its_end(amount: str, text: str) -> None:
    assert str(plain(Decimal(amount))) == text


def test_an_amount_that_is_none_is_refused() -> None:
    with pytest.raises(DataError, match="NaN is no amount; state a finite one"):
        plain(Decimal("NaN"))
