"""What an account made with one share in one session, parted into what was decided and what carrying it out cost.

What was decided is valued as if every trade of the session had been done at the close before, for nothing: that is the
paper gain, and the book that makes it the exposure. The difference to what was really made is cost:
    spread, impact, latency   as the fill tells them
    slippage                  the rest of the way from the close before to the price: what the market did in between
    fees                      commission, regulatory fees, fees of venues, borrow
Money is exact, so that paper less costs is what was made, to the last digit. Costs are positive.

Source: Perold (1988), J. Portfolio Management 14(3), for paper and reality.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from nodes.vocabulary.holdings import millionths

_ZERO = Decimal(0)


class Cost(StrEnum):
    """What carrying out and holding cost."""

    SPREAD = "spread"
    IMPACT = "impact"
    LATENCY = "latency"
    SLIPPAGE = "slippage"
    COMMISSION = "commission"
    REGULATORY = "regulatory"
    VENUE = "venue"
    BORROW = "borrow"
    FINANCING = "financing"


@dataclass(frozen=True, slots=True)
class Trade:
    """Shares that changed hands.

    Attributes:
        decision_id: what they were traded for; empty where nothing in the log says.
        shares: negative for a sale.
        price_usd: a share.
        costs_usd: what is told of its costs; what is not told is not in it.
    """

    decision_id: bytes
    shares: Decimal
    price_usd: Decimal
    costs_usd: tuple[tuple[Cost, Decimal], ...]

    def cost_usd(self, kind: Cost) -> Decimal:
        """What one kind of cost came to; nothing where none is told."""
        return sum((amount for each, amount in self.costs_usd if each is kind), _ZERO)

    def slippage_usd(self, reference_usd: Decimal) -> Decimal:
        """What is left of the way from the reference to the price; see `ShareSession.reference_usd`."""
        told = sum((self.cost_usd(kind) for kind in IN_PRICE), _ZERO)
        return self.shares * (self.price_usd - reference_usd) - told


IN_PRICE = (Cost.SPREAD, Cost.IMPACT, Cost.LATENCY)
"""Costs that a price holds; slippage is what they leave, and the others are charged."""


@dataclass(frozen=True, slots=True)
class ShareSession:
    """One share in one session, as an account had it.

    Attributes:
        opening_shares: held at the close before.
        opening_usd: what they were worth then.
        split_ratio: shares after for each before, as a pair.
        dividend_usd: paid a share.
        paid_usd: cash that corporate actions brought.
        closing_usd: what was held at the close, at its worth.
        trades: in their order.
        charges_usd: charged for holding, by kind.
        before_usd: price of a share at the close before; None where it had none.
    """

    opening_shares: Decimal
    opening_usd: Decimal
    split_ratio: tuple[int, int]
    dividend_usd: Decimal
    paid_usd: Decimal
    closing_usd: Decimal
    trades: tuple[Trade, ...]
    charges_usd: tuple[tuple[Cost, Decimal], ...]
    before_usd: Decimal | None

    @property
    def base_usd(self) -> Decimal | None:
        """The close before in today's shares, to the millionth: a seventh has no last digit to be exact to."""
        new, old = self.split_ratio
        if self.before_usd is None or new == old:
            return self.before_usd
        return millionths(self.before_usd * old / new)

    @property
    def reference_usd(self) -> Decimal | None:
        """The same without today's dividend: where the price would begin if nothing happened."""
        return None if self.base_usd is None else self.base_usd - self.dividend_usd


@dataclass(frozen=True, slots=True)
class ShareGain:
    """What came of a share in a session.

    Attributes:
        gain_usd: what it made, all costs paid.
        paper_usd: what the decisions made before costs.
        exposure_usd: worth, at the close before, of the book that makes the paper gain.
        costs_usd: by kind; without those of nothing.
        n_unreferenced: trades of a share without a close before, whose slippage is not told.
    """

    gain_usd: Decimal
    paper_usd: Decimal
    exposure_usd: Decimal
    costs_usd: tuple[tuple[Cost, Decimal], ...]
    n_unreferenced: int

    @property
    def cost_usd(self) -> Decimal:
        """All costs."""
        return sum((amount for _, amount in self.costs_usd), _ZERO)


def share_gain(day: ShareSession) -> ShareGain:
    """What came of a share in a session.

    Formula: gain = closing - opening + paid - sum(q p) - fees; paper = gain + costs; exposure = opening + sum(q) b, for
        trades of q shares at p and the close before b in today's shares.
    Unit: USD.
    Missing: without a close before, a trade counts as done at its price less the costs that it tells: slippage 0, said.
    """
    costs: dict[Cost, Decimal] = {}
    for kind, amount in (*day.charges_usd, *(cost for trade in day.trades for cost in trade.costs_usd)):
        costs[kind] = costs.get(kind, _ZERO) + amount
    base, reference = day.base_usd, day.reference_usd
    if reference is not None:
        costs[Cost.SLIPPAGE] = sum((trade.slippage_usd(reference) for trade in day.trades), _ZERO)
    charged = sum((amount for kind, amount in costs.items() if kind not in (*IN_PRICE, Cost.SLIPPAGE)), _ZERO)
    traded = sum((trade.shares * trade.price_usd for trade in day.trades), _ZERO)
    gain = day.closing_usd - day.opening_usd + day.paid_usd - traded - charged
    known = tuple((kind, costs[kind]) for kind in Cost if costs.get(kind))
    exposed = sum((trade.shares for trade in day.trades), _ZERO)
    return ShareGain(
        gain_usd=gain,
        paper_usd=gain + sum((amount for _, amount in known), _ZERO),
        exposure_usd=day.opening_usd + (_ZERO if base is None else exposed * base),
        costs_usd=known,
        n_unreferenced=len(day.trades) if reference is None else 0,
    )


def lots_after(
    lots: Sequence[tuple[bytes, Decimal]], ratio: tuple[int, int], trades: Sequence[Trade]
) -> tuple[tuple[bytes, Decimal], ...]:
    """The shares that each decision still has in the book after a session: the oldest are closed first.

    Shares split in the ratio, without rounding; a trade through zero opens the other side.
    """
    new, old = ratio
    open_lots = [(decision, shares * new / old) for decision, shares in lots]
    for trade in trades:
        left = trade.shares
        while left and open_lots and open_lots[0][1] * left < 0:
            decision, shares = open_lots[0]
            taken = -shares if abs(shares) <= abs(left) else left
            open_lots[0] = (decision, shares + taken)
            left -= taken
            if not open_lots[0][1]:
                open_lots.pop(0)
        if left:
            open_lots.append((trade.decision_id, left))
    return tuple(open_lots)
