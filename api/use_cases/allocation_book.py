"""From a question to a book: what is known of each share, what is left out and why, and what the portfolio is to be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from api.use_cases.allocation_facts import MarketFacts, ShareFacts
from api.use_cases.allocation_words import AllocationAsked, AssetAsked
from nodes.journal.account import AccountState
from nodes.kernels.arrays import Array, Index
from nodes.kernels.portfolio.caps import Book
from nodes.kernels.portfolio.covariance import repaired_covariance
from nodes.kernels.portfolio.mean_variance import Objective
from nodes.kernels.portfolio.methods import COVARIANCES, portfolio_named
from nodes.kernels.portfolio.risk_budgeting import risk_budget_weights
from nodes.vocabulary.errors import DataError, EdgeError

_BPS = 1e4
_NAN = float("nan")
_IMPACT_COEFFICIENT = 1.0
"""Of the square-root law: about 1 by Almgren et al. (2005) and Toth et al. (2011), Physical Review X 1."""


@dataclass(frozen=True, eq=False)
class Universe:
    """A book with its risk and its purpose.

    Attributes:
        book: the shares that can be judged.
        covariance: a year.
        is_repaired: whether the covariance was repaired.
        wanted_frac: weights before caps, NaN where nobody has an opinion.
        objective: what the portfolio is to be best at.
        half_spread_frac: of each share, NaN where it is not known.
        impact_frac: coefficient of the power 1.5 of a traded weight, NaN where it is not known.
        excluded: why shares were left out, by symbol.
    """

    book: Book
    covariance: Array
    is_repaired: bool
    wanted_frac: Array
    objective: Objective
    half_spread_frac: Array
    impact_frac: Array
    excluded: Mapping[str, str]

    def cost_usd(self, place: int, shares: int) -> float | None:
        """What trading so many shares is expected to cost; None where that is not known."""
        traded = shares * float(self.book.price_usd[place]) / self.book.equity_usd
        cost = traded * float(self.half_spread_frac[place]) + float(self.impact_frac[place]) * traded**1.5
        return 0.0 if shares == 0 else cost * self.book.equity_usd if np.isfinite(cost) else None


def universe_of(asked: AllocationAsked, facts: MarketFacts | None, account: AccountState | None) -> Universe:
    """The book of a question. Raises DataError when what is held cannot be judged, EdgeError for what cannot be."""
    given = tuple(_given(asked, facts, account))
    names = [each.symbol for each in given]
    if len(set(names)) < len(names):
        twice = sorted({name for name in names if names.count(name) > 1})
        message = f"assets name {', '.join(twice)} more than once"
        raise EdgeError(f"{message}; name each share once", reason="invalid")
    returns = _returns(asked, given, facts)
    known = [_Known.of(each, facts, returns[:, place], asked) for place, each in enumerate(given)]
    excluded = {each.asked.symbol: each.lacks for each in known if each.lacks}
    _require_judged(known)
    kept = [place for place, each in enumerate(known) if not each.lacks]
    return _universe(asked, [known[place] for place in kept], returns[:, kept], _equity(asked, account), excluded)


@dataclass(frozen=True, eq=False)
class _Known:
    """One share as it is known."""

    asked: AssetAsked
    price_usd: float
    adv_shares: float
    beta_frac: float
    half_spread_frac: float
    variance: float
    lacks: str

    @classmethod
    def of(cls, asked: AssetAsked, facts: MarketFacts | None, returns: Array, whole: AllocationAsked) -> _Known:
        market = facts.shares.get(asked.symbol) if facts is not None else None
        market = market or ShareFacts(_NAN, _NAN, _NAN, _NAN, np.empty(0))
        variance = _variance(asked, returns, whole.periods_per_year)
        price = _first(asked.price_usd, market.price_usd)
        lacks = _lack(price, variance, needs_returns=whole.method != "target", returns=returns)
        return cls(
            asked=asked,
            price_usd=price,
            adv_shares=_first(asked.adv_shares, market.adv_shares),
            beta_frac=_first(asked.beta_frac, market.beta_frac),
            half_spread_frac=_first(asked.half_spread_bps, market.half_spread_bps) / _BPS,
            variance=variance,
            lacks=lacks,
        )


def _lack(price: float, variance: float, *, needs_returns: bool, returns: Array) -> str:
    """What keeps a share out; "" when nothing does."""
    if not np.isfinite(price):
        return "it has no price of the session; give price_usd"
    if needs_returns and not np.isfinite(returns).all():
        return "it lacks returns of the sessions that risk is estimated from; ask for fewer, or give returns"
    if not np.isfinite(variance):
        return "its risk is not known; give volatility_frac or returns"
    if not variance > 0.0:
        return "its price has not moved, so that it has no risk to weigh; leave it out"
    return ""


def _variance(asked: AssetAsked, returns: Array, periods_per_year: float) -> float:
    if asked.volatility_frac is not None:
        return asked.volatility_frac**2
    if len(returns) < 2 or not np.isfinite(returns).all():  # noqa: PLR2004  # a deviation needs two
        return _NAN
    return float(np.var(returns, ddof=1)) * periods_per_year


def _first(given: float | None, market: float) -> float:
    return market if given is None else float(given)


def _given(asked: AllocationAsked, facts: MarketFacts | None, account: AccountState | None) -> Iterator[AssetAsked]:
    """The shares of the question, then those that the account holds, then, where none was named, the market's."""
    named = asked.assets or ()
    held = {} if account is None else {each.symbol: each.position_shares for each in account.holdings}
    for each in named:
        position = held.pop(each.symbol, 0)
        yield each if each.position_shares is not None else _with_position(each, position)
    for symbol, position in held.items():
        yield AssetAsked(symbol=symbol, position_shares=position)
    if asked.assets is None and facts is not None:
        known = {each.symbol for each in account.holdings} if account is not None else set()
        for symbol in facts.shares:
            if symbol not in known:
                yield AssetAsked(symbol=symbol, position_shares=0)


def _with_position(asset: AssetAsked, position: int) -> AssetAsked:
    fields = {name: getattr(asset, name) for name in asset.__struct_fields__}
    return AssetAsked(**{**fields, "position_shares": position})


def _returns(asked: AllocationAsked, given: tuple[AssetAsked, ...], facts: MarketFacts | None) -> Array:
    """One row a period, one column a share; NaN where they are not known."""
    if asked.returns is None:
        n_sessions = asked.covariance_sessions
        unknown = np.full(n_sessions, np.nan)
        found = {} if facts is None else facts.shares
        columns = [found[each.symbol].returns if each.symbol in found else unknown for each in given]
        return np.column_stack(columns) if columns else np.empty((n_sessions, 0))
    widths = {len(row) for row in asked.returns}
    wanted = len(asked.assets or ())
    if widths != {wanted}:
        message = f"returns have rows of {', '.join(map(str, sorted(widths)))} numbers for {wanted} assets"
        raise EdgeError(f"{message}; give one number an asset in each row", reason="invalid")
    table = np.array(asked.returns, np.float64).reshape(len(asked.returns), wanted)
    return np.hstack([table, np.full((len(table), len(given) - wanted), np.nan)])


def _require_judged(known: list[_Known]) -> None:
    """Raises DataError for a holding of which so little is known that no cap can be judged."""
    for each in known:
        if each.lacks and each.asked.position_shares:
            message = f"{each.asked.position_shares} shares of {each.asked.symbol} are held, and {each.lacks}"
            raise DataError(message, reason="invalid")


def _equity(asked: AllocationAsked, account: AccountState | None) -> float:
    if asked.equity_usd is not None:
        return asked.equity_usd
    if account is None:
        message = "equity_usd is missing, and no account is named whose equity could be taken"
        raise EdgeError(f"{message}; give one of the two", reason="invalid")
    return float(account.equity_usd)


def _universe(
    asked: AllocationAsked, known: list[_Known], returns: Array, equity_usd: float, excluded: Mapping[str, str]
) -> Universe:
    covariance, is_repaired = _covariance(asked, known, returns)
    wanted = _wanted(asked, known, covariance)
    book = _book(asked, known, equity_usd, wanted)
    half_spread = np.array([each.half_spread_frac for each in known])
    daily = np.sqrt(np.diagonal(covariance) / asked.periods_per_year)
    volume = np.where(book.adv_shares > 0.0, book.adv_shares, np.nan)
    impact = _IMPACT_COEFFICIENT * daily * np.sqrt(equity_usd / (book.price_usd * volume))
    objective = _objective(asked, covariance, book, (half_spread, impact))
    return Universe(book, covariance, is_repaired, wanted, objective, half_spread, impact, excluded)


def _covariance(asked: AllocationAsked, known: list[_Known], returns: Array) -> tuple[Array, bool]:
    """A year's covariance; for a posted target without a history of returns, the own risks alone."""
    own = np.diag([each.variance for each in known]).reshape(len(known), len(known))
    if not known or not np.isfinite(returns).all():
        return own, False
    estimated = COVARIANCES[asked.covariance](returns) * asked.periods_per_year
    scale = np.array([1.0 if each.asked.volatility_frac is None else each.variance for each in known])
    given = np.array([each.asked.volatility_frac is not None for each in known])
    factor = np.where(given, np.sqrt(scale / np.diagonal(estimated)), 1.0)
    return repaired_covariance(estimated * np.outer(factor, factor))


def _wanted(asked: AllocationAsked, known: list[_Known], covariance: Array) -> Array:
    """Weights before caps; NaN where the method has no opinion but the caps'."""
    if not known:
        return np.empty(0)
    if asked.method == "target":
        return np.array([each.asked.target_weight_frac or 0.0 for each in known])
    if asked.method == "mean-variance":
        return np.full(len(known), np.nan)
    gross = asked.target_gross_frac
    if asked.method == "risk-budget":
        budgets = np.array([each.asked.budget_frac or 0.0 for each in known])
        return risk_budget_weights(covariance, budgets, gross, gross)
    return portfolio_named(asked.method)(covariance, gross, gross)


def _book(asked: AllocationAsked, known: list[_Known], equity_usd: float, wanted: Array) -> Book:
    held: Index = np.array([each.asked.position_shares or 0 for each in known], np.int64)
    located: Index = np.array([each.asked.located_shares for each in known], np.int64)
    recalled: Index = np.array([each.asked.recalled_shares for each in known], np.int64)
    borrowed = np.maximum(np.maximum(-held, 0) - recalled, 0)
    fees = [np.nan if each.asked.borrow_fee_frac is None else each.asked.borrow_fee_frac for each in known]
    return Book(
        symbols=tuple(each.asked.symbol for each in known),
        equity_usd=equity_usd,
        price_usd=np.array([each.price_usd for each in known]),
        held_shares=held,
        sectors=tuple(each.asked.sector for each in known),
        beta_frac=np.array([each.beta_frac for each in known]),
        adv_shares=np.array([each.adv_shares for each in known]),
        located_shares=borrowed + located,
        borrow_fee_frac=np.array(fees, np.float64),
        target_frac=wanted,
        lot_shares=asked.lot_shares,
    )


def _objective(asked: AllocationAsked, covariance: Array, book: Book, costs: tuple[Array, Array]) -> Objective:
    """A posted target is followed share by share, a method's portfolio in risk; mean-variance has its own returns."""
    risk = asked.risk_aversion * (np.diag(np.diagonal(covariance)) if asked.method == "target" else covariance)
    reward = _expected(asked, book) if asked.method == "mean-variance" else risk @ book.target_frac
    spread_over = 0.0 if asked.holding_years is None else 1.0 / asked.holding_years
    return Objective(
        reward_frac=np.asarray(reward, np.float64),
        risk=risk,
        cost_frac=np.nan_to_num(costs[0]) * spread_over,
        impact_frac=np.nan_to_num(costs[1]) * spread_over,
        fee_frac=np.nan_to_num(book.borrow_fee_frac) * float(asked.holding_years is not None),
    )


def _expected(asked: AllocationAsked, book: Book) -> Array:
    given = {each.symbol: each.expected_return_frac for each in asked.assets or ()}
    missing = [symbol for symbol in book.symbols if given.get(symbol) is None]
    if missing:
        message = f"expected_return_frac of {', '.join(missing[:5])} is missing, and mean-variance needs it"
        raise EdgeError(f"{message}; give one for each asset, or use another method", reason="invalid")
    return np.array([given[symbol] for symbol in book.symbols], np.float64)
