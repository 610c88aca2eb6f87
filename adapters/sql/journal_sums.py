"""Sums of postings for a day, for a block of 64 days and for all time, so that a balance is a few hundred rows.

They only ever grow by what is booked, in whatever order: a late entry adds to the day that it was true.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, and_, or_, select

from adapters.sql.dialect import insert_or_replace
from adapters.sql.journal_rows import posting_of_row
from adapters.sql.journal_tables import JOURNAL_POSTINGS, JOURNAL_SUMS
from nodes.vocabulary.instants import instant_ns
from nodes.vocabulary.journal import EXACT, Balance, JournalEntry, Posting

_DAY_NS = 86_400_000_000_000
_BLOCK_DAYS = 64
_DAYS, _BLOCKS, _EVER = 0, 1, 2
_ZERO = Decimal(0)
_BUCKETS_AT_ONCE = 500


class _Bucket(NamedTuple):
    account_id: str
    level: int
    bucket: int


class _Place(NamedTuple):
    account: str
    commodity: str
    currency: str


Sums = dict[_Place, tuple[Decimal, Decimal]]


class SumsToBe:
    """What a batch of entries adds to the sums."""

    def __init__(self) -> None:
        self._added: dict[_Bucket, Sums] = {}

    def add(self, entry: JournalEntry) -> None:
        """Add an entry's postings."""
        day = instant_ns(entry.as_of) // _DAY_NS
        for level, bucket in ((_DAYS, day), (_BLOCKS, day // _BLOCK_DAYS), (_EVER, 0)):
            _add(self._added.setdefault(_Bucket(entry.account_id, level, bucket), {}), entry.postings)

    def quantity(self, account_id: str, account: str, commodity: str) -> Decimal:
        """What the batch adds to one account so far."""
        sums = self._added.get(_Bucket(account_id, _EVER, 0), {})
        return sums.get(_Place(account, commodity, commodity), (_ZERO, _ZERO))[0]

    def write(self, connection: Connection) -> None:
        """Add everything to what is stored."""
        before = self._before(connection)
        rows: list[dict[str, Any]] = []
        for bucket, added in self._added.items():
            sums = before.get(bucket, {})
            for place, (quantity, weight) in added.items():
                known = sums.get(place, (_ZERO, _ZERO))
                rows.append(_row(bucket, place, EXACT.add(known[0], quantity), EXACT.add(known[1], weight)))
        if rows:
            connection.execute(insert_or_replace(connection.dialect, JOURNAL_SUMS), rows)
        self._added = {}

    def _before(self, connection: Connection) -> dict[_Bucket, Sums]:
        """What is stored of the buckets that the batch adds to, many of them a statement."""
        wanted: dict[tuple[str, int], list[int]] = {}
        for account_id, level, bucket in self._added:
            wanted.setdefault((account_id, level), []).append(bucket)
        sums = JOURNAL_SUMS.c
        found: dict[_Bucket, Sums] = {}
        for (account_id, level), buckets in wanted.items():
            of_level = select(JOURNAL_SUMS).where(sums.account_id == account_id, sums.level == level)
            for at in range(0, len(buckets), _BUCKETS_AT_ONCE):
                some = of_level.where(sums.bucket.in_(buckets[at : at + _BUCKETS_AT_ONCE]))
                for row in connection.execute(some):
                    place = _Place(row.account, row.commodity, row.currency)
                    amounts = Decimal(row.quantity), Decimal(row.weight)
                    found.setdefault(_Bucket(account_id, level, row.bucket), {})[place] = amounts
        return found


def balances(connection: Connection, account_id: str, as_of_ns: int | None) -> tuple[Balance, ...]:
    """What each account of the books holds, all postings that were true by an instant together, by name."""
    owned = JOURNAL_SUMS.c.account_id == account_id
    level, bucket = JOURNAL_SUMS.c.level, JOURNAL_SUMS.c.bucket
    if as_of_ns is None:
        return _balances(_stored(connection, select(JOURNAL_SUMS).where(owned, level == _EVER)))
    day = as_of_ns // _DAY_NS
    block = day // _BLOCK_DAYS
    in_block = and_(level == _DAYS, bucket >= block * _BLOCK_DAYS, bucket < day)
    before = or_(and_(level == _BLOCKS, bucket < block), in_block)
    sums = _stored(connection, select(JOURNAL_SUMS).where(owned, before))
    at = JOURNAL_POSTINGS.c.as_of_ns
    today = select(JOURNAL_POSTINGS).where(
        JOURNAL_POSTINGS.c.account_id == account_id, at >= day * _DAY_NS, at <= as_of_ns
    )
    _add(sums, (posting_of_row(row) for row in connection.execute(today)))
    return _balances(sums)


def _add(sums: Sums, postings: Iterable[Posting]) -> None:
    for posting in postings:
        place = _Place(posting.account, posting.commodity, posting.weight_currency)
        quantity, weight = sums.get(place, (_ZERO, _ZERO))
        sums[place] = EXACT.add(quantity, posting.quantity), EXACT.add(weight, posting.weight)


def _stored(connection: Connection, wanted: Select[Any]) -> Sums:
    sums: Sums = {}
    for row in connection.execute(wanted):
        place = _Place(row.account, row.commodity, row.currency)
        quantity, weight = sums.get(place, (_ZERO, _ZERO))
        sums[place] = EXACT.add(quantity, Decimal(row.quantity)), EXACT.add(weight, Decimal(row.weight))
    return sums


def _row(bucket: _Bucket, place: _Place, quantity: Decimal, weight: Decimal) -> dict[str, Any]:
    return {**bucket._asdict(), **place._asdict(), "quantity": str(quantity), "weight": str(weight)}


def _balances(sums: Sums) -> tuple[Balance, ...]:
    found = sorted(sums.items())
    return tuple(
        Balance(place.account, place.commodity, quantity, weight, place.currency)
        for place, (quantity, weight) in found
        if quantity or weight
    )
