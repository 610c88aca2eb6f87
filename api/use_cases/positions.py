"""What an account holds, from the journal: as it stands, or as it was at the close of any session.

Quantities, costs and cash are the ledger's. What is as it stands is valued at the marks of the account; what was, at
the close of the last session until then, where the lake has one: a missing close is no price, never zero.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from adapters.lake.lake import Lake
from api.use_cases.journal import Journal
from nodes.journal.account import AccountState
from nodes.kernels.fees import exact
from nodes.vocabulary.errors import DataError
from nodes.vocabulary.journal import Position

_USD = "USD"
_ZERO = Decimal(0)


@dataclass(frozen=True)
class HeldPosition:
    """A position with its value.

    Attributes:
        position: of the journal.
        price_usd: what a unit is worth; None where no close says so.
    """

    position: Position
    price_usd: Decimal | None

    @property
    def value_usd(self) -> Decimal | None:
        """What it is worth."""
        return None if self.price_usd is None else self.price_usd * self.position.quantity

    @property
    def gain_usd(self) -> Decimal | None:
        """What it is worth above its cost."""
        return None if self.value_usd is None else self.value_usd - self.position.cost


@dataclass(frozen=True)
class Holdings:
    """Cash and positions of an account.

    Attributes:
        account_id: whose.
        valued_at: the close at which they are valued; None before the first.
        sequence: size of the log that they follow from.
        cash_usd: held.
        free_cash_usd: cash that no pending buy has set aside; None for an instant that is past.
        positions: by symbol.
        kill_switch_is_engaged: whether trading is stopped by hand; None for an instant that is past.
    """

    account_id: str
    valued_at: datetime | None
    sequence: int
    cash_usd: Decimal
    free_cash_usd: Decimal | None
    positions: tuple[HeldPosition, ...]
    kill_switch_is_engaged: bool | None

    @property
    def equity_usd(self) -> Decimal | None:
        """Cash and positions; None where one of them has no value."""
        values = [each.value_usd for each in self.positions]
        known = [value for value in values if value is not None]
        return self.cash_usd + sum(known, _ZERO) if len(known) == len(values) else None


def holdings_now(book: Journal, state: AccountState, marked_at: datetime | None) -> Holdings:
    """What an account holds as it stands, valued at its marks."""
    sequence = book.caught_up()
    marks = {holding.symbol: holding.mark_price_usd for holding in state.holdings}
    return Holdings(
        account_id=state.account_id,
        valued_at=marked_at,
        sequence=sequence,
        cash_usd=book.cash(state.account_id).get(_USD, _ZERO) if book.is_planned(state.account_id) else state.cash_usd,
        free_cash_usd=state.free_cash_usd,
        positions=_valued(book.positions(state.account_id), marks),
        kill_switch_is_engaged=state.kill_switch_is_engaged,
    )


def holdings_at(book: Journal, lake: Lake, account_id: str, as_of: datetime) -> Holdings:
    """What an account held at an instant, valued at the last close until then."""
    sequence, marks, closed_at = book.caught_up(), dict[str, Decimal](), None
    try:
        session_on = lake.calendar.latest(as_of)
        closed_at = lake.calendar.close(session_on)
        bars = lake.bars_on(session_on)
        marks = {symbol: exact(bar["close_usd"]) for symbol, bar in bars.items() if bar["close_usd"] is not None}
    except DataError:
        closed_at = None
    return Holdings(
        account_id=account_id,
        valued_at=closed_at,
        sequence=sequence,
        cash_usd=book.cash(account_id, as_of).get(_USD, _ZERO),
        free_cash_usd=None,
        positions=_valued(book.positions(account_id, as_of), marks),
        kill_switch_is_engaged=None,
    )


def _valued(positions: tuple[Position, ...], marks: Mapping[str, Decimal]) -> tuple[HeldPosition, ...]:
    return tuple(HeldPosition(each, marks.get(each.symbol)) for each in positions)
