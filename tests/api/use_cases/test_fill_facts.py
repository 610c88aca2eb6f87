"""What the entry of an execution says, to the last fact."""

from __future__ import annotations

from dataclasses import fields
from datetime import UTC, datetime
from decimal import Decimal

from api.use_cases.fill_facts import fill_facts, fill_fee_usd
from nodes.kernels.fills import Execution

FEES = (Decimal("0.35"), Decimal("0.02"), Decimal("-0.10"))
EXECUTION = Execution("c0-1", "c0", "A", -100, Decimal("10.00"), 10**9, "auction", *FEES, *map(Decimal, "321"))


def test_every_field_of_an_execution_is_a_fact_of_its_entry() -> None:
    facts = fill_facts(EXECUTION, "parent", "filled")
    assert len(facts) == len(fields(Execution)) + 3
    assert (facts["exec_id"], facts["child_cl_ord_id"], facts["cl_ord_id"]) == ("c0-1", "c0", "parent")
    assert (facts["fill_shares"], facts["auction_shares"], facts["venue"]) == (-100, -100, "A")
    assert facts["transacted_at"] == datetime(1970, 1, 1, 0, 0, 1, tzinfo=UTC)


def test_what_venues_pay_comes_off_the_fees() -> None:
    assert fill_fee_usd(fill_facts(EXECUTION, "parent", "filled")) == Decimal("0.27") == EXECUTION.fee_usd
