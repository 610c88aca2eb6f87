"""How long what log entries are made of is kept, as a YAML document: years by kind of entry, for ever without a rule.

Only bodies are ever dropped (traces, snapshots): the entries themselves stay, and the tree over them. What policies,
models, incidents, holds and retention itself rest on cannot be dropped at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

from nodes.vocabulary.errors import Fault
from policies.marks import Marks
from policies.marks import Path as Place
from policies.modelled import modelled_document
from policies.schema import FAMILY_PATTERN, Sentence

SHIPPED = Path(__file__).resolve().parent / "retention" / "books-and-records" / "v1.yaml"
"""The document that comes with Assay."""
Droppable = Literal[
    "decision", "plan", "fill", "expiry", "acknowledgement", "cancel", "refusal", "charge", "corporate-action",
    "shadow", "gate", "policy-fault",
]  # fmt: skip
DROPPABLE: frozenset[str] = frozenset(get_args(Droppable))
"""Kinds of entries whose bodies may be dropped."""
MIN_YEARS = 1
"""Years, not days: no process remembers for that long that a body was stored."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class RetentionRule(_Part):
    """How long some kinds of entries keep what they are made of.

    Attributes:
        id: its name.
        kinds: of entries.
        keep_years: for how long after they were recorded.
    """

    id: Annotated[str, Field(pattern=FAMILY_PATTERN)]
    kinds: Annotated[tuple[Droppable, ...], Field(min_length=1)]
    keep_years: Annotated[int, Field(ge=MIN_YEARS, le=100)]


class RetentionPolicy(_Part):
    """How long everything is kept.

    Attributes:
        family: name that all versions share; `retention` in the document.
        version: whole number from 1.
        owner: who answers for it.
        why: what it is for.
        sources: what it rests on.
        rules: years by kind; a kind without a rule is kept for ever.
    """

    family: Annotated[str, Field(pattern=FAMILY_PATTERN, alias="retention")]
    version: Annotated[int, Field(ge=1)]
    owner: Sentence
    why: Sentence
    sources: tuple[Sentence, ...] = ()
    rules: Annotated[tuple[RetentionRule, ...], Field(min_length=1)]

    def is_past(self, kind: str, recorded_at: datetime, now: datetime) -> bool:
        """Whether an entry of a kind need no longer keep what it is made of."""
        rule = next((rule for rule in self.rules if kind in rule.kinds), None)
        return rule is not None and recorded_at < years_before(now, rule.keep_years)


def years_before(at: datetime, years: int) -> datetime:
    """The same instant so many years before; of a 29th of February, the 28th."""
    try:
        return at.replace(year=at.year - years)
    except ValueError:
        return at.replace(year=at.year - years, day=28)


def parsed_retention_policy(text: bytes, file: str) -> RetentionPolicy:
    """The policy that the bytes of a file hold. Raises PolicyError with every fault."""
    return modelled_document(text, file, RetentionPolicy, _keys_at, _faults)


@lru_cache(maxsize=1)
def shipped_retention_policy() -> RetentionPolicy:
    """The policy that comes with Assay."""
    return parsed_retention_policy(SHIPPED.read_bytes(), SHIPPED.name)


def _faults(found: RetentionPolicy, marks: Marks) -> Iterator[Fault]:
    """What no type can say: names used twice, kinds that two rules claim."""
    names: set[str] = set()
    kinds: dict[str, str] = {}
    for place, rule in enumerate(found.rules):
        if rule.id in names:
            yield marks.fault(("rules", place, "id"), f"{rule.id!r} names two", "give one of them another id")
        names.add(rule.id)
        for kind in rule.kinds:
            if kinds.setdefault(kind, rule.id) != rule.id:
                what = f"{kind} is kept by {kinds[kind]!r} and by {rule.id!r}"
                yield marks.fault(("rules", place, "kinds"), what, "name it in one of them")


def _keys_at(path: Place) -> tuple[tuple[str, ...], str]:
    """The keys that a place may have, and its name."""
    part: type[_Part] = RetentionRule if path and path[0] == "rules" else RetentionPolicy
    return tuple(field.alias or name for name, field in part.model_fields.items()), str(path[0]) if path else "policy"
