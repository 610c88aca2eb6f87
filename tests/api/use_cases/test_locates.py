"""Short sales of clients' orders: as far as the newest list goes, once for all of them, at the list's own fee."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from adapters.brokers.wanted import wanted_order
from adapters.lake.borrow_lists import BorrowLists
from adapters.lake.lake import Lake
from api.settings import SHIPPED_POLICY
from api.use_cases.deciding import DecisionAnswer
from api.use_cases.market import advanced_session
from api.use_cases.replaying import replayed_sample
from api.use_cases.service import Service
from governance.entries import EntryKind
from governance.replay import ReplayOutcome
from nodes.journal.account import account_from_bytes
from nodes.kernels.portfolio.borrow import Loan, borrow_fee_usd
from nodes.vocabulary.trading import Side
from tests.api.use_cases.homes import records
from tests.api.use_cases.services import ACCOUNT, ordered, service_at

SHORTS = SHIPPED_POLICY.parents[1] / "us-equities-shorts" / "v1.yaml"
CLOSE = datetime(2013, 1, 2, 21, tzinfo=UTC)


def listed(lake: Lake, available: int, fee: float | None, age_s: int) -> Lake:
    """The lake with a list of IBM alone, so long before the close of the first session."""
    stamped_at = CLOSE - timedelta(seconds=age_s)
    line = {"symbol": "IBM", "day_on": stamped_at.date(), "available_shares": available, "fee_rate_frac": fee}
    known = {"event_at": stamped_at, "known_at": stamped_at, "sequence": 1, "is_retracted": False}
    schema = {"fee_rate_frac": pl.Float64}
    rows = pl.DataFrame([line | known], schema_overrides=schema)
    return replace(lake, borrow_lists=BorrowLists(rows, rows.select("day_on", "known_at")))


@contextmanager
def serving(home: Path, lake: Lake) -> Iterator[Service]:
    with service_at(home, lake, policy=SHORTS) as service:
        yield service


def sold(service: Service, shares: int, key: str) -> DecisionAnswer:
    return ordered(service, key, order_shares=-shares).answer


def side_sent(service: Service, answer: DecisionAnswer) -> Side:
    """The side under which a broker hears of an order."""
    with service.store.reader() as reader:
        row = reader.order(answer.cl_ord_id or "")
    assert row is not None
    return wanted_order(row.cl_ord_id, row.order_shares, row.order).side


def failed(answer: DecisionAnswer) -> set[str]:
    return {rule for rule, *_ in answer.reasons}


def test_two_short_sales_share_one_list_inside_the_append_and_pay_its_fee(lake: Lake, tmp_path: Path) -> None:
    """PF-03: short without locate rejected; the fee accrues night by night, at the list's rate while it is known."""
    with serving(tmp_path / "home", listed(lake, 500, 0.04, 3600)) as service:
        assert sold(service, 300, "one").action == "act"
        assert failed(sold(service, 201, "two")) == {"duplicate", "located"}
        assert failed(sold(service, 200, "three")) == {"duplicate"}
        advanced_session(service, "assay")
        advanced_session(service, "assay")
        with service.store.reader() as reader:
            row = reader.account(ACCOUNT)
        assert row is not None
        assert account_from_bytes(row.content).position_shares("IBM") == -300
        (charge,) = (record.entry.facts for record in records(service.store, EntryKind.CHARGE))
        mark_usd = Decimal(repr(service.lake.bars_on(date(2013, 1, 3))["IBM"]["close_usd"]))
        assert charge["fee_usd"] == borrow_fee_usd(Loan(300, Decimal("0.04")), mark_usd, 1)
        assert charge["fee_frac"] == Decimal("0.04")
        assert {each.outcome for each in replayed_sample(service.store, 4)} == {ReplayOutcome.IDENTICAL}


def test_a_sale_of_what_is_not_held_is_marked_short_and_one_of_what_is_held_is_not(lake: Lake, tmp_path: Path) -> None:
    """17 CFR 242.200(g): long only where all of it is owned, after the sales that work already."""
    with serving(tmp_path / "home", listed(lake, 500, 0.04, 3600)) as service:
        short = side_sent(service, sold(service, 300, "one"))
        assert (short, side_sent(service, ordered(service, "two", order_shares=100, symbol="MSFT").answer)) == (
            Side.SELL_SHORT,
            Side.BUY,
        )
        advanced_session(service, "assay")
        held = ordered(service, "three", order_shares=-100, symbol="MSFT").answer
        assert side_sent(service, held) is Side.SELL


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ((99, 0.01, 3600), "located"),
        ((1000, 0.11, 3600), "borrow-fee"),
        ((1000, None, 3600), "borrow-fee"),
        ((1000, 0.01, 90_000), "fresh-list"),
    ],
)
def test_a_list_that_says_too_little_lets_no_short_out(
    lake: Lake, tmp_path: Path, line: tuple[int, float | None, int], why: str
) -> None:
    """PF-03."""
    with serving(tmp_path / "home", listed(lake, *line)) as service:
        answer = sold(service, 100, "one")
    assert (answer.action, failed(answer)) == ("deny", {why})


def test_where_nobody_knows_of_lists_nothing_is_sold_short_and_purchases_go_on(lake: Lake, tmp_path: Path) -> None:
    """PF-03: missing is never zero, and never plenty."""
    with serving(tmp_path / "home", lake) as service:
        answer = sold(service, 100, "one")
        assert (answer.action, failed(answer)) == ("deny", {"located", "fresh-list", "borrow-fee"})
        assert ordered(service, "two").answer.action == "act"


def test_the_accounts_of_a_log_share_one_list(lake: Lake, tmp_path: Path) -> None:
    """PF-03: what one account is about to borrow is not there for the next one."""
    with service_at(
        tmp_path / "home", listed(lake, 500, 0.04, 3600), policy=SHORTS, accounts=(ACCOUNT, "second")
    ) as service:
        answers = [
            ordered(service, f"{name} {shares}", order_shares=-shares, account_id=name).answer
            for name, shares in ((ACCOUNT, 300), ("second", 201), ("second", 200))
        ]
    assert [answer.action for answer in answers] == ["act", "deny", "act"]
    assert "located" in failed(answers[1])
