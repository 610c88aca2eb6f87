"""What an account made with each share in each session, read back from its log: exact money, by decision.

The log says what changed and when the account was valued; the lake says at which prices. Both together give the worth
of every holding at every close, and so the gain of every share in every session.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from adapters.lake.lake import Lake
from api.use_cases.attribution_events import AccountEvents, Happened, account_events
from governance.ports import LogReader
from nodes.kernels.attribution.gains import Cost, ShareGain, ShareSession, lots_after, share_gain
from nodes.kernels.fees import exact
from nodes.vocabulary.errors import EdgeError
from nodes.vocabulary.holdings import millionths

_ZERO = Decimal(0)
Lots = tuple[tuple[bytes, Decimal], ...]


@dataclass(frozen=True)
class ShareRow:
    """One share in one session in which it was held or traded.

    Attributes:
        place: of the session in `AccountBook.sessions`.
        symbol: the share.
        gain: what came of it.
        lots: what each decision has in the book after the session, oldest first.
        day: what the gain is made of.
    """

    place: int
    symbol: str
    gain: ShareGain
    lots: Lots
    day: ShareSession

    def decision_costs(self, kind: Cost) -> Iterator[tuple[bytes, Decimal]]:
        """What one kind of cost came to, trade by trade; what was charged for holding is of no decision."""
        reference = self.day.reference_usd
        for trade in self.day.trades:
            amount = trade.cost_usd(kind)
            if kind is Cost.SLIPPAGE and reference is not None:
                amount = trade.slippage_usd(reference)
            yield trade.decision_id, amount
        yield b"", sum((amount for each, amount in self.day.charges_usd if each is kind), _ZERO)


@dataclass(frozen=True)
class AccountBook:
    """What an account made.

    Attributes:
        account_id: whose.
        sessions: at whose closes it was valued, ascending.
        equity_usd: its worth at each, as the log has it.
        contributed_usd: paid in since the valuation before, less what was taken out.
        rows: by session, then symbol; what happened to its own money has no symbol.
        remarks: what its log leaves open, in words.
    """

    account_id: str
    sessions: tuple[date, ...]
    equity_usd: tuple[Decimal, ...]
    contributed_usd: tuple[Decimal, ...]
    rows: tuple[ShareRow, ...]
    remarks: tuple[str, ...]


@dataclass
class _Holding:
    """One share as the sessions go by."""

    shares: Decimal = _ZERO
    mark_usd: Decimal | None = None
    lots: Lots = ()


def account_book(reader: LogReader, lake: Lake, account_id: str) -> AccountBook:
    """What an account made with each share in each session.

    Raises:
        EdgeError: the account was never valued in this log.
    """
    events = account_events(reader, account_id)
    if not events.equity_usd:
        message = f"account {account_id!r} was never valued in this log; run a session, or name another account"
        raise EdgeError(message, reason="not-found")
    sessions = tuple(sorted(events.equity_usd))
    rows: list[ShareRow] = []
    holdings: dict[str, _Holding] = defaultdict(_Holding)
    for place, session_on in enumerate(sessions):
        today = events.happened[session_on]
        bars = lake.bars_on(session_on)
        held = {symbol for symbol, holding in holdings.items() if holding.shares}
        for symbol in sorted(held | today.keys()):
            close = bars[symbol]["close_usd"] if symbol in bars else None
            before = _close_before(lake, symbol, session_on) if symbol not in held else None
            rows.append(_row(place, symbol, holdings[symbol], today.get(symbol) or Happened(), (before, close)))
    equity = tuple(events.equity_usd[day] for day in sessions)
    contributed = tuple(
        sum((each.contributed_usd for each in events.happened[day].values()), _ZERO) for day in sessions
    )
    return AccountBook(account_id, sessions, equity, contributed, tuple(rows), _remarks(events))


def _remarks(events: AccountEvents) -> tuple[str, ...]:
    found = [f"An entry of the log could not be booked, {fault}." for fault in events.faults]
    if events.n_later:
        found.append(f"{events.n_later} entries came after the last valuation: they count at the next.")
    return tuple(found)


def _row(
    place: int, symbol: str, holding: _Holding, happened: Happened, prices: tuple[Decimal | None, float | None]
) -> ShareRow:
    """One share in one session; the holding moves on. `prices`: the close before of a share not held, and today's."""
    before, close = prices
    opening = holding.mark_usd if holding.shares else before
    new, old = happened.new_shares, happened.old_shares
    after = holding.shares + happened.moved + sum((trade.shares for trade in happened.trades), _ZERO)
    mark = exact(close) if close is not None else None if opening is None else millionths(opening * old / new)
    day = ShareSession(
        opening_shares=holding.shares,
        opening_usd=holding.shares * (opening or _ZERO),
        split_ratio=(new, old),
        dividend_usd=happened.dividend_usd,
        paid_usd=happened.paid_usd,
        closing_usd=after * (mark or _ZERO),
        trades=tuple(happened.trades),
        charges_usd=tuple(happened.charges),
        before_usd=opening,
    )
    lots = lots_after(holding.lots, (new, old), day.trades) if after else ()
    holding.shares, holding.mark_usd, holding.lots = after, mark, lots
    return ShareRow(place, symbol, share_gain(day), lots, day)


def _close_before(lake: Lake, symbol: str, session_on: date) -> Decimal | None:
    """The close of a share in the session before; None where it has none there."""
    bar = lake.bars_on(lake.calendar.before(session_on, 1)).get(symbol)
    return None if bar is None else exact(bar["close_usd"])
