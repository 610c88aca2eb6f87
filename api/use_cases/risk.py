"""The risk of an account as it stands: exposure after pending orders, losses, limits and how far they are used up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

import msgspec

from adapters.lake.lake import Lake
from api.use_cases.incidents import Incident, IncidentReport, incidents, opened_once
from api.use_cases.model_desk import ModelDesk
from api.use_cases.risk_book import Book, History, books, history
from api.use_cases.risk_measures import (
    BreachView,
    MeasureView,
    MethodBacktestView,
    ShareView,
    backtests,
    measures,
    shares,
)
from governance.ports import LogReader
from nodes.journal.account import AccountState, account_from_bytes
from nodes.kernels.ratios import ratio, shortfall
from nodes.vocabulary.errors import EdgeError
from policies.risk_terms import RiskTerms
from policies.schema import Policy

_ZERO = Decimal(0)


class ExposureView(msgspec.Struct, frozen=True):
    """One share of an account, pending orders counted.

    Attributes:
        symbol: the share.
        position_shares: what is held; negative when short.
        pending_buy_shares: what pending orders would buy.
        pending_sell_shares: what they would sell.
        value_usd: worth of what is held.
        worst_usd: the largest worth that pending orders can lead to, whichever of them are filled.
        worst_weight_frac: that, of equity; null without equity.
    """

    symbol: str
    position_shares: int
    pending_buy_shares: int
    pending_sell_shares: int
    value_usd: Decimal
    worst_usd: Decimal
    worst_weight_frac: float | None


class LimitView(msgspec.Struct, frozen=True):
    """A limit of the policy.

    Attributes:
        rule: the rule's id.
        verdict: what it says beyond the limit.
        applies_to: all orders, or increasing ones.
        limit: name of the limit.
        value: the limit.
        found: where the account stands; null for what only an order has.
        used_frac: how much of the limit that is; null likewise.
        plain: what it is for, for beginners.
    """

    rule: str
    verdict: str
    applies_to: str
    limit: str
    value: float
    found: float | None
    used_frac: float | None
    plain: str


class HaltView(msgspec.Struct, frozen=True):
    """What stops new risk of the whole account now.

    Attributes:
        rule: the rule that does.
        found: where the account stands; null where it is no number.
        limit: from where on it stops; null likewise.
    """

    rule: str
    found: float | None
    limit: float | None


class RiskReport(msgspec.Struct, frozen=True):
    """The risk of an account.

    Attributes:
        account_id: whose.
        marked_on: the close at which it was valued.
        equity_usd: what it is worth.
        cash_usd: cash that no pending buy has claimed.
        gross_frac: worst gross exposure, pending orders counted, of equity.
        net_frac: net exposure of what is held, of equity.
        drawdown_frac: how far it is below its peak of the last year.
        daily_loss_frac: what it lost in its last session; negative for a gain.
        kill_switch_is_engaged: whether trading is stopped by hand.
        automation_is_disabled: whether the throttle has stopped automated execution.
        halts: what stops new risk now.
        exposures: by share.
        measures: value at risk and expected shortfall by method; empty before the first close.
        contributions: what each share adds to the historical expected shortfall.
        is_over: whether a measure of the incident method is beyond the terms; null where none is and one that should
            be known is not.
        terms: family and version of the terms that it is measured by.
        policy: family and version of the policy that runs.
    """

    account_id: str
    marked_on: date | None
    equity_usd: Decimal
    cash_usd: Decimal
    gross_frac: float | None
    net_frac: float | None
    drawdown_frac: float | None
    daily_loss_frac: float | None
    kill_switch_is_engaged: bool
    automation_is_disabled: bool
    halts: tuple[HaltView, ...]
    exposures: tuple[ExposureView, ...]
    measures: tuple[MeasureView, ...]
    contributions: tuple[ShareView, ...]
    is_over: bool | None
    terms: str
    policy: str


class RiskBacktest(msgspec.Struct, frozen=True):
    """How the measures held against what happened to an account.

    Attributes:
        account_id: whose.
        level_frac: with what probability the value at risk was to be exceeded.
        incident_method: the method whose breaches are incidents.
        methods: each method.
    """

    account_id: str
    level_frac: float
    incident_method: str
    methods: tuple[MethodBacktestView, ...]


@dataclass(frozen=True)
class RiskDesk:
    """What risk is measured with.

    Attributes:
        lake: the market data.
        policy: the policy that runs.
        terms: how risk is measured.
        account_id: whose risk.
    """

    lake: Lake
    policy: Policy
    terms: RiskTerms
    account_id: str

    @cached_property
    def past(self) -> History:
        """What the shares of the lake did."""
        return history(self.lake)


def risk_report(desk: RiskDesk, reader: LogReader) -> RiskReport:
    """The risk of an account as the log has it now. Raises EdgeError (not-found) for one that has not begun."""
    state = _account(desk, reader)
    book = _book(state)
    measured = () if book is None else measures(desk.past, book, desk.terms)
    parts = () if book is None else shares(desk.past, book, desk.terms)
    equity_usd = state.equity_usd
    net_usd = sum((holding.value_usd for holding in state.holdings), _ZERO)
    return RiskReport(
        account_id=desk.account_id,
        marked_on=state.marked_on,
        equity_usd=equity_usd,
        cash_usd=state.free_cash_usd,
        gross_frac=_frac(state.gross_exposure_usd, equity_usd),
        net_frac=_frac(net_usd, equity_usd),
        drawdown_frac=_drawdown_frac(state),
        daily_loss_frac=_daily_loss_frac(state),
        kill_switch_is_engaged=state.kill_switch_is_engaged,
        automation_is_disabled=state.automation_is_disabled,
        halts=halts(desk.policy, state),
        exposures=_exposures(state),
        measures=measured,
        contributions=parts,
        is_over=_is_over(state, measured, desk.terms),
        terms=f"{desk.terms.family} v{desk.terms.version}",
        policy=f"{desk.policy.family} v{desk.policy.version}",
    )


def risk_limits(desk: RiskDesk, reader: LogReader) -> tuple[LimitView, ...]:
    """Every limit of the policy that runs, and how far the account has used it up where that can be said."""
    state = _account(desk, reader)
    return tuple(
        _limit(rule, name, value, state)
        for rule in desk.policy.rules
        for name, value in rule.limits.items()
        if isinstance(value, int | float | Decimal)
    )


def risk_backtest(desk: RiskDesk, reader: LogReader) -> RiskBacktest:
    """How each method held against what happened to an account, close by close."""
    found = backtests(desk.past, books(reader, desk.account_id), desk.terms)
    level = desk.terms.value_at_risk_level_frac
    return RiskBacktest(desk.account_id, level, desk.terms.incident_method, found)


def recorded_breaches(
    desk: RiskDesk, models: ModelDesk, found: RiskBacktest, principal: str
) -> tuple[tuple[Incident, ...], int]:
    """An incident for each breach of the incident method that has none yet, and how many had one.

    Each begins at the close of the session that lost more than had been told of it.
    """
    breaches = next(each for each in found.methods if each.method == found.incident_method).breaches
    with models.store.reader() as reader:
        known = {each.title for each in incidents(reader)}
    fresh = [breach for breach in breaches if _title(desk, breach) not in known]
    recorded = [opened_once(models, _incident(desk, breach, found), principal) for breach in fresh]
    opened = tuple(each for each in recorded if each is not None)
    return opened, len(breaches) - len(opened)


def halts(policy: Policy, state: AccountState) -> tuple[HaltView, ...]:
    """The rules of a policy that stop new risk of an account as it stands."""
    found: list[HaltView] = []
    for rule in policy.rules:
        for name, limit in rule.limits.items():
            value = _HALTING.get(name, _none)(state)
            if value is not None and value > float(limit):  # type: ignore[arg-type]  # limits of these names are numbers
                found.append(HaltView(rule.id, value, float(limit)))  # type: ignore[arg-type]
        for flag, is_set in _FLAGS.items():
            if flag in rule.require and is_set(state):
                found.append(HaltView(rule.id, None, None))
    return tuple(found)


def _none(_state: AccountState) -> float | None:
    return None


def _drawdown_frac(state: AccountState) -> float | None:
    return shortfall(state.equity_usd, state.peak_equity_usd)


def _daily_loss_frac(state: AccountState) -> float | None:
    return shortfall(state.equity_usd, state.day_start_equity_usd)


def _gross_frac(state: AccountState) -> float | None:
    return _frac(state.gross_exposure_usd, state.equity_usd)


def _largest_frac(state: AccountState) -> float | None:
    weights = [each.worst_weight_frac for each in _exposures(state)]
    known = [weight for weight in weights if weight is not None]
    return max(known, default=0.0) if len(known) == len(weights) else None


def _orders_today(state: AccountState) -> float | None:
    return float(state.orders_today_count)


def _longest_row(state: AccountState) -> float | None:
    symbols = {symbol for symbol, _, _ in (*state.repeats, *state.today_counts)}
    counts = [state.repeated_orders_count(symbol, side) for symbol in symbols for side in (1, -1)]
    return float(max(counts, default=0))


_Stand = Callable[[AccountState], float | None]
_HALTING: Mapping[str, _Stand] = {
    "max_account_drawdown_frac": _drawdown_frac,
    "max_daily_loss_frac": _daily_loss_frac,
}
_FLAGS: Mapping[str, Callable[[AccountState], bool]] = {
    "kill_switch_is_engaged": lambda state: state.kill_switch_is_engaged,
    "automation_is_disabled": lambda state: state.automation_is_disabled,
}
_STANDS: Mapping[str, _Stand] = {
    **_HALTING,
    "max_gross_frac": _gross_frac,
    "max_weight_frac": _largest_frac,
    "max_day_orders_count": _orders_today,
    "throttle_from_count": _longest_row,
}
"""Limit: where an account stands against it, before any further order."""


def _limit(rule: Any, name: str, value: float | Decimal, state: AccountState) -> LimitView:  # noqa: ANN401  # a Rule
    found, limit = _STANDS.get(name, _none)(state), float(value)
    return LimitView(
        rule=rule.id,
        verdict=rule.then.verdict.label,
        applies_to=rule.applies_to.value,
        limit=name,
        value=limit,
        found=found,
        used_frac=None if found is None or limit <= 0.0 else max(found, 0.0) / limit,
        plain=rule.plain,
    )


def _exposures(state: AccountState) -> tuple[ExposureView, ...]:
    held = {holding.symbol: holding for holding in state.holdings}
    worst = state.worst_exposures_usd
    return tuple(
        ExposureView(
            symbol=symbol,
            position_shares=state.position_shares(symbol),
            pending_buy_shares=state.pending_buy_shares(symbol),
            pending_sell_shares=state.pending_sell_shares(symbol),
            value_usd=held[symbol].value_usd if symbol in held else _ZERO,
            worst_usd=worst_usd,
            worst_weight_frac=_frac(worst_usd, state.equity_usd),
        )
        for symbol, worst_usd in worst.items()
    )


def _is_over(state: AccountState, measured: tuple[MeasureView, ...], terms: RiskTerms) -> bool | None:
    """Whether the incident method is beyond its limits; None when nobody knows, which is not the same as no."""
    if not state.holdings and state.equity_usd > 0:
        return False
    told = [each for each in measured if each.method == terms.incident_method]
    pairs = [(each.value_at_risk_frac, terms.max_value_at_risk_frac) for each in told]
    pairs += [(each.expected_shortfall_frac, terms.max_shortfall_frac) for each in told]
    if any(found is not None and found > limit for found, limit in pairs):
        return True
    return None if not pairs or any(found is None for found, _ in pairs) else False


def _frac(value_usd: Decimal, equity_usd: Decimal) -> float | None:
    return ratio(value_usd, equity_usd)


def _account(desk: RiskDesk, reader: LogReader) -> AccountState:
    row = reader.account(desk.account_id)
    if row is None:
        message = f"account {desk.account_id!r} has not begun in this log; run a session, or name another account"
        raise EdgeError(message, reason="not-found")
    return account_from_bytes(row.content)


def _book(state: AccountState) -> Book | None:
    if state.marked_on is None or state.equity_usd <= 0:
        return None
    held = {holding.symbol: holding.position_shares for holding in state.holdings}
    return Book(state.marked_on, float(state.equity_usd), held)


def _title(desk: RiskDesk, breach: BreachView) -> str:
    return f"VaR breach of account {desk.account_id} on {breach.session_on.isoformat()}"


def _incident(desk: RiskDesk, breach: BreachView, found: RiskBacktest) -> IncidentReport:
    what = (
        f"The account lost {breach.loss_frac:.2%} on {breach.session_on.isoformat()}; at the close of "
        f"{breach.told_on.isoformat()} the {found.incident_method} value at risk at {found.level_frac:.1%} was "
        f"{breach.value_at_risk_frac:.2%}."
    )
    return IncidentReport(_title(desk, breach), what, desk.lake.calendar.close(breach.session_on))
