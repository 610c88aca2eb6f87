"""Follows a log: what comes after an entry, a bounded stretch at a time, so that nobody has to be remembered.

Whoever follows keeps their own place. Nothing is lost or told twice, since the place is a sequence number of the log
and the log has no gaps.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from api.use_cases.reading import entries_page
from governance.entries import EntryKind
from governance.ports import LogReader
from governance.rows import Record
from nodes.vocabulary.errors import EdgeError

POLICY_KINDS = tuple(
    kind.value
    for kind in (
        EntryKind.ACTIVATION,
        EntryKind.PROPOSAL,
        EntryKind.WITHDRAWAL,
        EntryKind.POLICY_FAULT,
        EntryKind.POLICY_STAGE,
    )
)
"""Kinds of entries that say what became of a policy."""


@dataclass(frozen=True)
class Stretch:
    """What followed a place in the log.

    Attributes:
        records: entries of the kinds asked for, in order.
        place: the sequence number of the last entry that was looked at; go on after it.
        is_end: whether the log ended there.
    """

    records: tuple[Record, ...]
    place: int
    is_end: bool


def stretch_after(reader: LogReader, place: int, n_records: int, kinds: Collection[str] = ()) -> Stretch:
    """At most so many entries after a place. Raises EdgeError for a place that the log has not reached."""
    size = reader.head().size
    require_place(place, size)
    page = entries_page(reader, place + 1, n_records, kinds, size)
    end = size if page.next_sequence is None else page.next_sequence
    return Stretch(page.records, end - 1, page.next_sequence is None)


def require_place(place: int, size: int) -> None:
    """Raises EdgeError for a place that no entry of a log of a size has; -1 is before the first."""
    if not -1 <= place < max(size, 1):
        message = (
            f"no entry {place} in a log of {size}; go on after one of -1 to {size - 1}, or check which log this is"
        )
        raise EdgeError(message, reason="invalid")
