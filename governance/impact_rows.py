"""What an impact keeps of decisions: counts over all of them, and a row for each that would come out otherwise.

Plain values, so that whoever reads or verifies a report needs nothing of the engine.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import msgspec

from nodes.vocabulary.canonical import digest
from nodes.vocabulary.verdict import Action

_ACT = Action.ACT.value


class ImpactRow(msgspec.Struct, array_like=True, frozen=True):
    """One decision that would have come out otherwise.

    Attributes:
        sequence: place of its entry in the log.
        decision_id: the decision, in hexadecimal digits.
        symbol: of which share.
        session_on: its session.
        policy_digest: the policy that decided, in hexadecimal digits.
        verdict_before: as recorded.
        action_before: as recorded.
        shares_before: as recorded; signed.
        verdict: by the candidate.
        action: by the candidate.
        shares: by the candidate.
        rules_added: rules that object now and did not.
        rules_dropped: rules that objected and do not now.
        because: what the added ones say, for experts.
        price_usd: what a share was worth; None where that is not known.
    """

    sequence: int
    decision_id: str
    symbol: str
    session_on: date
    policy_digest: str
    verdict_before: str
    action_before: str
    shares_before: int
    verdict: str
    action: str
    shares: int
    rules_added: tuple[str, ...]
    rules_dropped: tuple[str, ...]
    because: tuple[str, ...]
    price_usd: Decimal | None

    @property
    def flip(self) -> str:
        """From which verdict to which, "clip>deny"."""
        return flip_name(self.verdict_before, self.verdict)

    @property
    def is_flipped(self) -> bool:
        """Whether the verdict is another."""
        return self.verdict_before != self.verdict

    @property
    def sent_before(self) -> int:
        """Shares that could be sent, as recorded: none of a decision that did not act."""
        return self.shares_before if self.action_before == _ACT else 0

    @property
    def sent(self) -> int:
        """Shares that could be sent by the candidate."""
        return self.shares if self.action == _ACT else 0


class ImpactChunk(msgspec.Struct, frozen=True):
    """What a candidate makes of a stretch of decisions.

    Attributes:
        n_decisions: decisions that were judged.
        verdicts: how many came from which verdict to which, "clip>deny"; those that stay the same too.
        symbols: how many were of each symbol.
        policies: how many each policy had decided, by its digest in hexadecimal digits.
        rules_before: how many decisions each rule objected to, as recorded.
        rules: how many it objects to by the candidate.
        changed: for each node of the order plan that was computed again, for how many.
        session_changed: likewise of the session plan, which is not run again: snapshots are taken as they were.
        lacking: for each input that the candidate reads and a snapshot did not have, how many.
        unread: how many were not judged, by the reason.
        rows: each decision that would have come out otherwise.
    """

    n_decisions: int
    verdicts: dict[str, int]
    symbols: dict[str, int]
    policies: dict[str, int]
    rules_before: dict[str, int]
    rules: dict[str, int]
    changed: dict[str, int]
    session_changed: dict[str, int]
    lacking: dict[str, int]
    unread: dict[str, int]
    rows: tuple[ImpactRow, ...]


COUNTS = (
    "verdicts",
    "symbols",
    "policies",
    "rules_before",
    "rules",
    "changed",
    "session_changed",
    "lacking",
    "unread",
)
"""The fields of a chunk that are counts by name."""


def flip_name(before: str, after: str) -> str:
    """From one verdict to another."""
    return f"{before}>{after}"


def rows_bytes(rows: Sequence[ImpactRow]) -> bytes:
    """Rows as they are kept; equal rows give equal bytes."""
    return msgspec.msgpack.encode(rows)


def rows_from_bytes(data: bytes) -> tuple[ImpactRow, ...]:
    """The rows that were kept."""
    return msgspec.msgpack.decode(data, type=tuple[ImpactRow, ...])


def rows_digest(data: bytes) -> bytes:
    """The digest by which a report names kept rows."""
    return digest("impact-rows", data)
