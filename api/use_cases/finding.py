"""Finds decisions in a log: by id, by the beginning of an id, the newest of a kind, or page by page through a filter.

Every search is bounded: a page looks at a limited stretch of the log and says where the next one begins, so that no
question can hold a reader for long. Entries are looked at as bytes first: canonical bytes hold a fact as its name and
its value side by side, so an entry without those bytes need not be parsed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from governance.entries import EntryKind
from governance.ports import LogReader
from governance.rows import Record
from nodes.vocabulary.canonical import encode
from nodes.vocabulary.errors import EdgeError

LATEST = "latest"
MAX_SCANNED = 8192
"""How many entries one page looks at, at most."""
_DIGITS = frozenset("0123456789abcdef")
_BATCH = 256


@dataclass(frozen=True)
class DecisionFilter:
    """Which decisions to list; None does not mind.

    Attributes:
        symbol: of this share.
        verdict: with this verdict, e.g. "deny".
        rule_id: to which this rule objected.
        action: with this action: "act", "hold" or "deny".
        account_id: of this account.
        session_on: decided at the close of this session.
        policy_digest: under the policy with this digest.
    """

    symbol: str | None = None
    verdict: str | None = None
    rule_id: str | None = None
    action: str | None = None
    account_id: str | None = None
    session_on: date | None = None
    policy_digest: bytes | None = None

    def admits(self, record: Record) -> bool:
        """Whether a decision is one of these."""
        if not all(needle in record.data for needle in self._needles):
            return False
        facts = record.entry.facts
        is_equal = all(facts[name] == value for name, value in self._wanted.items())
        return is_equal and (self.rule_id is None or self.rule_id in facts["reasons"])

    @property
    def _wanted(self) -> dict[str, Any]:
        names = ("symbol", "verdict", "action", "account_id", "session_on", "policy_digest")
        return {name: value for name in names if (value := getattr(self, name)) is not None}

    @property
    def _needles(self) -> tuple[bytes, ...]:
        """Bytes that each of these decisions holds."""
        rule = () if self.rule_id is None else (encode(self.rule_id),)
        return (*(encode(name) + encode(value) for name, value in self._wanted.items()), *rule)


@dataclass(frozen=True)
class RecordPage:
    """A stretch of what was asked for.

    Attributes:
        records: what was found, in the order asked for.
        next_sequence: where the next page begins; None when nothing can follow.
    """

    records: tuple[Record, ...]
    next_sequence: int | None


def decision_named(reader: LogReader, name: str) -> Record:
    """The decision that an id, an unambiguous beginning of one, or `latest` names. Raises EdgeError when none does."""
    found = reader.newest(EntryKind.DECISION, 1) if name == LATEST else reader.decisions(_prefix(name))
    if not found:
        raise EdgeError(f"no decision begins with {name!r}; list them with `assay decisions`", reason="not-found")
    if len({record.decision_id for record in found}) > 1:
        some = ", ".join(record.decision_id.hex()[:16] for record in found if record.decision_id)
        raise EdgeError(f"{len(found)} decisions begin with {name!r}: {some}; write more digits", reason="invalid")
    return found[0]


def _prefix(name: str) -> str:
    prefix = name.lower()
    if not prefix or not set(prefix) <= _DIGITS or len(prefix) > 2 * 32:
        raise EdgeError(
            f"{name[:80]!r} is no decision id; write up to 64 hexadecimal digits, or `{LATEST}`", reason="bad-request"
        )
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


def decisions_page(reader: LogReader, wanted: DecisionFilter, n_records: int, before: int) -> RecordPage:
    """Decisions that a filter admits, newest first, below a sequence number; a page may be short of what was asked.

    At most MAX_SCANNED decisions are looked at: a rare thing is found over several pages.
    """
    found: list[Record] = []
    for scanned, record in enumerate(_newest_below(reader, before), start=1):
        if wanted.admits(record):
            found.append(record)
        if len(found) == n_records or scanned == MAX_SCANNED:
            return RecordPage(tuple(found), record.sequence or None)
    return RecordPage(tuple(found), None)


def _newest_below(reader: LogReader, before: int) -> Iterator[Record]:
    batch: Sequence[Record] = reader.newest(EntryKind.DECISION, _BATCH, before)
    while batch:
        yield from batch
        batch = reader.newest(EntryKind.DECISION, _BATCH, batch[-1].sequence)
