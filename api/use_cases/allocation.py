"""A target portfolio to orders that keep every cap, each cap with its price; or the caps that conflict.

The caps are the rules of the portfolio policy that the log runs, or the shipped one before its first activation. They
bound the optimiser, and they judge the whole shares that come out.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np

from adapters.lake.lake import Lake
from api.use_cases.allocation_book import Universe, universe_of
from api.use_cases.allocation_facts import MarketFacts, market_facts
from api.use_cases.allocation_words import (
    AllocationAsked,
    AllocationView,
    CapView,
    ConflictView,
    ExcludedView,
    HoldingView,
    stated_instant,
)
from api.use_cases.gate_policies import Asking, PolicyInForce
from dataflows.engine.run import GateRun
from dataflows.portfolio import caps_of, portfolio_snapshot, tightened
from nodes.journal.account import AccountState
from nodes.kernels.portfolio.allocation import Allocation, CapPrice, allocation
from nodes.kernels.portfolio.caps import Book, Cap, Measure, measures, without_beta
from nodes.kernels.portfolio.conflicts import Conflict
from nodes.kernels.risk import portfolio_volatility
from nodes.vocabulary.canonical import digest_text
from nodes.vocabulary.errors import DataError, PlanError
from nodes.vocabulary.verdict import Action

DEVIATION = "max-deviation"
"""What the cap on the distance from the target is called: it is asked, not of the policy."""
_STEPS = {Measure.PARTICIPATION: 0.0001, Measure.SHORT: 1.0}
_STEP = 0.01


class LimitsConflictError(DataError):
    """No portfolio keeps all caps. Carries the fewest that conflict."""

    def __init__(self, message: str, conflict: tuple[ConflictView, ...]) -> None:
        self.conflict = conflict
        super().__init__(message, reason="limits-conflict")


@dataclass(frozen=True)
class Place:
    """Where an allocation is made.

    Attributes:
        asking: the policy in force, and where it is asked.
        lake: the market.
        account: whose holdings and equity count; None for those of the question.
    """

    asking: Asking
    lake: Lake
    account: AccountState | None

    @property
    def policy(self) -> PolicyInForce:
        """The caps in force."""
        return self.asking.policy


def allocated(asked: AllocationAsked, place: Place) -> AllocationView:
    """The portfolio that is wanted, in whole shares under every cap.

    Raises:
        LimitsConflictError: no portfolio keeps all caps; it names the fewest that conflict.
        DataError: what is held or wanted cannot be judged by what is known.
        EdgeError: the question asks for what cannot be.
    """
    facts = _facts(asked, place)
    universe = universe_of(asked, facts, place.account)
    caps = _caps(asked, place.policy)
    _require_beta(universe.book, caps)
    found = allocation(universe.book, caps, universe.objective)
    if isinstance(found, Conflict):
        raise _conflicting(found)
    run = _judged(universe.book, found, place, facts)
    return _view(_Made(asked, place, facts, universe, found, run))


@dataclass(frozen=True, eq=False)
class _Made:
    """An allocation with all that it was made from."""

    asked: AllocationAsked
    place: Place
    facts: MarketFacts | None
    universe: Universe
    found: Allocation
    run: GateRun


def _facts(asked: AllocationAsked, place: Place) -> MarketFacts | None:
    """What the market knows; None when the question brings all of its own."""
    given = asked.assets
    if given is not None and asked.returns is not None and all(each.price_usd is not None for each in given):
        return None
    return market_facts(place.lake, _instant(asked, place), asked.covariance_sessions)


def _instant(asked: AllocationAsked, place: Place) -> datetime:
    if asked.as_of is not None:
        return stated_instant(asked.as_of)
    calendar, account = place.lake.calendar, place.account
    return calendar.close(account.decided_on if account and account.decided_on else place.lake.last_on)


def _caps(asked: AllocationAsked, policy: PolicyInForce) -> tuple[Cap, ...]:
    caps = tightened(caps_of(policy.parsed), asked.limits)
    if asked.max_deviation_frac is None:
        return caps
    return (*caps, Cap(DEVIATION, Measure.DEVIATION, asked.max_deviation_frac))


def _require_beta(book: Book, caps: tuple[Cap, ...]) -> None:
    missing = without_beta(book, caps)
    if missing:
        message = f"beta of {', '.join(missing[:5])} is not known, and the policy caps beta"
        raise DataError(f"{message}; give beta_frac, or leave the share out", reason="invalid")


def _judged(book: Book, found: Allocation, place: Place, facts: MarketFacts | None) -> GateRun:
    """The rules over the whole shares. Raises PlanError when they deny what was made to keep them."""
    at = facts.as_of if facts is not None else place.lake.calendar.close(place.lake.last_on)
    run = place.asking.run(portfolio_snapshot(book, found.shares), at)
    if run.action is not Action.ACT:
        raise PlanError(
            f"allocation of {len(book)} shares is denied by {run.failed[0].rule_id}: {run.failed[0].because}"
        )
    return run


def _conflicting(found: Conflict) -> LimitsConflictError:
    """The fewest caps that conflict, as an error."""
    views = tuple(
        ConflictView(
            rule=each.cap.rule,
            measure=each.cap.measure.value,
            limit=each.cap.limit,
            subjects=tuple(dict.fromkeys(row.subject for row in found.rows if row.cap == each.cap and row.subject)),
            loosened_limit=each.limit,
        )
        for each in found.loosenings
    )
    said = " and ".join(f"{view.rule} ({view.measure} {view.limit:g})" for view in views)
    ways = [f"{view.rule} to {view.loosened_limit:.6g}" for view in views if view.loosened_limit is not None]
    mend = f"loosen {' or '.join(ways)}" if ways else "loosen more than one of them"
    return LimitsConflictError(f"no portfolio keeps {said}; {mend}", views)


def _view(made: _Made) -> AllocationView:
    universe, found, facts = made.universe, made.found, made.facts
    book, weights = universe.book, universe.book.weights(found.shares)
    return AllocationView(
        policy=made.place.policy.name,
        policy_digest=digest_text(made.place.policy.plan.policy_digest),
        trace_digest=digest_text(made.run.trace.digest),
        as_of=None if facts is None else facts.as_of,
        session_on=None if facts is None else facts.session_on,
        equity_usd=book.equity_usd,
        method=made.asked.method,
        covariance=made.asked.covariance,
        is_repaired=universe.is_repaired,
        holdings=tuple(_holding(universe, found, at) for at in range(len(book))),
        caps=_cap_views(book, found),
        excluded=tuple(ExcludedView(symbol, because) for symbol, because in universe.excluded.items()),
        cash_frac=1.0 - measures(book, found.shares)[Measure.NET],
        worth_frac=found.worth_frac,
        caps_cost_usd_per_year=max(found.free_worth_frac - found.worth_frac, 0.0) * book.equity_usd,
        volatility_frac=portfolio_volatility(weights, universe.covariance) if len(book) else 0.0,
    )


def _cap_views(book: Book, found: Allocation) -> tuple[CapView, ...]:
    values = measures(book, found.shares)
    return tuple(_cap_view(price, values[price.cap.measure], book.equity_usd) for price in found.prices)


def _cap_view(price: CapPrice, value: float, equity_usd: float) -> CapView:
    cap, step = price.cap, _STEPS.get(price.cap.measure, _STEP)
    step_usd = price.shadow_price * step * equity_usd
    side = "at least" if cap.is_least else "at most"
    said = f"{cap.measure.value} is {value:.6g}, {side} {cap.limit:g}"
    subjects = tuple(subject for subject in price.subjects if subject)
    if price.shadow_price > 0.0:
        where = f" for {', '.join(subjects[:5])}" if subjects else ""
        said += f"; it binds{where}, and {step:g} more of it would be worth {step_usd:,.2f} USD a year"
    else:
        said += "; it costs nothing"
    return CapView(
        rule=cap.rule,
        measure=cap.measure.value,
        value=value if np.isfinite(value) else None,
        limit=cap.limit,
        binds=price.shadow_price > 0.0,
        shadow_price_frac=price.shadow_price,
        step=step,
        usd_per_step=step_usd,
        subjects=subjects,
        because=said,
    )


def _holding(universe: Universe, found: Allocation, place: int) -> HoldingView:
    book = universe.book
    target, held = int(found.shares[place]), int(book.held_shares[place])
    price, wanted = float(book.price_usd[place]), float(universe.wanted_frac[place])
    short, fee = max(-target, 0), float(book.borrow_fee_frac[place])
    return HoldingView(
        symbol=book.symbols[place],
        price_usd=price,
        position_shares=held,
        wanted_weight_frac=wanted if np.isfinite(wanted) else None,
        weight_frac=target * price / book.equity_usd,
        target_shares=target,
        order_shares=target - held,
        order_usd=abs(target - held) * price,
        expected_cost_usd=universe.cost_usd(place, abs(target - held)),
        borrow_usd_per_year=0.0 if short == 0 else _known(short * price * fee),
    )


def _known(value: float) -> float | None:
    return value if np.isfinite(value) else None
