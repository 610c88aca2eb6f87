"""FIX 4.4 between its bytes and our words."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from adapters.brokers.fix44 import fields as fix
from adapters.brokers.standing import Standing
from adapters.brokers.wanted import WantedOrder, wanted_order
from nodes.vocabulary.executions import ExecType, OrdStatus
from nodes.vocabulary.trading import TimeInForce
from tests.adapters.brokers.orders import asked, outbound

AT = datetime(2026, 11, 23, 15, 0, 0, 123456, tzinfo=UTC)


def order(**said: Any) -> WantedOrder:
    return wanted_order(*outbound("A", instructions=asked(**said)))


def report(**said: str) -> dict[int, str]:
    """An execution report; `t150` is tag 150."""
    return {fix.CL_ORD_ID: "A", fix.ORDER_ID: "P-1", **{int(name[1:]): value for name, value in said.items()}}


def test_a_message_is_read_by_its_tags_and_what_is_none_is_left_out() -> None:
    assert fix.fields("8=FIX.4.4\x0135=8\x01x=1\x01=2\x0158=a=b\x0158=c\x01") == {8: "FIX.4.4", 35: "8", 58: "a=b"}


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ({}, {40: "2", 59: "0", 44: "190.10"}),
        ({"time_in_force": TimeInForce.FOK}, {40: "2", 59: "4"}),
        ({"time_in_force": TimeInForce.GTD, "expires_at": AT}, {59: "6", 126: "20261123-15:00:00.123"}),
        ({"stop_price_usd": Decimal("191.5")}, {40: "4", 99: "191.5"}),
        ({"is_pegged": True}, {40: "P", 18: "M"}),
        ({"is_post_only": True, "limit_price_usd": Decimal(190)}, {40: "2", 18: "6", 44: "190"}),
    ],
)
def test_an_order_says_how_it_is_to_be_worked(said: dict[str, Any], expected: dict[int, str]) -> None:
    found = fix.new_order(order(**said), AT, None)
    assert {tag: found[tag] for tag in expected} == expected
    assert 1 not in found


def test_a_short_sale_goes_out_under_a_side_of_its_own() -> None:
    sides = [wanted_order(*outbound("A", -30, **said)) for said in ({}, {"is_short": True})]
    assert [fix.new_order(each, AT, None)[fix.SIDE] for each in sides] == ["2", "5"]


def test_a_replacement_and_a_cancel_name_the_order_that_they_are_about() -> None:
    old = Standing("OLD", OrdStatus.NEW, broker_id="P-9")
    found = fix.replacement(old, order(), AT, "A-1")
    assert (found[11], found[41], found[37], found[1]) == ("A", "OLD", "P-9", "A-1")
    cancel = fix.cancel_request(old, 2, {}, AT)
    assert (cancel[11], cancel[41], cancel[55], cancel[54]) == ("OLD-C2", "OLD", "[N/A]", "7")
    assert fix.concerned(cancel) == "OLD"


@pytest.mark.parametrize(
    ("said", "carried", "expected"),
    [
        (report(t39="0", t14="0", t151="100"), 0, (OrdStatus.NEW, 0, 100)),
        (report(t39="1", t14="40", t151="60"), 0, (OrdStatus.PARTIALLY_FILLED, 40, 60)),
        (report(t39="1", t14="40", t151="60"), 40, (OrdStatus.PARTIALLY_FILLED, 0, 60)),
        (report(t39="2", t14="100", t151="0"), 0, (OrdStatus.FILLED, 100, 0)),
        (report(t39="4", t14="40", t151="60"), 0, (OrdStatus.CANCELED, 40, 0)),
        (report(t39="7", t14="1.5", t151="x"), 0, (OrdStatus.NEW, 0, 0)),
    ],
)
def test_a_report_says_how_its_order_stands(said: dict[int, str], carried: int, expected: tuple[Any, ...]) -> None:
    found = fix.standing(said, carried)
    assert (found.status, found.cum_shares, found.leaves_shares) == expected


@pytest.mark.parametrize(
    ("said", "is_unknown"),
    [
        (report(t150="I", t39="8", t103="5"), True),
        ({**report(t150="I", t39="8"), fix.ORDER_ID: "NONE"}, True),
        (report(t150="I", t39="8", t103="3"), False),
        (report(t150="I", t39="0"), False),
        ({**report(t150="8", t39="8"), fix.ORDER_ID: "NONE"}, False),
    ],
)
def test_an_order_that_was_refused_is_told_from_one_that_never_came(said: dict[int, str], *, is_unknown: bool) -> None:
    assert fix.is_unknown(said) is is_unknown


@pytest.mark.parametrize(
    ("said", "kind", "is_answer"),
    [
        ({35: "8", 150: "0"}, fix.NEW_ORDER, True),
        ({35: "8", 150: "I"}, fix.NEW_ORDER, False),
        ({35: "8", 150: "0"}, fix.STATUS, False),
        ({35: "8", 150: "E"}, fix.REPLACE, False),
        ({35: "8", 150: "5"}, fix.REPLACE, True),
        ({35: "9"}, fix.REPLACE, True),
        ({35: "9"}, fix.STATUS, False),
        ({35: "j", 372: "H"}, fix.NEW_ORDER, False),
        ({35: "j", 372: "D", 45: "6"}, fix.NEW_ORDER, False),
        ({35: "j", 372: "D", 45: "7"}, fix.NEW_ORDER, True),
        ({35: "3", 45: "7"}, fix.NEW_ORDER, True),
    ],
)
def test_only_what_is_about_a_message_answers_it(said: dict[int, str], kind: str, *, is_answer: bool) -> None:
    assert fix.is_answer(said, kind, 7) is is_answer


def test_a_trade_names_no_other_even_where_its_peer_does() -> None:
    trade = fix.execution(report(t150="F", t17="E", t19="0", t32="40", t31="190.05"))
    assert trade is not None
    assert not trade.exec_ref_id


def test_trades_corrections_and_busts_are_executions_and_nothing_else_is() -> None:
    trade = fix.execution(report(t150="F", t17="E", t32="40", t31="190.05", t30="XNYS", t60="20261123-15:00:00"))
    assert trade is not None
    assert (trade.exec_type, trade.last_shares, trade.last_price_usd) == (ExecType.TRADE, 40, Decimal("190.05"))
    assert trade.transacted_at == datetime(2026, 11, 23, 15, tzinfo=UTC)
    bust = fix.execution(report(t150="H", t17="E2", t19="E", t32="40", t31="190.05", t12="1", t13="3"))
    assert bust is not None
    assert (bust.exec_type, bust.last_shares, bust.fee_usd, bust.exec_ref_id) == (
        ExecType.TRADE_CANCEL,
        0,
        Decimal(0),
        "E",
    )
    assert fix.execution(report(t150="0")) is None


@pytest.mark.parametrize(("kind", "expected"), [("3", "0.35"), ("1", "0")])
def test_only_a_commission_in_dollars_is_a_fee(kind: str, expected: str) -> None:
    found = fix.execution(report(t150="F", t17="E", t12="0.35", t13=kind, t60="soon"))
    assert found is not None
    assert (found.fee_usd, found.transacted_at) == (Decimal(expected), None)


def test_a_question_about_an_order_says_what_is_known_of_it() -> None:
    assert fix.status_request("A", "", "") == {11: "A", 55: "[N/A]", 54: "7"}
    assert fix.status_request("A", "IBM", "1") == {11: "A", 55: "IBM", 54: "1"}
