"""Whether a short sale has a locate: what rules read of a list of shares to borrow."""

from __future__ import annotations

from dataclasses import dataclass

from dataflows.engine.dataflow import Dataflow, Kind
from nodes.vocabulary.units import Frac, Seconds, Shares, Text


@dataclass(frozen=True)
class BorrowSnapshot:
    """What is known of a borrow. None where it is not known: the rule is then unknown, and denies.

    Attributes:
        symbol: of which share.
        short_shares: shares of the sale that are not held.
        available_shares: what the newest list known at the instant shows.
        missing_shares: short shares beyond those; 0 where there are enough.
        borrow_use_frac: short shares as a part of what is available.
        borrow_fee_frac: of a year.
        list_age_s: seconds since the list was stamped.
        recalled_shares: of the shares already borrowed, those that the lender wants back.
    """

    symbol: Text
    short_shares: Shares
    available_shares: Shares
    missing_shares: Shares
    borrow_use_frac: Frac
    borrow_fee_frac: Frac
    list_age_s: Seconds
    recalled_shares: Shares


BORROW = Dataflow("borrow", Kind.GATE, (), BorrowSnapshot, ())
