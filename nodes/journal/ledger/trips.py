"""Round trips: what every closing of a lot gained, from its opening to its end.

A share that leaves for cash alone, in a merger or a delisting, closes at no price of its own: its gain is that of the
entry, shared out over the lots in proportion to their units.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal

from nodes.journal.ledger.lots import spread
from nodes.vocabulary.journal import JournalEntry, JournalKind, LotCost, Posting, RoundTrip, gains_account

_CLOSING = frozenset({JournalKind.TRADE, JournalKind.DELISTING, JournalKind.MERGER})
_MILLIONTH = Decimal("0.000001")
_ZERO = Decimal(0)


def round_trips(entries: Iterable[JournalEntry]) -> Iterator[RoundTrip]:
    """Every part of a lot that entries close, in their order; entries booked by any method but AVERAGE.

    That method leaves no lot to tell from another.
    """
    for entry in entries:
        if entry.kind in _CLOSING:
            yield from _trips(entry, list(_closed(entry)))


def _closed(entry: JournalEntry) -> Iterator[tuple[Posting, LotCost]]:
    """Postings that take units from lots which other entries opened, none of a share that comes in their place."""
    lots = [(posting, posting.cost) for posting in entry.postings if posting.cost is not None]
    if entry.kind is not JournalKind.TRADE and len({posting.commodity for posting, _ in lots}) > 1:
        return
    yield from ((posting, cost) for posting, cost in lots if cost.lot != entry.entry_key)


def _trips(entry: JournalEntry, closed: Sequence[tuple[Posting, LotCost]]) -> Iterator[RoundTrip]:
    if not closed:
        return
    shared = spread(_gain(entry, closed[0][0].commodity), [posting.quantity for posting, _ in closed], _MILLIONTH)
    for (posting, cost), share in zip(closed, shared, strict=True):
        units, price = -posting.quantity, posting.price
        yield RoundTrip(
            account_id=entry.account_id,
            symbol=posting.commodity,
            quantity=units,
            opened_at=cost.acquired_at,
            closed_at=entry.as_of,
            opened_by=cost.lot,
            closed_by=entry.entry_key,
            open_price=cost.unit_cost,
            close_price=None if price is None else price.amount,
            currency=cost.currency,
            gain=share if price is None else (price.amount - cost.unit_cost) * units,
        )


def _gain(entry: JournalEntry, symbol: str) -> Decimal:
    """What an entry gained on a symbol."""
    account = gains_account(entry.account_id, symbol)
    return -sum((posting.quantity for posting in entry.postings if posting.account == account), _ZERO)
