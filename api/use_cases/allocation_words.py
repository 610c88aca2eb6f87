"""The words of an allocation: what is asked, and what is told. The same for HTTP and the command line."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal

import msgspec

from nodes.vocabulary.errors import EdgeError

MAX_ASSETS = 500
MAX_PERIODS = 2_600
_FIRST_YEAR, _LAST_YEAR = 1900, 2200
Symbol = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9.:/_-]{1,64}$", examples=["AAPL"])]
Weight = Annotated[float, msgspec.Meta(ge=-10, le=10)]
Fraction = Annotated[float, msgspec.Meta(ge=0, le=10)]
Shares = Annotated[int, msgspec.Meta(ge=0, le=10**12)]
Number = Annotated[float, msgspec.Meta(ge=-1e6, le=1e6)]
Instant = Annotated[datetime, msgspec.Meta(tz=True, examples=["2012-06-29T20:00:00Z"])]
Method = Literal["target", "equal-weight", "erc", "risk-budget", "minimum-variance", "mean-variance", "hrp"]
Estimator = Literal["sample", "ledoit-wolf", "constant-correlation", "ewma", "factor"]


def stated_instant(as_of: datetime) -> datetime:
    """An instant of a question. Raises EdgeError where it lies where no calendar reaches."""
    if not _FIRST_YEAR <= as_of.year <= _LAST_YEAR:
        message = (
            f"as_of {as_of.isoformat()} is not from {_FIRST_YEAR} to {_LAST_YEAR}; ask for an instant between them"
        )
        raise EdgeError(message, reason="invalid")
    return as_of


class AssetAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A share that may be held. What is not given is taken from the market where that knows it.

    Attributes:
        symbol: its name.
        target_weight_frac: for the method target: the weight that is wanted; nothing where it is left out.
        budget_frac: for the method risk-budget: its part of the risk, in proportion to the others'.
        expected_return_frac: for the method mean-variance: a year.
        price_usd: a share.
        position_shares: held now, negative when short.
        adv_shares: average daily volume.
        sector: its sector; without one it counts in every sector.
        beta_frac: move for one of the index.
        volatility_frac: a year; by default that of its returns.
        half_spread_bps: cost of trading.
        located_shares: shares that somebody has agreed to lend, beyond those already borrowed.
        recalled_shares: of the shares that are borrowed, those that the lender wants back.
        borrow_fee_frac: of being short, a year.
    """

    symbol: Symbol
    target_weight_frac: Weight | None = None
    budget_frac: Fraction | None = None
    expected_return_frac: Weight | None = None
    price_usd: Annotated[float, msgspec.Meta(ge=1e-4, le=1e7)] | None = None
    position_shares: Annotated[int, msgspec.Meta(ge=-(10**12), le=10**12)] | None = None
    adv_shares: Annotated[float, msgspec.Meta(ge=0, le=1e12)] | None = None
    sector: Annotated[str, msgspec.Meta(min_length=1, max_length=64)] | None = None
    beta_frac: Weight | None = None
    volatility_frac: Annotated[float, msgspec.Meta(ge=1e-4, le=100)] | None = None
    half_spread_bps: Annotated[float, msgspec.Meta(ge=0, le=10_000)] | None = None
    located_shares: Shares = 0
    recalled_shares: Shares = 0
    borrow_fee_frac: Annotated[float, msgspec.Meta(ge=0, le=100)] | None = None


class AllocationAsked(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A portfolio that is wanted.

    Attributes:
        assets: the shares that may be held; by default all of the market and of the account.
        account_id: whose holdings and equity are taken; without one, those given.
        equity_usd: worth of the account; by default the account's.
        as_of: what the market knew then; by default at the account's last close, or at the market's last.
        method: how the portfolio is chosen before caps bind; target takes the weights of the assets.
        covariance: how risk is estimated.
        covariance_sessions: from how many sessions.
        returns: instead of the market's: one row a period, oldest first, one column an asset.
        periods_per_year: of these returns.
        target_gross_frac: what the weights of a method add up to, of equity.
        risk_aversion: certainty equivalent = return - risk_aversion / 2 * variance, a year.
        holding_years: with it costs of trading count, spread over so long; without, they are told only.
        max_deviation_frac: no weight may be farther from its target; otherwise as near as the caps allow.
        limits: tighter limits of rules of the policy, by their ids.
        lot_shares: orders are whole multiples of it.
    """

    assets: Annotated[tuple[AssetAsked, ...], msgspec.Meta(max_length=MAX_ASSETS)] | None = None
    account_id: Annotated[str, msgspec.Meta(min_length=1, max_length=64)] | None = None
    equity_usd: Annotated[float, msgspec.Meta(ge=1, le=1e13)] | None = None
    as_of: Instant | None = None
    method: Method = "target"
    covariance: Estimator = "ledoit-wolf"
    covariance_sessions: Annotated[int, msgspec.Meta(ge=20, le=MAX_PERIODS)] = 252
    returns: (
        Annotated[
            list[Annotated[list[Number], msgspec.Meta(max_length=MAX_ASSETS)]],
            msgspec.Meta(min_length=2, max_length=MAX_PERIODS),
        ]
        | None
    ) = None
    periods_per_year: Annotated[float, msgspec.Meta(ge=0.001, le=1e6)] = 252.0
    target_gross_frac: Annotated[float, msgspec.Meta(ge=0.001, le=10)] = 1.0
    risk_aversion: Annotated[float, msgspec.Meta(ge=0.001, le=1e4)] = 5.0
    holding_years: Annotated[float, msgspec.Meta(ge=0.001, le=100)] | None = None
    max_deviation_frac: Fraction | None = None
    limits: Annotated[dict[str, Number], msgspec.Meta(max_length=64)] = {}
    lot_shares: Annotated[int, msgspec.Meta(ge=1, le=1_000_000)] = 1


class CapView(msgspec.Struct, frozen=True):
    """A cap, where the portfolio stands under it, and what it costs.

    Attributes:
        rule: of the policy, or max-deviation for what was asked.
        measure: what it bounds.
        value: of the whole shares.
        limit: of the rule, or the tighter one that was asked for.
        binds: whether the portfolio would be another without it.
        shadow_price_frac: certainty equivalent a year that one more of its limit would add, a fraction of equity.
        step: a small step of the limit: 0.01 of equity, 0.0001 of a day's volume, one share.
        usd_per_step: what one step more of the limit would add, in USD a year.
        subjects: shares or sectors at which it binds; empty for the whole book.
        because: in words.
    """

    rule: str
    measure: str
    value: float | None
    limit: float
    binds: bool
    shadow_price_frac: float
    step: float
    usd_per_step: float
    subjects: tuple[str, ...]
    because: str


class HoldingView(msgspec.Struct, frozen=True):
    """A share of the portfolio.

    Attributes:
        symbol: its name.
        price_usd: a share.
        position_shares: held now.
        wanted_weight_frac: what the method or the trader wants, before caps; null where that has no opinion.
        weight_frac: of the whole shares.
        target_shares: the whole shares.
        order_shares: what leads there, negative to sell.
        order_usd: absolute.
        expected_cost_usd: half the spread, and the impact; null where the volume or the spread is not known.
        borrow_usd_per_year: fee of what is short; null where the fee is not known.
    """

    symbol: str
    price_usd: float
    position_shares: int
    wanted_weight_frac: float | None
    weight_frac: float
    target_shares: int
    order_shares: int
    order_usd: float
    expected_cost_usd: float | None
    borrow_usd_per_year: float | None


class ExcludedView(msgspec.Struct, frozen=True):
    """A share that was left out.

    Attributes:
        symbol: its name.
        because: what of it is not known.
    """

    symbol: str
    because: str


class AllocationView(msgspec.Struct, frozen=True):
    """A portfolio that keeps every cap.

    Attributes:
        policy: family and version of the caps.
        policy_digest: of that policy.
        trace_digest: of the run of its rules over the whole shares.
        as_of: what the market knew then; null where nothing was asked of it.
        session_on: the last session closed by then; null likewise.
        equity_usd: worth of the account.
        method: how the portfolio was chosen.
        covariance: how risk was estimated.
        is_repaired: whether the covariance was not positive definite, and was repaired.
        holdings: each share, in the order of the question.
        caps: each cap, in the order of the policy.
        excluded: shares that were left out.
        cash_frac: what of equity is not in shares.
        worth_frac: certainty equivalent of the portfolio, a year, up to what no portfolio changes.
        caps_cost_usd_per_year: certainty equivalent that all caps and whole shares cost together.
        volatility_frac: of the portfolio, a year.
    """

    policy: str
    policy_digest: str
    trace_digest: str
    as_of: datetime | None
    session_on: date | None
    equity_usd: float
    method: str
    covariance: str
    is_repaired: bool
    holdings: tuple[HoldingView, ...]
    caps: tuple[CapView, ...]
    excluded: tuple[ExcludedView, ...]
    cash_frac: float
    worth_frac: float
    caps_cost_usd_per_year: float
    volatility_frac: float | None


class ConflictView(msgspec.Struct, frozen=True):
    """One of the fewest caps that no portfolio keeps together.

    Attributes:
        rule: of the policy, or max-deviation for what was asked.
        measure: what it bounds.
        limit: its limit.
        subjects: shares or sectors at which it conflicts; empty for the whole book.
        loosened_limit: the nearest limit at which all would be kept, if this one alone gave way; null if there is none.
    """

    rule: str
    measure: str
    limit: float
    subjects: tuple[str, ...]
    loosened_limit: float | None
