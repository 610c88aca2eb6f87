"""Shortfall of real orders: priced by the lake, in the shares of the decision, and found again among the costs."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from adapters.lake.lake import Lake
from api.use_cases.attribution_shortfall import _ended, order_shortfalls
from api.use_cases.execution_reports import booked_report
from api.use_cases.market import advanced_session
from api.use_cases.summary import _fills
from governance.entries import EntryKind
from nodes.vocabulary.executions import ExecType, ExecutionReport
from tests.api.use_cases.attributions import Attributed
from tests.api.use_cases.homes import entries
from tests.api.use_cases.services import ACCOUNT, ordered, service_at


def test_every_order_that_ended_has_its_shortfall(attributed: Attributed) -> None:
    found = order_shortfalls(attributed.reader, attributed.lake, attributed.found.window)
    filled = {record.decision_id for record in attributed.reader.of_kind(EntryKind.FILL)}
    expired = {record.decision_id for record in attributed.reader.of_kind(EntryKind.EXPIRY)}
    assert {order.decision_id for order in found} == filled | expired
    assert all(order.lost is not None for order in found)


def test_parts_come_to_the_total_and_fees_are_the_charged_ones(attributed: Attributed) -> None:
    """JRN-02."""
    view = attributed.report.shortfall
    assert view.delay_usd + view.realised_usd + view.missed_usd + view.fee_usd == view.total_usd
    assert view.spread_usd + view.impact_usd + view.latency_usd + view.timing_usd == view.realised_usd
    charged = sum(line.usd for line in attributed.report.lines if line.line in {"commission", "regulatory", "venue"})
    assert view.fee_usd == -charged


def test_delay_and_realised_are_slippage_and_the_costs_in_the_price(attributed: Attributed) -> None:
    """Orders that trade in the session after their decision lose from its close to their price: by either account."""
    view = attributed.report.shortfall
    in_price = {"spread", "impact", "latency", "slippage"}
    told = -sum((line.usd for line in attributed.report.lines if line.line in in_price), Decimal(0))
    paid = sum(row.day.dividend_usd * trade.shares for row in attributed.found.window.rows for trade in row.day.trades)
    assert view.delay_usd + view.realised_usd + paid == pytest.approx(told, abs=Decimal("0.01"))


def test_the_worst_orders_lead_to_their_decisions(attributed: Attributed) -> None:
    worst = attributed.report.shortfall.worst
    assert [each.total_usd for each in worst] == sorted((each.total_usd for each in worst), reverse=True)
    known = {(record.decision_id or b"").hex() for record in attributed.reader.of_kind(EntryKind.DECISION)}
    assert {each.decision_id for each in worst} <= known


def test_what_never_was_is_no_execution_and_what_was_put_right_is_one_of_its_own_session(
    tmp_path: Path, lake: Lake
) -> None:
    """JRN-02: a fill that a broker takes back after all costs nothing."""
    with service_at(tmp_path / "home", lake) as service:
        gone, fewer = (ordered(service, key, symbol=symbol) for key, symbol in (("k1", "IBM"), ("k2", "MSFT")))
        (plan,) = advanced_session(service, "alice")
        fills = {each.decision_id: each.facts for each in entries(service.store, EntryKind.FILL)}
        advanced_session(service, "alice")
        for order, shares in ((gone, 0), (fewer, 20)):
            facts = fills[order.answer.decision_id]
            right = (shares, facts["fill_price_usd"] if shares else Decimal(0))
            kind = ExecType.TRADE_CORRECT if shares else ExecType.TRADE_CANCEL
            told = ExecutionReport(order.cl_ord_id or "", f"x{shares}", kind, *right, exec_ref_id=facts["exec_id"])
            booked_report(service, told, "broker")
        with service.store.reader() as reader:
            ended = _ended(reader, ACCOUNT, (plan.plan.session_on, lake.last_on))
            n_fills = _fills(reader).n_fills
    standing = {name: facts["session_on"] for each in ended.values() for name, facts in each.fills.items()}
    assert standing["x20"] == plan.plan.session_on
    assert standing.keys() & {"x0", fills[gone.answer.decision_id]["exec_id"]} == set()
    assert n_fills == len(standing)
