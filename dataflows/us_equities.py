"""US equities, daily: what a session run and an order run read, which nodes run, and what comes out.

A session run turns panels into target weights and candidate orders; an order run judges one candidate order of the
next session, sizes it, gives it a limit and a venue. `order_rows` hands the session's row to the order's snapshot.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

import polars as pl

from dataflows.engine.dataflow import Dataflow, Kind, Strategy
from nodes.kernels.portfolio.methods import PORTFOLIOS
from nodes.vocabulary.absent import Absent
from nodes.vocabulary.identity import Symbol
from nodes.vocabulary.units import (
    Bps,
    Count,
    Flag,
    Frac,
    Panel,
    Score,
    Seconds,
    Sessions,
    Shares,
    Text,
    Usd,
    UsdPerShare,
)


@dataclass(frozen=True)
class SessionSnapshot:
    """What a session run reads, as it was known at the close of the session.

    Attributes:
        panel: bars by symbol and session, sorted so: symbol, session_on, open_usd, high_usd, low_usd, close_usd (raw),
            volume_shares, adjustment_ratio (1.0 without an event; 2.0 on the ex-date of a 2:1 split).
        index_panel: levels of the index, sorted by session: session_on, close_usd.
        positions: holdings of the account: symbol, position_shares.
        equity_usd: worth of the account at the close.
        session_on: the session.
        text_scores: what a model read out of texts, as in `features.FeatureSnapshot`; only for policies that read it.
        model: exported bytes of the champion that scores (`nodes.kernels.onnx.scoring.model_frame`); only for policies
            that name a model family. An Absent in its place says why there is none.

    For such policies the panel has closed_at, too: the instant at which each session closed.
    """

    panel: Panel
    index_panel: Panel
    positions: Panel
    equity_usd: Usd
    session_on: date
    text_scores: Panel | None = None
    model: Panel | None = None


@dataclass(frozen=True)
class OrderSnapshot:
    """What an order run reads: the symbol's row of the session run, and the account at the instant of the decision.

    A field that is not known is None; every rule that needs it is then unknown.

    Attributes:
        symbol: of which share.
        proposed_order_shares: the candidate; negative to sell.
        close_price_usd: last close, raw.
        previous_close_price_usd: close before it, raw: on the ex-date of a split it is of the old share.
        daily_return_frac: total return of the last session.
        overnight_gap_frac: opening gap of the last session.
        adv_shares: average daily volume.
        last_volume_shares: volume of the last session.
        volatility_frac: close-to-close volatility, per session.
        estimated_spread_bps: spread estimated from highs and lows.
        bar_age_sessions: sessions since the bar that all of this comes from.
        target_weight_frac: weight that the session run wants.
        composite_score: how the session run scores the symbol.
        position_shares: shares held; negative when short.
        pending_buy_shares: shares of accepted buys that have not traded.
        pending_sell_shares: shares of accepted sales that have not traded, as a positive number.
        cash_usd: cash that no pending buy has claimed.
        equity_usd: worth of the account.
        gross_exposure_usd: absolute worth of all holdings and of pending orders that add to them.
        peak_equity_usd: highest closing equity of the last 252 sessions: a drawdown heals by time as well as by gains.
        day_start_equity_usd: equity at the close of the session before.
        orders_today_count: orders decided for the same session before this one.
        same_orders_today_count: those of them with the same symbol and side.
        repeated_orders_count: orders of the same symbol and side that were accepted in a row, session after session.
        automation_is_disabled: whether such a row was too long, and nobody has let automation go on since.
        kill_switch_is_engaged: whether trading is stopped.
        venue_terms: terms of the venues in force, as `nodes.kernels.routing.venues.terms_text` writes them.
        venue_quotes: what the venues quote, as `books_text` there writes it; empty where nobody quotes to us.
        available_borrow_shares: what the newest list known at the close shows of shares to borrow; only for policies
            that let shares be sold short, as the two that follow.
        borrow_fee_frac: what they cost a year.
        borrow_list_age_s: how long before the close that list was stamped.
        next_event_sessions: sessions to the share's next results, at most 250; only for policies that wait for them.
    """

    symbol: Symbol
    proposed_order_shares: Shares
    close_price_usd: UsdPerShare
    previous_close_price_usd: UsdPerShare
    daily_return_frac: Frac
    overnight_gap_frac: Frac
    adv_shares: Shares
    last_volume_shares: Shares
    volatility_frac: Frac
    estimated_spread_bps: Bps
    bar_age_sessions: Sessions
    target_weight_frac: Frac
    composite_score: Score
    position_shares: Shares
    pending_buy_shares: Shares
    pending_sell_shares: Shares
    cash_usd: Usd
    equity_usd: Usd
    gross_exposure_usd: Usd
    peak_equity_usd: Usd
    day_start_equity_usd: Usd
    orders_today_count: Count
    same_orders_today_count: Count
    repeated_orders_count: Count
    automation_is_disabled: Flag
    kill_switch_is_engaged: Flag
    venue_terms: Text
    venue_quotes: Text
    available_borrow_shares: Shares | None = None
    borrow_fee_frac: Frac | None = None
    borrow_list_age_s: Seconds | None = None
    next_event_sessions: Sessions | None = None


ROW_NODES: Mapping[str, str] = {
    "proposed_order_shares": "candidate_order_shares",
    "close_price_usd": "last_close_usd",
    "previous_close_price_usd": "last_previous_close_usd",
    "daily_return_frac": "last_daily_return_frac",
    "overnight_gap_frac": "last_overnight_gap_frac",
    "adv_shares": "last_adv_shares",
    "last_volume_shares": "last_volume_shares",
    "volatility_frac": "last_volatility_frac",
    "estimated_spread_bps": "last_estimated_spread_bps",
    "bar_age_sessions": "bar_age_sessions",
    "target_weight_frac": "target_weight_frac",
    "composite_score": "composite_score",
}
"""Field of the order snapshot: node of the session run whose row fills it."""

STOPPED = "stopped_order_shares"
"""Node of a session run with stops that takes the place of `candidate_order_shares`."""

_PLACES = 6


def order_rows(values: Mapping[str, Any]) -> dict[Symbol, dict[str, Any]]:
    """For each symbol of a session run, the fields of its order snapshots that the run fills; None where unknown.

    A symbol without a candidate order has proposed_order_shares None (none could be computed) or 0 (none is wanted).
    """
    symbols = values["symbols"]
    if not isinstance(symbols, pl.Series):
        return {}
    nodes = {**ROW_NODES, "proposed_order_shares": STOPPED} if STOPPED in values else ROW_NODES
    columns = {field: _cells(field, values[node], len(symbols)) for field, node in nodes.items()}
    return {
        Symbol(name): {"symbol": Symbol(name), **{field: cells[place] for field, cells in columns.items()}}
        for place, name in enumerate(symbols.to_list())
    }


def history_sessions(params: Mapping[str, Any]) -> int:
    """How many sessions a session run's panel needs, so that no window of the policy is cut short.

    One more than the longest parameter that counts sessions: a return needs the close before it.
    """
    return 1 + max((value for name, value in params.items() if name.endswith("_sessions")), default=1)


def _cells(field: str, row: pl.Series | Absent, height: int) -> list[Any]:
    if isinstance(row, Absent):
        return [None] * height
    cells = row.to_list()
    if field.endswith("_price_usd"):
        return [None if cell is None else Decimal(repr(round(cell, _PLACES))) for cell in cells]
    return cells


US_EQUITIES = Strategy(
    name="us-equities",
    session=Dataflow(
        name="us-equities-session",
        kind=Kind.SESSION,
        stages=("market", "features", "models", "signals", "portfolio"),
        snapshot=SessionSnapshot,
        outputs=(
            "symbols",
            *ROW_NODES.values(),
            "target_shares",
            "position_weight_frac",
            "last_parkinson_volatility_frac",
            "last_beta_frac",
            "last_drawdown_frac",
        ),
        choices=(("portfolio_method", tuple(PORTFOLIOS)),),
    ),
    order=Dataflow(
        name="us-equities-order",
        kind=Kind.ORDER,
        stages=("guardrails", "routing", "execution"),
        snapshot=OrderSnapshot,
        outputs=(
            "limit_price_usd",
            "venue",
            "route",
            "venue_costs_bps",
            "route_cost_bps",
            "route_reasons",
            "expected_cost_usd",
            "expected_cost_bps",
            "expected_fill_shares",
        ),
    ),
)

US_EQUITIES_STOPS = Strategy(
    name="us-equities-stops",
    session=replace(
        US_EQUITIES.session,
        name="us-equities-stops-session",
        stages=(*US_EQUITIES.session.stages, "stops"),
        outputs=(*US_EQUITIES.session.outputs, STOPPED, "is_event_window", "stop_width_frac", "stop_fall_frac"),
    ),
    order=replace(US_EQUITIES.order, name="us-equities-stops-order"),
)
"""The same with stops that a policy schedules, see `nodes.stops.schedule`."""
