"""The short-sale price test, rule 201 of Regulation SHO, as a state machine of one share; and what was before it.

A fall of ten per cent from the listing market's last close, in a trade of regular hours, restricts short sales for the
rest of that session and all of the next one: they may trade or rest only above the national best bid. A new fall
while restricted carries the restriction one session further.

Prices are in 1/10,000 USD.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

from nodes.kernels.market_rules.sessions import Hours, SessionTimes
from nodes.vocabulary.errors import DataError

_WHOLE_E4 = 10_000


class PriceTest(Enum):
    """What a short sale is tested by.

    NONE: nothing. TICK: the last trades, as rule 10a-1 did. BID: the best bid once triggered, as rule 201 does.
    """

    NONE = "none"
    TICK = "tick"
    BID = "bid"


@dataclass(frozen=True, slots=True)
class ShortSaleTerms:
    """The numbers of the rule.

    Attributes:
        price_test: what a short sale is tested by.
        trigger_e4: fall from the last close, in 1/10,000 of it, that triggers the test by the bid; None for others.
    """

    price_test: PriceTest
    trigger_e4: int | None


@dataclass(frozen=True, slots=True)
class ShortSaleState:
    """Where a share stands under rule 201.

    Attributes:
        session: the session.
        prior_close_e4: the listing market's close of the session before; None when the share had none.
        is_carried: whether the session before triggered.
        triggered_ns: when this session triggered; None while it has not.
    """

    session: SessionTimes
    prior_close_e4: int | None
    is_carried: bool
    triggered_ns: int | None

    def is_restricted(self, at_ns: int) -> bool:
        """Whether short sales are restricted at an instant of the session."""
        return self.is_carried or (self.triggered_ns is not None and at_ns >= self.triggered_ns)


def first_short_sale_state(session: SessionTimes, prior_close_e4: int | None) -> ShortSaleState:
    """A share of which nothing is carried over. Raises DataError when its last close is not positive."""
    return ShortSaleState(session, _checked(prior_close_e4), is_carried=False, triggered_ns=None)


def trigger_price_e4(prior_close_e4: int, terms: ShortSaleTerms) -> int | None:
    """The highest price that triggers: ten per cent or more under the last close. None when nothing can.

    Formula: floor(prior_close_e4 * (10,000 - trigger_e4) / 10,000)
    Unit: 1/10,000 USD. Missing: never.
    Source: 17 CFR 242.201(b)(1)(i): the price "decreases by 10% or more".
    """
    return None if terms.trigger_e4 is None else prior_close_e4 * (_WHOLE_E4 - terms.trigger_e4) // _WHOLE_E4


def short_sale_state_after_trade(
    state: ShortSaleState, at_ns: int, price_e4: int, terms: ShortSaleTerms
) -> ShortSaleState:
    """The state after a trade of the share; the same one unless it is the first of the session to trigger.

    Only trades of regular hours count; the close itself, printed at its instant, does. Source: 17 CFR 242.201(b)(1).
    """
    if state.triggered_ns is not None or state.prior_close_e4 is None:
        return state
    trigger_e4 = trigger_price_e4(state.prior_close_e4, terms)
    is_regular = state.session.hours(at_ns) is Hours.REGULAR or at_ns == state.session.closes_ns
    if trigger_e4 is None or not is_regular or price_e4 > trigger_e4:
        return state
    return replace(state, triggered_ns=at_ns)


def next_short_sale_state(state: ShortSaleState, session: SessionTimes, close_e4: int | None) -> ShortSaleState:
    """The state at the start of the next session.

    Args:
        state: where the share stood at the end of its session.
        session: the next one.
        close_e4: the listing market's close in between; None when there was none, and the one before stands.

    Raises:
        DataError: when the next session is not later, or the close is not positive.
    """
    if session.session_on <= state.session.session_on:
        message = f"session {session.session_on} does not follow {state.session.session_on}; pass sessions in order"
        raise DataError(message)
    prior_e4 = state.prior_close_e4 if close_e4 is None else _checked(close_e4)
    return ShortSaleState(session, prior_e4, is_carried=state.triggered_ns is not None, triggered_ns=None)


def short_sale_is_permitted(price_e4: int, best_bid_e4: int | None, *, is_restricted: bool, is_exempt: bool) -> bool:
    """Whether a short sale may trade or rest at a price.

    Formula: not restricted, or short exempt, or price > national best bid
    Unit: truth. Missing: None says that nobody bids, and the test does not apply; an unknown bid is for callers.
    Source: 17 CFR 242.201(b)(1)(i) and (iii), (c), (d).
    """
    return not is_restricted or is_exempt or best_bid_e4 is None or price_e4 > best_bid_e4


def least_short_sale_e4(best_bid_e4: int, tick_e4: int) -> int:
    """The lowest price on the tick at which a restricted short sale may rest: the first one above the best bid."""
    return (best_bid_e4 // tick_e4 + 1) * tick_e4


def is_on_plus_tick(price_e4: int, last_e4: int, last_different_e4: int | None) -> bool:
    """Whether a short sale passes the test by trades that held before 2007-07-06.

    Formula: price > last trade, or price = last trade and that was above the last different price
    Unit: truth. Missing: without an earlier different price the last trade is on no plus tick.
    Source: 17 CFR 240.10a-1(a), removed with effect from 2007-07-06 (release 34-55970).
    """
    is_zero_plus = last_different_e4 is not None and last_e4 > last_different_e4
    return price_e4 > last_e4 or (price_e4 == last_e4 and is_zero_plus)


def _checked(price_e4: int | None) -> int | None:
    if price_e4 is not None and price_e4 <= 0:
        message = f"last close was {price_e4}, expected a positive price in 1/10,000 USD; correct the close"
        raise DataError(message)
    return price_e4
