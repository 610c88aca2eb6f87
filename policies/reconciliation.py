"""Reconciliation policies: what may part, and what is done about what parts, as a YAML document.

Every cause of a break has a treatment: `correct` books what the statement says once a person posts it, `claim` is the
broker's to mend, `wait` heals by itself, `review` needs a person who knows more than either side tells.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from functools import cache
from itertools import pairwise
from pathlib import Path as FilePath
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import PydanticCustomError

from nodes.vocabulary.canonical import digest, encode
from nodes.vocabulary.errors import Fault, PolicyError
from nodes.vocabulary.statements import Cause
from nodes.vocabulary.statements import Tolerances as MatchTolerances
from policies.complaints import schema_faults
from policies.contracts import plain_document
from policies.marks import Marks, Path
from policies.schema import FAMILY_PATTERN, Sentence, plain_content
from policies.slips import quoted

SHIPPED = FilePath(__file__).resolve().parent / "reconciliation" / "us-equities" / "v1.yaml"
_MOST = Decimal(1_000_000)


class Treatment(Enum):
    """What is done about a break."""

    CORRECT = "correct"
    CLAIM = "claim"
    WAIT = "wait"
    REVIEW = "review"


def _decimal(written: object) -> object:
    """A number of the document as its digits say, never through binary."""
    if isinstance(written, int | float) and not isinstance(written, bool):
        return Decimal(repr(written))
    return written


def _tolerance(value: Decimal) -> Decimal:
    if Decimal(0) <= value <= _MOST:
        return value
    raise PydanticCustomError("bounds", "{given} is no tolerance", {"given": str(value), "mend": "write 0 or more"})


def _treatment(written: object) -> object:
    words = {each.value: each for each in Treatment}
    if isinstance(written, str) and written in words:
        return words[written]
    mend = f"write one of {', '.join(words)}"
    raise PydanticCustomError("treatment", "{given} is no treatment", {"given": quoted(str(written)), "mend": mend})


def _cause(written: object) -> object:
    words = {each.value: each.value for each in Cause}
    if isinstance(written, str) and written in words:
        return words[written]
    mend = f"name one of {', '.join(words)}"
    raise PydanticCustomError("cause", "{given} is no cause", {"given": quoted(str(written)), "mend": mend})


def _ages(days: tuple[int, ...]) -> tuple[int, ...]:
    if days and all(0 <= low < high for low, high in pairwise((-1 + days[0], *days))) and days[0] >= 0:
        return days
    words = {"given": str(list(days)), "mend": "write days that ascend, like [1, 3, 5]"}
    raise PydanticCustomError("ages", "{given} bounds no ages", words)


Tolerance = Annotated[Decimal, BeforeValidator(_decimal), AfterValidator(_tolerance)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class Tolerances(_Part):
    """What is let pass; see `nodes.vocabulary.statements.Tolerances`.

    Attributes:
        price: of one share, in its currency.
        quantity: shares.
        amount: cash and fees, in their currency.
        timing_days: calendar days.
        near_frac: of the price in the books.
    """

    price: Tolerance
    quantity: Tolerance
    amount: Tolerance
    timing_days: Annotated[int, Field(ge=0, le=30)]
    near_frac: Tolerance


class ReconciliationPolicy(_Part):
    """What is done about statements.

    Attributes:
        family: `reconciliation_policy` in the document.
        version: whole number from 1.
        owner: who answers for it.
        why: what changed and why.
        sources: what it rests on.
        tolerances: what is let pass.
        ages: days that bound the classes of age, each included, ascending; older ones are a class of their own.
        overdue_after_days: how old a break may become.
        treatments: of every cause.
    """

    family: Annotated[str, Field(pattern=FAMILY_PATTERN, alias="reconciliation_policy")]
    version: Annotated[int, Field(ge=1)]
    owner: Sentence
    why: Sentence
    sources: tuple[Sentence, ...]
    tolerances: Tolerances
    ages: Annotated[tuple[int, ...], AfterValidator(_ages)]
    overdue_after_days: Annotated[int, Field(ge=0, le=3650)]
    treatments: Mapping[Annotated[str, BeforeValidator(_cause)], Annotated[Treatment, BeforeValidator(_treatment)]]


@dataclass(frozen=True)
class ReconciliationSheet:
    """A reconciliation policy that was read.

    Attributes:
        policy: what it says.
        digest: of what it says; white space and comments do not move it.
        text: its bytes, as they are archived.
    """

    policy: ReconciliationPolicy
    digest: bytes
    text: bytes

    @property
    def tolerances(self) -> MatchTolerances:
        """Its tolerances as matching takes them."""
        return MatchTolerances(**dict(self.policy.tolerances))

    def treatment(self, cause: Cause) -> Treatment:
        """What is done about breaks of a cause."""
        return self.policy.treatments[cause.value]


def parsed_reconciliation(text: bytes, file: str) -> ReconciliationSheet:
    """The reconciliation policy that the bytes of a file hold. Raises PolicyError with every fault."""
    content, marks, faults = plain_document(text, file)
    try:
        policy = ReconciliationPolicy.model_validate(content)
    except ValidationError as error:
        faults += schema_faults(error, marks, frozenset(), _keys_at)
        unread = marks.fault((), "the reconciliation policy cannot be read", "compare it with the shipped one")
        raise PolicyError(faults or [unread]) from error
    faults += _untreated(policy, marks)
    if faults:
        raise PolicyError(faults)
    return ReconciliationSheet(policy, digest("reconciliation-policy", encode(_content(policy))), text)


@cache
def shipped_reconciliation() -> ReconciliationSheet:
    """The reconciliation policy that comes with Assay."""
    return parsed_reconciliation(SHIPPED.read_bytes(), "policies/reconciliation/us-equities/v1.yaml")


def _content(policy: ReconciliationPolicy) -> object:
    plain = plain_content(policy)
    return {**plain, "treatments": {cause: each.value for cause, each in policy.treatments.items()}}


def _untreated(policy: ReconciliationPolicy, marks: Marks) -> list[Fault]:
    """Causes of which nobody could say what to do."""
    return [
        marks.fault(("treatments",), f"cause {quoted(cause.value)} has no treatment", f"add {cause.value}:")
        for cause in Cause
        if cause.value not in policy.treatments
    ]


def _keys_at(path: Path) -> tuple[tuple[str, ...], str]:
    """The keys that a place may have, and its name."""
    if len(path) > 1 and path[0] == "tolerances":
        return tuple(Tolerances.model_fields), "set of tolerances"
    if len(path) > 1 and path[0] == "treatments":
        return tuple(cause.value for cause in Cause), "set of treatments"
    names = tuple(field.alias or name for name, field in ReconciliationPolicy.model_fields.items())
    return names, "reconciliation policy"
