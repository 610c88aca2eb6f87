"""Finds decisions in a log: by id, by the beginning of an id, or the newest of a kind."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from governance.entries import EntryKind
from governance.ports import LogReader
from governance.rows import Record
from nodes.vocabulary.errors import EdgeError

LATEST = "latest"
_DIGITS = frozenset("0123456789abcdef")
_BATCH = 256


@dataclass(frozen=True)
class DecisionFilter:
    """Which decisions to list; None does not mind.

    Attributes:
        symbol: of this share.
        verdict: with this verdict, e.g. "deny".
        rule_id: to which this rule objected.
    """

    symbol: str | None = None
    verdict: str | None = None
    rule_id: str | None = None

    def admits(self, record: Record) -> bool:
        """Whether a decision is one of these."""
        facts = record.entry.facts
        return (
            self.symbol in (None, facts["symbol"])
            and self.verdict in (None, facts["verdict"])
            and (self.rule_id is None or self.rule_id in facts["reasons"])
        )


def decision_named(reader: LogReader, name: str) -> Record:
    """The decision that an id, an unambiguous beginning of one, or `latest` names. Raises EdgeError when none does."""
    found = reader.newest(EntryKind.DECISION, 1) if name == LATEST else reader.decisions(_prefix(name))
    if not found:
        raise EdgeError(f"no decision begins with {name!r}; list them with `assay decisions`")
    if len({record.decision_id for record in found}) > 1:
        some = ", ".join(record.decision_id.hex()[:16] for record in found if record.decision_id)
        raise EdgeError(f"{len(found)} decisions begin with {name!r}: {some}; write more digits")
    return found[0]


def _prefix(name: str) -> str:
    prefix = name.lower()
    if not prefix or not set(prefix) <= _DIGITS:
        raise EdgeError(f"{name!r} is no decision id; write hexadecimal digits, or `{LATEST}`")
    return prefix


def newest_decisions(reader: LogReader, wanted: DecisionFilter) -> Iterator[Record]:
    """The decisions that a filter admits, newest first, read as far as they are asked for."""
    before: int | None = None
    while True:
        batch = reader.newest(EntryKind.DECISION, _BATCH, before)
        if not batch:
            return
        yield from (record for record in batch if wanted.admits(record))
        before = batch[-1].sequence
