"""Auctions of the listing exchange: until when they take orders, and how a share reopens after a pause or halt.

A reopening auction may trade only within its collars. Where its indicative price lies outside them, or market orders
are left over, it is put off, and the collar on the side of the pressure moves out by one step. How an auction finds its
price is the simulator's.

Prices are in 1/10,000 USD. Source: exchange rule 7.35 (NYSE Arca and NYSE American) after LULD amendment 12.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

from nodes.kernels.market_rules.sessions import SessionTimes
from nodes.vocabulary.trading import OrdType, TimeInForce, VenueOrder

_WHOLE_E4 = 10_000


@dataclass(frozen=True, slots=True)
class AuctionTerms:
    """The numbers of one exchange's auctions.

    Attributes:
        exchange: its MIC.
        opening_entry_ns: before the opening, when on-open orders can no longer be entered.
        closing_market_entry_ns: before the close, when market-on-close orders can no longer be entered.
        closing_limit_entry_ns: likewise for limit-on-close orders.
        closing_cancel_ns: before the close, when on-close orders can no longer be cancelled.
        collar_e4: width of a reopening collar and of one extension, in 1/10,000 of the reference.
        small_collar_e4: width for references up to the price below, in 1/10,000 USD.
        small_price_e4: the highest reference with that width.
        extension_ns: by how much a reopening is put off.
    """

    exchange: str
    opening_entry_ns: int
    closing_market_entry_ns: int
    closing_limit_entry_ns: int
    closing_cancel_ns: int
    collar_e4: int
    small_collar_e4: int
    small_price_e4: int
    extension_ns: int


class Pressure(Enum):
    """Where market orders are left over in an auction."""

    NONE = "none"
    BUY = "buy"
    SELL = "sell"


@dataclass(frozen=True, slots=True)
class Reopening:
    """A reopening auction.

    Attributes:
        reference_e4: what its collars are measured from: the band that was hit, or the last trade.
        step_e4: by how much a collar moves out.
        lower_e4: the lowest price at which it may trade.
        upper_e4: the highest.
        at_ns: when it is tried next.
        n_extensions: how often it was put off.
        opened_e4: its price once it has traded; None before.
    """

    reference_e4: int
    step_e4: int
    lower_e4: int
    upper_e4: int
    at_ns: int
    n_extensions: int
    opened_e4: int | None


def entry_fault(order: VenueOrder, at_ns: int, session: SessionTimes, terms: AuctionTerms) -> str:
    """Why an auction would not take an order any more, in words; "" when it would or the order is for none.

    Source: the exchange's order types; the cut-off instant itself is too late.
    """
    if order.time_in_force is TimeInForce.OPG:
        return _late("on-open", session.opens_ns - terms.opening_entry_ns, at_ns)
    if order.time_in_force is TimeInForce.CLS:
        is_market = order.ord_type is OrdType.MARKET
        before_ns = terms.closing_market_entry_ns if is_market else terms.closing_limit_entry_ns
        return _late("on-close", session.closes_ns - before_ns, at_ns)
    return ""


def closing_order_is_cancellable(at_ns: int, session: SessionTimes, terms: AuctionTerms) -> bool:
    """Whether an on-close order can still be cancelled."""
    return at_ns < session.closes_ns - terms.closing_cancel_ns


def reopening_after_pause(
    at_ns: int, hit: Pressure, bands_e4: tuple[int, int], terms: AuctionTerms, tick_e4: int
) -> Reopening:
    """The auction that ends a trading pause.

    Formula: sold to the lower band: reference is that band, collars reference - step and the upper band;
        bought to the upper band: reference is that band, collars the lower band and reference + step
    Unit: 1/10,000 USD on the tick. Missing: never; a straddle (no band hit) takes the middle of the bands.
    Source: NYSE Arca rule 7.35-E(e), as recalled.

    Args:
        at_ns: when the pause may end first.
        hit: SELL when the lower band was hit, BUY when the upper one was, NONE when the exchange paused a straddle.
        bands_e4: lower and upper band at the start of the pause.
        terms: the exchange's numbers.
        tick_e4: step of the share's prices.
    """
    lower_e4, upper_e4 = bands_e4
    middle_e4 = (lower_e4 + upper_e4) // 2 // tick_e4 * tick_e4
    reference_e4 = {Pressure.SELL: lower_e4, Pressure.BUY: upper_e4, Pressure.NONE: middle_e4}[hit]
    step_e4 = _step_e4(reference_e4, terms, tick_e4)
    if hit is not Pressure.BUY:
        lower_e4 = reference_e4 - step_e4
    if hit is not Pressure.SELL:
        upper_e4 = reference_e4 + step_e4
    return Reopening(reference_e4, step_e4, max(lower_e4, tick_e4), upper_e4, at_ns, 0, None)


def reopening_after_halt(at_ns: int, last_e4: int, terms: AuctionTerms, tick_e4: int) -> Reopening:
    """The auction that ends a regulatory or market-wide halt: collars on both sides of the last trade.

    Source: NYSE Arca rule 7.35-E(e), as recalled.
    """
    step_e4 = _step_e4(last_e4, terms, tick_e4)
    return Reopening(last_e4, step_e4, max(last_e4 - step_e4, tick_e4), last_e4 + step_e4, at_ns, 0, None)


def reopening_tried(state: Reopening, indicative_e4: int | None, pressure: Pressure, terms: AuctionTerms) -> Reopening:
    """The auction after it was tried at its instant: open at the indicative price, or put off with a wider collar.

    Formula: opens when a price is there, within the collars, and no market order is left over
    Unit: see Reopening. Missing: without any price the auction is put off and its collars stay.
    Source: NYSE Arca rule 7.35-E(e), as recalled: each extension widens the side of the imbalance by one step.
    """
    if state.opened_e4 is not None:
        return state
    is_low = pressure is Pressure.SELL or (indicative_e4 is not None and indicative_e4 < state.lower_e4)
    is_high = pressure is Pressure.BUY or (indicative_e4 is not None and indicative_e4 > state.upper_e4)
    if indicative_e4 is not None and not is_low and not is_high:
        return replace(state, opened_e4=indicative_e4)
    return replace(
        state,
        at_ns=state.at_ns + terms.extension_ns,
        n_extensions=state.n_extensions + 1,
        lower_e4=max(state.lower_e4 - state.step_e4, 1) if is_low else state.lower_e4,
        upper_e4=state.upper_e4 + state.step_e4 if is_high else state.upper_e4,
    )


def _step_e4(reference_e4: int, terms: AuctionTerms, tick_e4: int) -> int:
    if reference_e4 <= terms.small_price_e4:
        return terms.small_collar_e4
    return (2 * reference_e4 * terms.collar_e4 + _WHOLE_E4 * tick_e4) // (2 * _WHOLE_E4 * tick_e4) * tick_e4


def _late(kind: str, cutoff_ns: int, at_ns: int) -> str:
    return f"{kind} orders were taken until {cutoff_ns} ns, it is {at_ns} ns" if at_ns >= cutoff_ns else ""
