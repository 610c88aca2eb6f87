"""The shipped strategy as a whole, on made-up bars: from panels to candidate orders, and what faults do to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from dataflows.engine.compile import Generation, compiled_strategy
from dataflows.engine.evaluation import evaluated
from dataflows.us_equities import ROW_NODES, US_EQUITIES, OrderSnapshot, SessionSnapshot, history_sessions, order_rows
from nodes.kernels.risk import risk_contributions
from nodes.vocabulary.absent import Absent
from nodes.vocabulary.errors import PolicyError
from nodes.vocabulary.identity import Symbol
from nodes.vocabulary.units import Panel, Usd
from policies.parse import parsed_policy
from tests.nodes.bars import bars, index_panel, panel

POLICY = Path(__file__).resolve().parents[2] / "policies" / "us-equities" / "v1.yaml"
COUNT = 320
EQUITY = Usd(Decimal("1000000.00"))
OLD = tuple(bars(name, COUNT, seed) for seed, name in enumerate(("AAA", "BBB", "CCC", "DDD")))
YOUNG = bars("YNG", COUNT, 9).slice(COUNT - 100)
FULL = panel(*OLD, YOUNG)
LAST_ON: date = FULL["session_on"].to_list()[-1]
Values = Mapping[str, Any]


@cache
def generation() -> Generation:
    return compiled_strategy(parsed_policy(POLICY.read_bytes(), POLICY.name), US_EQUITIES)


def holdings(**held: int) -> Panel:
    schema = {"symbol": pl.String, "position_shares": pl.Int64}
    return Panel(pl.DataFrame({"symbol": list(held), "position_shares": list(held.values())}, schema=schema))


def session(frame: pl.DataFrame, positions: Panel | None = None, equity: Usd = EQUITY) -> Values:
    held = holdings() if positions is None else positions
    snapshot = SessionSnapshot(Panel(frame), Panel(index_panel(COUNT)), held, equity, LAST_ON)
    return evaluated(generation().session, snapshot)


def row(values: Values, node: str) -> dict[str, Any]:
    return dict(zip(values["symbols"].to_list(), values[node].to_list(), strict=True))


@pytest.mark.parametrize(
    ("word", "mend"),
    [("hrpp", "did you mean hrp?"), ("magic", "name one of equal-weight, erc, hrp, minimum-variance")],
)
def test_a_method_that_is_none_is_refused_at_its_line_when_the_policy_is_compiled(word: str, mend: str) -> None:
    """PF-01: not at the first session, where the portfolio would be absent and nothing be traded."""
    text = POLICY.read_bytes().replace(b"portfolio_method: erc", f"portfolio_method: {word}".encode())
    with pytest.raises(PolicyError, match=f"portfolio_method is '{word}', which is none that there is") as caught:
        compiled_strategy(parsed_policy(text, POLICY.name), US_EQUITIES)
    (fault,) = caught.value.faults
    assert (text.splitlines()[fault.line - 1].strip(), fault.mend) == (f"portfolio_method: {word}".encode(), mend)


def number(name: str) -> float:
    """A number of the policy."""
    value = generation().policy.params[name]
    assert isinstance(value, int | float)
    return float(value)


def test_targets_share_the_risk_and_add_up_to_the_gross_target() -> None:
    values, cap = session(FULL), number("max_target_weight_frac")
    chosen = values["is_selected"].fill_null(value=False).to_numpy()
    weights = values["target_weight_frac"].to_numpy()[chosen]
    assert len(weights) == number("n_selected")
    assert weights.sum() == pytest.approx(number("target_gross_frac"))
    assert weights.max() <= cap
    shares = risk_contributions(weights, values["return_covariance"][np.ix_(chosen, chosen)])
    free = shares[weights < cap * (1.0 - 1e-9)]
    assert np.ptp(free) <= 1e-6 * free.mean()


def test_a_symbol_with_too_short_a_history_gets_no_order_and_disturbs_nobody() -> None:
    values = session(FULL, holdings(YNG=10))
    assert row(values, "target_weight_frac")["YNG"] is None
    assert row(values, "candidate_order_shares")["YNG"] is None
    old = row(session(panel(*OLD)), "target_weight_frac")
    assert {name: weight for name, weight in row(values, "target_weight_frac").items() if name != "YNG"} == old


def test_what_is_held_and_no_longer_wanted_is_sold() -> None:
    values = session(FULL)
    unwanted = next(name for name, weight in row(values, "target_weight_frac").items() if weight == 0.0)
    assert row(session(FULL, holdings(**{unwanted: 77})), "candidate_order_shares")[unwanted] == -77


def test_a_book_at_its_targets_trades_nothing() -> None:
    at_target = holdings(**{name: shares for name, shares in row(session(FULL), "target_shares").items() if shares})
    assert set(row(session(FULL, at_target), "candidate_order_shares").values()) == {0, None}


def test_the_unit_of_price_does_not_move_a_weight() -> None:
    prices = [f"{word}_usd" for word in ("open", "high", "low", "close")]
    scaled = FULL.with_columns(pl.col(prices) * 4.0, (pl.col("volume_shares") // 4).cast(pl.Int64))
    assert row(session(scaled), "target_weight_frac") == row(session(FULL), "target_weight_frac")


def test_a_split_does_not_move_a_weight() -> None:
    whole, split = bars("AAA", COUNT, 0), bars("AAA", COUNT, 0, split_at=COUNT - 30)
    price = ["open_usd", "high_usd", "low_usd"]
    halves = pl.when(pl.int_range(pl.len()) >= COUNT - 30).then(0.5).otherwise(1.0)
    split = split.with_columns(pl.Series(name, whole[name]) for name in price).with_columns(pl.col(price) * halves)
    doubled = pl.when(pl.int_range(pl.len()) >= COUNT - 30).then(2).otherwise(1)
    split = split.with_columns((whole["volume_shares"] * doubled).alias("volume_shares"))
    one, other = session(panel(whole, *OLD[1:])), session(panel(split, *OLD[1:]))
    for node in ("target_weight_frac", "last_volatility_frac", "last_estimated_spread_bps", "composite_score"):
        np.testing.assert_allclose(other[node].to_numpy(), one[node].to_numpy(), rtol=1e-9)
    assert row(other, "last_adv_shares")["AAA"] == pytest.approx(row(one, "last_adv_shares")["AAA"] * 2, abs=2)


def test_other_names_for_the_symbols_give_the_same_book() -> None:
    names = {"AAA": "ZZZ", "BBB": "MMM", "CCC": "AAA", "DDD": "BBB", "YNG": "YNG"}
    renamed = FULL.with_columns(pl.col("symbol").replace(names)).sort("symbol", "session_on")
    before, after = session(FULL), session(renamed)
    for node in ("composite_score", "last_beta_frac", "is_selected"):
        assert {names[name]: value for name, value in row(before, node).items()} == row(after, node)
    weights = {names[name]: weight for name, weight in row(before, "target_weight_frac").items() if weight}
    found = {name: weight for name, weight in row(after, "target_weight_frac").items() if weight}
    assert found == pytest.approx(weights, rel=1e-9)


def test_one_symbol_alone_cannot_hold_the_book_and_says_so() -> None:
    values = session(panel(OLD[0]))
    absent = values["target_weight_frac"]
    assert isinstance(absent, Absent)
    assert "1 assets of at most max_target_weight_frac 0.42 hold 0.42, under target_gross_frac 0.94" in absent.reason
    assert [cells["proposed_order_shares"] for cells in order_rows(values).values()] == [None]


def test_symbols_that_are_all_too_young_have_no_targets() -> None:
    values = session(YOUNG)
    assert values["target_weight_frac"].to_list() == [None]
    assert values["candidate_order_shares"].to_list() == [None]


def test_without_any_bar_nothing_is_said() -> None:
    values = session(FULL.clear())
    assert order_rows(values) == {}


@pytest.mark.parametrize("price", [0.0, -5.0, float("nan"), None])
def test_a_close_that_is_no_price_leaves_its_symbol_without_order(price: float | None) -> None:
    spoiled = (pl.col("symbol") == "AAA") & (pl.col("session_on") == LAST_ON)
    frame = FULL.with_columns(close_usd=pl.when(spoiled).then(pl.lit(price)).otherwise(pl.col("close_usd")))
    values = session(frame, holdings(AAA=10))
    rows = order_rows(values)
    assert rows[Symbol("AAA")]["proposed_order_shares"] is None
    assert rows[Symbol("AAA")]["close_price_usd"] is None
    assert rows[Symbol("BBB")]["close_price_usd"] is not None


def test_a_missed_session_makes_the_symbol_stale_and_leaves_the_others() -> None:
    missed = FULL.filter(~((pl.col("symbol") == "AAA") & (pl.col("session_on") == LAST_ON)))
    values = session(missed)
    assert row(values, "bar_age_sessions") == {"AAA": 1, "BBB": 0, "CCC": 0, "DDD": 0, "YNG": 0}
    assert row(values, "target_weight_frac")["AAA"] is None


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        (FULL.reverse(), "sort the panel"),
        (pl.concat([FULL, FULL.tail(1)]), "drop duplicates"),
        (
            pl.concat([FULL, FULL.tail(1).with_columns(pl.col("session_on") + pl.duration(days=3))]),
            "1 bars of later sessions",
        ),
    ],
)
def test_a_panel_in_disorder_or_of_the_future_proposes_nothing(frame: pl.DataFrame, reason: str) -> None:
    values = session(frame)
    assert reason in values["segments"].reason
    assert values["candidate_order_shares"].node == "segments"
    assert order_rows(values) == {}


def test_a_holding_without_bars_stops_the_orders_and_is_named() -> None:
    absent = session(FULL, holdings(GONE=5))["candidate_order_shares"]
    assert "holdings in GONE, which the panel does not hold" in absent.reason


def test_an_account_worth_nothing_proposes_nothing() -> None:
    values = session(FULL, holdings(AAA=5), Usd(Decimal("-10.00")))
    assert set(row(values, "candidate_order_shares").values()) == {None}


def test_an_order_row_fills_the_order_snapshot_with_decimals_and_whole_shares() -> None:
    rows = order_rows(session(FULL))
    first = rows[Symbol("AAA")]
    assert set(first) == {"symbol", *ROW_NODES} <= {field.name for field in fields(OrderSnapshot)}
    close = FULL.filter(symbol="AAA")["close_usd"].to_list()[-1]
    assert first["close_price_usd"] == Decimal(repr(round(close, 6)))
    assert isinstance(first["proposed_order_shares"], int)


def test_history_is_one_session_more_than_the_longest_window() -> None:
    params = generation().policy.params
    assert history_sessions(params) == 253
    assert history_sessions({"lot_shares": 1}) == 2
    long = panel(*OLD)
    kept = long["session_on"].unique().sort().tail(history_sessions(params)).to_list()
    short = long.filter(pl.col("session_on").is_in(kept))
    for node in ROW_NODES.values():
        assert session(short)[node].to_list() == session(long)[node].to_list()
