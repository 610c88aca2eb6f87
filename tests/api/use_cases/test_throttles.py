"""Automation that repeats itself is disabled in the append that shows it, and let go on by a named person alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from adapters.lake.lake import Lake
from api.bootstrap import OpenDesk
from api.use_cases.deciding import DecisionAnswer, OrderRequest, decided
from api.use_cases.desk import Desk
from api.use_cases.throttles import ThrottleRelease, throttle_released, throttle_state, throttle_uses, use_text
from governance.ports import Transaction
from nodes.vocabulary.errors import EdgeError
from tests.api.use_cases.homes import desk_at
from tests.api.use_cases.test_deciding import DAY, ROW


@pytest.fixture
def opened(lake: Lake, tmp_path: Path) -> Iterator[OpenDesk]:
    with desk_at(tmp_path / "home", lake) as desk:
        yield desk


def order(desk: Desk, n_before: int | None = None, **changes: Any) -> DecisionAnswer:
    """An order; `n_before` says how many like it were accepted in a row by the sessions before."""
    request = OrderRequest(DAY, desk.lake.calendar.close(DAY), ROW | changes, b"\x07" * 32, b"\x08" * 32)

    def work(transaction: Transaction) -> DecisionAnswer:
        if n_before is not None:
            state = replace(desk.account(transaction), repeats=(("AAPL", n_before, 0),))
            desk.save_account(transaction, state)
        return decided(desk, transaction, request)

    return desk.writer.submit(work).result()


def released(
    desk: Desk, principal: str = "Ada Lovelace", reason: str = "orders read, all meant", *, four_eyes: bool = True
) -> bool:
    return throttle_released(desk.store, ThrottleRelease(desk.account_id, principal, reason, desk.clock(), four_eyes))


def is_disabled(desk: Desk) -> bool:
    with desk.store.reader() as reader:
        state = throttle_state(reader, desk.account_id)
    return state is not None and state.automation_is_disabled


def test_a_row_of_orders_under_the_limit_goes_on(opened: OpenDesk) -> None:
    assert order(opened.desk, 9).action == "act"
    assert not is_disabled(opened.desk)


def test_a_row_that_is_too_long_is_denied_and_disables_automation(opened: OpenDesk) -> None:
    """EXE-16."""
    answer = order(opened.desk, 10)
    assert (answer.action, "repeated-execution" in {reason[0] for reason in answer.reasons}) == ("deny", True)
    assert is_disabled(opened.desk)
    with opened.desk.store.reader() as reader:
        (use,) = throttle_uses(reader, opened.desk.account_id)
    assert (use.is_disabled, use.decision_id) == (True, answer.decision_id)
    assert use_text(use).endswith("disabled by assay: rule repeated-execution did not hold")


def test_disabled_automation_denies_other_purchases_and_lets_sales_out(opened: OpenDesk) -> None:
    order(opened.desk, 10)
    other = order(opened.desk, symbol="IBM")
    assert (other.action, [reason[0] for reason in other.reasons]) == ("deny", ["automation"])


def test_a_restart_does_not_let_automation_go_on(lake: Lake, tmp_path: Path) -> None:
    """EXE-16."""
    with desk_at(tmp_path / "home", lake) as first:
        order(first.desk, 10)
    with desk_at(tmp_path / "home", lake) as second:
        assert is_disabled(second.desk)
        assert order(second.desk, symbol="IBM").action == "deny"


def test_a_named_person_lets_it_go_on_and_the_log_says_who_and_why(opened: OpenDesk) -> None:
    """EXE-16."""
    order(opened.desk, 10)
    assert released(opened.desk)
    assert not released(opened.desk)
    with opened.desk.store.reader() as reader:
        newest, _ = throttle_uses(reader, opened.desk.account_id)
    assert (newest.is_disabled, newest.principal, newest.reason) == (False, "Ada Lovelace", "orders read, all meant")
    assert order(opened.desk, symbol="IBM").action == "act"
    assert opened.folder.verification().is_intact


@pytest.mark.parametrize("principal", ["assay", " Assay ", ""])
def test_clockwork_lets_nothing_go_on(opened: OpenDesk, principal: str) -> None:
    order(opened.desk, 10)
    with pytest.raises(EdgeError, match="names no person"):
        released(opened.desk, principal)
    assert is_disabled(opened.desk)


@pytest.mark.parametrize("principal", ["Ada Lovelace", "ada lovelace", "ADA  Lovelace"])
def test_whose_order_tripped_it_does_not_release_it_where_four_eyes_are_asked_for(
    lake: Lake, tmp_path: Path, principal: str
) -> None:
    """EXE-16: a second named person, by policy."""
    with desk_at(tmp_path / "home", lake, principal="Ada Lovelace") as opened:
        order(opened.desk, 10)
        with pytest.raises(EdgeError, match="ask a second person") as caught:
            released(opened.desk, principal)
        assert (caught.value.reason, is_disabled(opened.desk)) == ("self-approval", True)
        assert released(opened.desk, "Grace Hopper")


def test_terms_that_ask_for_no_second_person_let_the_same_one_release_it(lake: Lake, tmp_path: Path) -> None:
    """EXE-16."""
    with desk_at(tmp_path / "home", lake, principal="Ada Lovelace") as opened:
        order(opened.desk, 10)
        assert released(opened.desk, four_eyes=False)


@pytest.mark.parametrize("reason", ["", "  ", "fine\nrow 7: let go on", "\x1b[2J"])
def test_no_reason_that_can_be_shown_is_no_release(opened: OpenDesk, reason: str) -> None:
    with pytest.raises(EdgeError, match="no reason is given"):
        released(opened.desk, reason=reason)


def test_an_account_that_never_began_has_nothing_to_release(opened: OpenDesk) -> None:
    assert not released(opened.desk)
