"""The kill switch: durable within a second, with every working order taken back and the next one denied."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path

import pytest

from adapters.lake.lake import Lake
from api.use_cases.deciding import OrderRequest, decided
from api.use_cases.kill_switch import kill_switch_set
from governance.entries import EntryKind
from governance.rows import OrderState
from nodes.journal.account import account_from_bytes
from nodes.vocabulary.errors import EdgeError
from tests.api.open_orders import thrown, with_open_orders
from tests.api.use_cases.homes import desk_at, entries
from tests.api.use_cases.test_deciding import DAY, ROW

N_ORDERS = 300


def test_the_switch_takes_hundreds_of_orders_back_within_a_second(lake: Lake, tmp_path: Path) -> None:
    """EXE-16: from the call to the commit, and to the denial of the next order; a disk may stall, not each time."""
    took_s = [_thrown_s(tmp_path / str(number), lake) for number in range(3)]
    assert min(took_s) < 1.0, took_s


def _thrown_s(home: Path, lake: Lake) -> float:
    """The seconds until hundreds of orders are taken back and the next is denied."""
    with desk_at(home, lake) as opened:
        desk = opened.desk
        with_open_orders(desk, N_ORDERS)
        started_s = time.perf_counter()
        assert kill_switch_set(desk.store, thrown(desk))
        request = OrderRequest(DAY, desk.lake.calendar.close(DAY), ROW, b"\x07" * 32, b"\x08" * 32)
        answer = desk.writer.submit(lambda transaction: decided(desk, transaction, request)).result()
        elapsed_s = time.perf_counter() - started_s
        with desk.store.reader() as reader:
            row = reader.account(desk.account_id)
            recalled = reader.outbox(OrderState.RECALLED, 2 * N_ORDERS)
            pending = reader.outbox(OrderState.PENDING)
    assert row is not None
    assert answer.action == "deny"
    assert "kill-switch" in [reason[0] for reason in answer.reasons]
    assert (len(account_from_bytes(row.content).orders), len(recalled), len(pending)) == (0, N_ORDERS, 0)
    return elapsed_s


def test_each_order_that_is_taken_back_has_its_entry_and_the_switch_counts_them(lake: Lake, tmp_path: Path) -> None:
    with desk_at(tmp_path / "home", lake) as opened:
        with_open_orders(opened.desk, 3)
        kill_switch_set(opened.desk.store, thrown(opened.desk))
        (use,) = entries(opened.desk.store, EntryKind.KILL_SWITCH)
        canceled = entries(opened.desk.store, EntryKind.CANCEL)
    assert use.facts["n_canceled"] == 3
    assert {entry.facts["canceled_shares"] for entry in canceled} == {10}


def test_set_twice_is_set_once_and_releasing_brings_no_order_back(lake: Lake, tmp_path: Path) -> None:
    with desk_at(tmp_path / "home", lake) as opened:
        desk = opened.desk
        with_open_orders(desk, 2)
        changes = [kill_switch_set(desk.store, thrown(desk, is_engaged=wanted)) for wanted in (True, True, False)]
        with desk.store.reader() as reader:
            row = reader.account(desk.account_id)
        assert row is not None
        assert account_from_bytes(row.content).orders.by_symbol == {}
    assert changes == [True, False, True]


@pytest.mark.parametrize("principal", ["assay", " Assay ", ""])
def test_clockwork_throws_the_switch_and_never_releases_it(lake: Lake, tmp_path: Path, principal: str) -> None:
    """ENG-14: re-enabled only by a named person."""
    with desk_at(tmp_path / "home", lake) as opened:
        desk = opened.desk
        with_open_orders(desk, 1)
        assert kill_switch_set(desk.store, replace(thrown(desk), principal=principal))
        with pytest.raises(EdgeError, match="names no person"):
            kill_switch_set(desk.store, replace(thrown(desk, is_engaged=False), principal=principal))
        with desk.store.reader() as reader:
            row = reader.account(desk.account_id)
        assert row is not None
        assert account_from_bytes(row.content).kill_switch_is_engaged
