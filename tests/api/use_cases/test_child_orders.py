"""Parts of an order are told from its executions: by part, with fees, and as corrections leave them."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from api.use_cases.child_orders import REST, child_orders, child_records
from governance.entries import Entry, EntryKind, child_cl_ord_id
from nodes.vocabulary.instants import EPOCH
from tests.api.http.schemas.test_account import _answer

ANSWER = _answer(100)
PART = child_cl_ord_id(ANSWER.cl_ord_id or "", 0)


def execution(exec_id: str, shares: int, part: str = PART, **facts: Any) -> Entry:
    money = {"fill_shares": shares, "fill_price_usd": Decimal("10.00"), "commission_usd": Decimal("0.35")}
    fees = {"sell_fee_usd": Decimal(0), "venue_fee_usd": Decimal("-0.05"), "venue": "IEX"}
    kind = EntryKind.CORRECTION if "exec_ref_id" in facts else EntryKind.FILL
    return Entry(kind, "paper", EPOCH, EPOCH, {"exec_id": exec_id, "child_cl_ord_id": part, **money, **fees, **facts})


def test_a_part_is_told_with_what_it_traded_and_was_charged() -> None:
    """EXE-15."""
    (part,) = child_records(ANSWER, [execution("a", 60), execution("b", 30)])
    assert (part.cl_ord_id, part.order.shares, part.cum_shares, part.n_executions) == (PART, 100, 90, 2)
    assert (part.average_price_usd, part.fees_usd) == (Decimal(10), Decimal("0.60"))


def test_a_part_that_has_not_traded_has_no_price() -> None:
    (part,) = child_records(ANSWER, [])
    assert (part.cum_shares, part.average_price_usd) == (0, None)


def test_what_an_auction_left_is_a_part_of_its_own() -> None:
    first, rest = child_records(ANSWER, [execution("a", 60), execution("b", 25, "other"), execution("c", 15, "other")])
    assert (first.cum_shares, rest.cl_ord_id) == (60, "other")
    assert (rest.order.how, rest.order.venue, rest.order.shares, rest.cum_shares) == (REST, "IEX", 40, 40)


def test_corrections_stand_in_the_place_of_what_they_correct() -> None:
    told = [
        execution("a", 60),
        execution("b", 40),
        execution("c", 50, exec_ref_id="a"),
        execution("d", 0, exec_ref_id="b"),
    ]
    assert child_records(ANSWER, told)[0].cum_shares == 50


def test_executions_of_no_part_count_for_none() -> None:
    entry = Entry(EntryKind.FILL, "paper", EPOCH, EPOCH, {"fill_shares": 10, "fill_price_usd": Decimal(1)})
    assert child_records(ANSWER, [entry])[0].cum_shares == 0


def test_an_order_that_did_not_go_out_has_no_parts() -> None:
    assert child_orders(replace(ANSWER, cl_ord_id=None)) == ()
