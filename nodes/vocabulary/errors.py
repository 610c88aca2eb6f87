"""The exceptions of Assay: one root, five families named for who must act.

Every message says what is wrong with the offending value, where, and the mend in the imperative.
Errors know nothing of HTTP, logs or exit codes; `api` maps them once. Denials are values, not
exceptions: see `nodes.vocabulary.verdict`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Fault:
    """One thing wrong in a text that a person wrote, with its place and its mend.

    Attributes:
        file: name of the text, as the author knows it.
        line: line of the offending text, counted from 1; 0 when the fault belongs to the whole text.
        column: column of the offending text, counted from 1; 0 when the fault has no column.
        what: what is wrong, with the offending value.
        mend: what to do about it, in the imperative.
    """

    file: str
    line: int
    column: int
    what: str
    mend: str

    def __str__(self) -> str:
        place = self.file if self.line == 0 else f"{self.file}:{self.line}:{self.column}"
        return f"{place}: {self.what}; {self.mend}"


class AssayError(Exception):
    """Root of every exception that Assay raises on purpose.

    Attributes:
        reason: one word of a closed list for a caller that must tell this fault from its family's others,
            e.g. "key-reused"; "" when the family says enough.
    """

    reason: str = ""

    def __init__(self, message: str, *, reason: str = "") -> None:
        self.reason = reason
        super().__init__(message)


class PolicyError(AssayError):
    """The author of a policy must act. Carries every fault found, not only the first."""

    def __init__(self, faults: Iterable[Fault], *, reason: str = "policy-faults") -> None:
        self.faults = tuple(sorted(faults))
        super().__init__("\n".join(str(fault) for fault in self.faults), reason=reason)


class DataError(AssayError):
    """The owner of a feed or a data set must act."""


class PlanError(AssayError):
    """The developer of a node or a dataflow must act. Carries every complaint found."""

    def __init__(self, *complaints: str) -> None:
        self.complaints = complaints
        super().__init__("\n".join(complaints))


class LogError(AssayError):
    """The auditor must act: a log, a proof, a checkpoint or an archived body is not what it should be."""


class EdgeError(AssayError):
    """The operator must act: a disk, a database, a lock, a setting or an installation is at fault."""
