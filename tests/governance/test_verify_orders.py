"""How far the entries let an outbound order have come, and rows of the outbox that say otherwise."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from governance.entries import Entry, EntryKind, cl_ord_id
from governance.rows import OrderState, OutboundOrder
from governance.verify_orders import LearnedOrders
from nodes.vocabulary.canonical import encode
from tests.governance.examples import NOON, ORIGIN, filled

DECISION = b"\x07" * 32
_ACK = EntryKind.ACKNOWLEDGEMENT
_NEW, _CANCELED, _REPLACED, _REJECTED = ((_ACK, {"ord_status": each}) for each in ("0", "4", "5", "8"))
_REFUSED = (_ACK, {"ord_status": "0", "is_refusal": True})
_HALF, _WHOLE = ((EntryKind.FILL, {"fill_shares": each}) for each in (5, 10))
Told = tuple[EntryKind, dict[str, Any]]
_EXPIRED: Told = (EntryKind.EXPIRY, {})
_ASKED: Told = (EntryKind.CANCEL_REQUEST, {})
_REPLACING: Told = (EntryKind.REPLACE_REQUEST, {})
_SWITCHED: Told = (EntryKind.CANCEL, {})
_BUSTED: Told = (EntryKind.CORRECTION, {"exec_ref_id": "x", "old_fill_shares": 5, "fill_shares": 0})
_LET_GO: Told = (EntryKind.CANCEL, {"account_digest": bytes(32)})


def entry(kind: EntryKind, **facts: Any) -> Entry:
    known = {"decision_id": DECISION, "account_id": "desk", "key": "key-1"}
    return Entry(kind, ORIGIN, NOON, NOON, known | facts)


def decided() -> Entry:
    return entry(EntryKind.DECISION, action="act", order_shares=10, symbol="IBM")


@pytest.mark.parametrize(
    ("told", "left_open"),
    [
        ((), "pending"),
        ((_NEW,), "sent"),
        ((_REJECTED,), "done"),
        ((_WHOLE,), "done"),
        ((_NEW, _WHOLE), "done"),
        ((_NEW, _HALF), "done sent"),
        ((_NEW, _HALF, _HALF), "done"),
        ((_HALF,), "done sent"),
        ((_NEW, _HALF, _EXPIRED), "done recalled"),
        ((_EXPIRED, _CANCELED), "done"),
        ((_NEW, _ASKED), "recalled"),
        ((_NEW, _ASKED, _WHOLE), "done recalled"),
        ((_NEW, _ASKED, _CANCELED, _LET_GO), "done"),
        ((_NEW, _SWITCHED), "recalled"),
        ((_NEW, _SWITCHED, _NEW, _REFUSED), "sent"),
        ((_NEW, _REPLACING), "sent"),
        ((_NEW, _REPLACING, _REPLACED), "done"),
        ((_NEW, _REPLACING, _REFUSED), "sent"),
        (((EntryKind.CORRECTION, {}),), "pending"),
        ((_NEW, _HALF, _BUSTED, _HALF), "done sent"),
        ((_NEW, _HALF, _BUSTED, _HALF, _HALF), "done"),
    ],
)
def test_entries_leave_an_order_these_states(told: tuple[Told, ...], left_open: str) -> None:
    learned = LearnedOrders()
    for each in (decided(), *(entry(kind, **facts) for kind, facts in told)):
        assert learned.fault(each) == ""
    assert " ".join(sorted(learned.states[DECISION])) == left_open


def test_an_order_that_was_never_let_out_has_no_state() -> None:
    learned = LearnedOrders()
    for each in (entry(EntryKind.DECISION, action="deny"), entry(_ACK, ord_status="0"), entry(EntryKind.FILL)):
        assert learned.fault(each) == ""
    assert learned.states == {}


def split(new_shares: object, old_shares: object, symbol: str = "IBM") -> Entry:
    facts = {"account_id": "desk", "symbol": symbol, "new_shares": new_shares, "old_shares": old_shares}
    return Entry(EntryKind.CORPORATE_ACTION, ORIGIN, NOON, NOON, facts)


def fill(shares: int) -> Entry:
    return entry(EntryKind.FILL, fill_shares=shares)


def corrected(old: int, new: int) -> Entry:
    return entry(EntryKind.CORRECTION, exec_ref_id="x", old_fill_shares=old, fill_shares=new)


@pytest.mark.parametrize(
    ("told", "too_many"),
    [
        ((fill(5), fill(5)), 0),
        ((fill(5), fill(6)), 1),
        ((fill(-10), fill(-3)), 3),
        ((fill(5), corrected(5, 10)), 0),
        ((fill(5), corrected(5, 12)), 2),
        ((fill(10), corrected(10, 0), fill(10)), 0),
        ((entry(EntryKind.EXPIRY), fill(10)), 0),
        ((split(2, 1), fill(20)), 0),
        ((split(2, 1), fill(21)), 1),
        ((fill(5), split(2, 1), fill(11)), 1),
        ((split(1, 3), fill(4)), 1),
        ((split(2, 1, "AAPL"), fill(11)), 1),
        ((split(0, 1), split(2, None), fill(10)), 0),
    ],
)
def test_what_traded_of_an_order_is_never_more_than_its_size(told: tuple[Entry, ...], too_many: int) -> None:
    """API-STR-03: executions that stand, in the shares that the order has since splits of it."""
    learned = LearnedOrders()
    faults = [learned.fault(each) for each in (decided(), *told)]
    wanted = f"its order, decision {DECISION.hex()}, has {too_many} shares less than it traded" if too_many else ""
    assert [each for each in faults if each] == ([wanted] if wanted else [])


def test_a_log_that_fills_more_than_an_order_has_is_not_intact(tmp_path: Path) -> None:
    folder = filled(tmp_path, 1)
    with folder.store.transaction() as transaction:
        for each in (decided(), fill(6), fill(6)):
            transaction.append(each)
    (found,) = [str(each) for each in folder.verification().findings if "traded" in str(each)]
    assert found.startswith("entry 3: its order, decision")
    assert "has 2 shares less than it traded" in found


@pytest.mark.parametrize("state", list(OrderState))
def test_a_state_that_was_forged_together_with_its_seal_is_found(tmp_path: Path, state: OrderState) -> None:
    """An order put back to `pending` would be sent again, one put to `done` never taken back."""
    folder = filled(tmp_path, 1)
    order = encode({"decision_id": DECISION, "order_shares": 10, "symbol": "IBM"})
    with folder.store.transaction() as transaction:
        for each in (decided(), entry(_ACK, ord_status="0")):
            transaction.append(each)
        transaction.send(OutboundOrder(cl_ord_id("desk", "key-1"), "desk", DECISION, 10, order, state))
    found = [str(each) for each in folder.verification().findings if each.place.startswith("outbox")]
    said = f"outbox '{cl_ord_id('desk', 'key-1')}': is {state.value!r}, its entries leave it sent"
    assert [each.startswith(said) for each in found] == ([] if state is OrderState.SENT else [True])
