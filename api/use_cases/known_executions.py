"""Which order of a log has which execution: a broker's name for one (ExecID) may be booked for one order alone.

An execution that somebody booked by hand, since no other source told of it, is of no order.

Read from the log as far as it was not read before: the first question after a start reads every execution.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from governance.entries import Entry, EntryKind
from governance.ports import LogReader
from governance.rows import Record

_PAGE = 1024
_KINDS = (EntryKind.FILL, EntryKind.CORRECTION, EntryKind.JOURNAL)
BY_HAND = b""
"""Stands for the decision of an execution that was booked by hand."""


class KnownExecutions:
    """The executions of a log, for one thread at a time."""

    def __init__(self) -> None:
        self._orders: dict[str, bytes] = {}
        self._righted: set[str] = set()
        self._until: dict[EntryKind, int] = {}

    def decision_of(self, reader: LogReader, exec_id: str) -> bytes | None:
        """The decision that let out the order that an execution is of, or BY_HAND; None for one that nobody knows."""
        self.read_newer(reader)
        return self._orders.get(exec_id)

    def is_righted(self, reader: LogReader, entry_id: str) -> bool:
        """Whether somebody put an execution right by hand, of which this is the entry."""
        self.read_newer(reader)
        return entry_id in self._righted

    def read_newer(self, reader: LogReader) -> None:
        """Read what the log has more than it had."""
        for kind in _KINDS:
            until = self._until.get(kind, -1)
            newest = until
            for record in _newer(reader, kind, until):
                newest = max(newest, record.sequence)
                if kind is EntryKind.JOURNAL:
                    self._righted.add(str(record.entry.facts.get("corrects")))
                exec_id = _exec_id(record.entry)
                if exec_id:
                    decision = None if kind is EntryKind.JOURNAL else record.entry.decision_id
                    self._orders.setdefault(exec_id, decision or BY_HAND)
            self._until[kind] = newest


def _exec_id(entry: Entry) -> str:
    """The ExecID that an entry books; "" when it books none."""
    trade = entry.facts.get("trade", entry.facts)
    found = trade.get("exec_id") if isinstance(trade, Mapping) else None
    return found if isinstance(found, str) else ""


def _newer(reader: LogReader, kind: EntryKind, until: int) -> Iterator[Record]:
    """The entries of a kind after a sequence number, newest first."""
    page = reader.newest(kind, _PAGE)
    while page:
        for record in page:
            if record.sequence <= until:
                return
            yield record
        page = reader.newest(kind, _PAGE, page[-1].sequence)
