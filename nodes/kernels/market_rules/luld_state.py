"""What the limit up-limit down machine of `luld` holds: the numbers of the plan, a session's frame, and a state.

Prices are in 1/10,000 USD, times in ns UTC. Source: plan to address extraordinary market volatility (file 4-631).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from nodes.kernels.market_rules.auctions import Pressure
from nodes.kernels.market_rules.price_bands import BandedShare, Bands, BandTerms, Reference, checked_share
from nodes.kernels.market_rules.sessions import SessionTimes
from nodes.kernels.market_rules.windows import TradeWindow, empty_window
from nodes.vocabulary.errors import DataError

NEVER_NS = 2**63 - 1
PAUSE_CODE = "LUDP"
STRADDLE_CODE = "LUDS"
"""Reason codes of pauses as the exchanges publish them: at a band, and declared by the exchange in a straddle."""


class Phase(Enum):
    """Where a share stands in a session."""

    BEFORE = "before"
    TRADING = "trading"
    LIMIT = "limit-state"
    PAUSED = "paused"
    HALTED = "halted"
    OVER = "over"


class QuoteOpening(Enum):
    """What the reference is when the listing exchange opens without a trade."""

    MIDDLE = "middle"
    PRIOR_CLOSE = "prior-close"


@dataclass(frozen=True, slots=True)
class LuldTerms:
    """The numbers of the plan.

    Attributes:
        bands: percentages and doubling.
        window_ns: how far back the mean reaches, and how long an opening price is waited for.
        threshold_e4: how far the mean must be from the reference to replace it, in 1/10,000.
        min_reference_ns: how long a reference stands at least.
        limit_ns: how long a limit state lasts before the pause.
        pause_ns: how long a pause lasts at least.
        max_pause_ns: after which time trading resumes without the listing exchange; None when it never does.
        last_ns: before the close, from when on a pause lasts to the close.
        closing_ns: after the close, until when a paused share waits for its closing transaction.
        quote_opening: the first reference when the exchange opens without a trade.
    """

    bands: BandTerms
    window_ns: int
    threshold_e4: int
    min_reference_ns: int
    limit_ns: int
    pause_ns: int
    max_pause_ns: int | None
    last_ns: int
    closing_ns: int
    quote_opening: QuoteOpening


@dataclass(frozen=True, slots=True)
class LuldFrame:
    """What stays the same over a session.

    Attributes:
        share: what the plan knows of the share.
        session: its regular hours.
        terms: the numbers of the plan.
    """

    share: BandedShare
    session: SessionTimes
    terms: LuldTerms


class Stop(NamedTuple):
    """A pause or halt.

    Attributes:
        code: LUDP, LUDS, or the code of whoever halted.
        started_ns: when.
        ended_ns: when it ended; None while it lasts.
        hit: SELL when the lower band was hit, BUY when the upper one was, NONE for all others.
        bands: the bands at its start.
    """

    code: str
    started_ns: int
    ended_ns: int | None
    hit: Pressure
    bands: Bands | None


class LuldState(NamedTuple):
    """Where a share stands.

    Attributes:
        phase: what may be done.
        now_ns: instant up to which everything has been taken into account.
        since_ns: when the phase began.
        reference: the reference price; None before the first.
        reference_ns: since when it stands.
        bands: the price bands; None without a reference.
        window: trades of the last five minutes that count.
        bid_e4: national best bid; None when nobody bids.
        ask_e4: national best offer; None when nobody offers.
        hit: side of the limit state.
        awaited_ns: until when an opening price is the first reference; then the mean is.
        stops: pauses and halts so far.
        due_ns: when something happens by itself next.
    """

    phase: Phase
    now_ns: int
    since_ns: int
    reference: Reference | None
    reference_ns: int
    bands: Bands | None
    window: TradeWindow
    bid_e4: int | None
    ask_e4: int | None
    hit: Pressure
    awaited_ns: int
    stops: tuple[Stop, ...]
    due_ns: int

    @property
    def is_stopped(self) -> bool:
        """Whether no order may trade: a pause or a halt."""
        return self.phase is Phase.PAUSED or self.phase is Phase.HALTED

    @property
    def is_straddled(self) -> bool:
        """Whether the best bid is under the lower band, or the best offer over the upper one, outside a limit state."""
        if self.phase is not Phase.TRADING or self.bands is None:
            return False
        is_low = self.bid_e4 is not None and self.bid_e4 < self.bands.lower_e4
        return is_low or (self.ask_e4 is not None and self.ask_e4 > self.bands.upper_e4)


def first_luld_state(frame: LuldFrame, at_ns: int) -> LuldState:
    """A share before the opening. Raises DataError when the share cannot be, or the session has begun already."""
    checked_share(frame.share)
    opens_ns = frame.session.opens_ns
    if at_ns > opens_ns:
        message = (
            f"session {frame.session.session_on} opened at {opens_ns} ns, the state is of {at_ns} ns; start earlier"
        )
        raise DataError(message)
    awaited_ns = opens_ns + frame.terms.window_ns
    return LuldState(
        phase=Phase.BEFORE,
        now_ns=at_ns,
        since_ns=at_ns,
        reference=None,
        reference_ns=at_ns,
        bands=None,
        window=empty_window(),
        bid_e4=None,
        ask_e4=None,
        hit=Pressure.NONE,
        awaited_ns=awaited_ns,
        stops=(),
        due_ns=opens_ns,
    )
