"""The journal as a ledger of Beancount (https://beancount.github.io/docs/beancount_language_syntax.html).

Entries stand in the order in which they were booked. Beancount sorts by date, so an entry that was learned late stands
under the date of the one before it, with the instant when it was true beside it. At the end every balance is asserted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal

from nodes.vocabulary.canonical import digest
from nodes.vocabulary.instants import instant_text
from nodes.vocabulary.journal import JournalEntry, LotCost, Posting

_COMMODITY = re.compile(r"[A-Z](?:[A-Z0-9'._-]{0,22}[A-Z0-9])?")
_OTHER_WORDS = re.compile(r"NULL|TRUE|FALSE|X(?:[0-9A-F]{2})+0")
"""What Beancount reads as a value, and what stands for symbols that it cannot name."""
_LONGEST_BYTES = 11
_HEADS = 'option "title" "{title}"'
_DEFAULT_TOLERANCE = 'option "inferred_tolerance_default" "*:0"'


def beancount_lines(entries: Sequence[JournalEntry], title: str) -> Iterator[str]:
    """The lines of a ledger that holds these entries."""
    currencies = {posting.weight_currency for entry in entries for posting in entry.postings}
    yield _HEADS.format(title=_quoted(title))
    yield _DEFAULT_TOLERANCE
    for currency in sorted(currencies):
        yield f'option "operating_currency" "{currency}"'
    yield ""
    if not entries:
        return
    opened_on = min(entry.as_of.date() for entry in entries)
    accounts = {posting.account for entry in entries for posting in entry.postings}
    yield from (f"{opened_on} open {account}" for account in sorted(accounts))
    last_on = opened_on
    for entry in entries:
        last_on = max(last_on, entry.as_of.date())
        yield from _transaction(entry, last_on, currencies)
    yield ""
    yield from _assertions(entries, last_on + timedelta(days=1), currencies)


def commodity_name(commodity: str, currencies: Iterable[str]) -> str:
    """A symbol as Beancount can name it; one that it cannot, or that is called like a currency, by its bytes.

    Of a long one the bytes are cut, and a digest tells it from others that begin alike.
    """
    is_plain = _COMMODITY.fullmatch(commodity) and not _OTHER_WORDS.fullmatch(commodity)
    if is_plain and commodity not in currencies:
        return commodity
    told = commodity.encode()
    shown = told if len(told) < _LONGEST_BYTES else told[:4] + digest("commodity", told)[: _LONGEST_BYTES - 4]
    return f"X{shown.hex().upper()}0"


def _transaction(entry: JournalEntry, on: date, currencies: set[str]) -> Iterator[str]:
    yield ""
    yield f'{on} * "{_quoted(entry.narration)}"'
    yield f'  kind: "{entry.kind.value}"'
    yield f'  entry: "{_quoted(entry.entry_key)}"'
    yield f'  as-of: "{instant_text(entry.as_of)}"'
    if entry.decision_id is not None:
        yield f'  decision: "{entry.decision_id.hex()}"'
    if entry.corrects is not None:
        yield f'  corrects: "{_quoted(entry.corrects)}"'
    yield from (_posting(posting, currencies) for posting in entry.postings)


def _posting(posting: Posting, currencies: set[str]) -> str:
    if posting.cost is None:
        return f"  {posting.account}  {posting.quantity:f} {posting.commodity}"
    text = f"  {posting.account}  {posting.quantity:f} {commodity_name(posting.commodity, currencies)}"
    price = "" if posting.price is None else f" @ {posting.price.amount:f} {posting.price.currency}"
    return f"{text} {_cost(posting.cost)}{price}"


def _cost(cost: LotCost) -> str:
    return f'{{{cost.unit_cost:f} {cost.currency}, {cost.acquired_at.date()}, "{_quoted(cost.lot)}"}}'


def _assertions(entries: Sequence[JournalEntry], on: date, currencies: set[str]) -> Iterator[str]:
    """What every account holds of every commodity after the last entry."""
    sums: dict[tuple[str, str], Decimal] = {}
    for entry in entries:
        for posting in entry.postings:
            name = posting.commodity if posting.cost is None else commodity_name(posting.commodity, currencies)
            place = posting.account, name
            sums[place] = sums.get(place, Decimal(0)) + posting.quantity
    yield from (f"{on} balance {account}  {amount:f} {name}" for (account, name), amount in sorted(sums.items()))


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
