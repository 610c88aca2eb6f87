"""What clients send and read about reconciliations."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from api.use_cases.reconciliation_report import ReconciliationView
from api.use_cases.reconciliations import ReconciliationRow

AccountName = Annotated[str, msgspec.Meta(min_length=1, max_length=128, pattern="^[!-~]([ -~]*[!-~])?$")]
Day = Annotated[str, msgspec.Meta(pattern="^[12][0-9]{3}-[01][0-9]-[0-3][0-9]$", examples=["2013-02-28"])]
BreakName = Annotated[str, msgspec.Meta(pattern="^brk-[0-9a-f]{16}$", examples=["brk-4f810940fa988492"])]
MappingName = Literal["statement-csv", "alpaca-activities", "fix-drop-copy"]


class StatementBody(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """A broker's statement that is to be held against the books.

    Attributes:
        statement: the file, as text.
        mapping: how it is read.
        account_id: whose it is; that of the server when it has only one.
        since: first day that it covers; that of its first movement without one.
        until: last day that it covers; that of its last movement without one.
    """

    statement: Annotated[str, msgspec.Meta(min_length=1, max_length=900_000)]
    mapping: MappingName = "statement-csv"
    account_id: AccountName | None = None
    since: Day | None = None
    until: Day | None = None


class CorrectionsBody(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """Corrections that are to be booked.

    Attributes:
        because: why, in words; kept in the log.
        breaks: only of these breaks; of all that may be posted without any.
    """

    because: Annotated[str, msgspec.Meta(min_length=1, max_length=500)]
    breaks: Annotated[tuple[BreakName, ...], msgspec.Meta(max_length=1000)] = ()


class ReconciliationsView(msgspec.Struct, frozen=True):
    """Recorded reconciliations.

    Attributes:
        account_id: whose.
        reconciliations: newest first.
    """

    account_id: str
    reconciliations: tuple[ReconciliationRow, ...]


class BookedCorrection(msgspec.Struct, frozen=True):
    """A correction that is in the log.

    Attributes:
        correction_id: its name.
        entry_key: its entry in the journal.
        sequence: its place in the log.
        is_new: whether it was booked now; false when it was booked before.
    """

    correction_id: str
    entry_key: str
    sequence: int
    is_new: bool


class CorrectionsView(msgspec.Struct, frozen=True):
    """What came of posting corrections.

    Attributes:
        reconciliation_id: of which reconciliation.
        booked: what is in the log.
        now: the statement against the books as they stand now.
    """

    reconciliation_id: str
    booked: tuple[BookedCorrection, ...]
    now: ReconciliationView
