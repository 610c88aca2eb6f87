"""What earlier reconciliations settled: movements of the books that a broker has told already.

A line of today's statement may mean what the books have of some days before. But what an earlier statement of those
days was found to tell is told: a fee of today that equals yesterday's is not yesterday's fee told late.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec

from governance.entries import EntryKind
from governance.ports import LogReader
from nodes.vocabulary.statements import Movement

MADE = "made"
"""The state of an entry that holds a report; see `api.use_cases.reconciliations`."""


@dataclass(frozen=True)
class Earlier:
    """An earlier reconciliation of the account.

    Attributes:
        since: first day of its statement.
        until: last day.
        open_places: places of the movements that its statement did not tell.
    """

    since: date
    until: date
    open_places: frozenset[str]


def earlier_reconciliations(reader: LogReader, account_id: str, since: date) -> tuple[Earlier, ...]:
    """Recorded reconciliations of an account whose statements end before a day, oldest first."""
    found = []
    for record in reader.of_kind(EntryKind.RECONCILIATION):
        facts = record.entry.facts
        if facts["state"] == MADE and facts["account_id"] == account_id and facts["until"] < since:
            told: dict[str, Any] = msgspec.json.decode(reader.body(facts["report_ref"]))
            places = (each["booked"]["place"] for each in told["breaks"] if _is_open(each))
            found.append(Earlier(facts["since"], facts["until"], frozenset(places)))
    return tuple(found)


def _is_open(found: dict[str, Any]) -> bool:
    return found["booked"] is not None and found["stated"] is None


def untold(movements: Iterable[Movement], since: date, earlier: Iterable[Earlier]) -> tuple[Movement, ...]:
    """Movements without those before a day that an earlier statement told; the newest statement of a day holds."""
    newest_first = tuple(earlier)[::-1]
    return tuple(each for each in movements if each.on >= since or not _was_told(each, newest_first))


def _was_told(movement: Movement, newest_first: tuple[Earlier, ...]) -> bool:
    covering = (each for each in newest_first if each.since <= movement.on <= each.until)
    statement = next(covering, None)
    return statement is not None and movement.place not in statement.open_places
