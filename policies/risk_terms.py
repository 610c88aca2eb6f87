"""How risk is measured, as a YAML document: levels, windows, methods, and from where on it is too much."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import PydanticCustomError

from nodes.vocabulary.errors import PolicyError
from policies.complaints import schema_faults
from policies.contracts import plain_document
from policies.marks import Path as Place
from policies.schema import FAMILY_PATTERN, Sentence

SHIPPED = Path(__file__).resolve().parent / "risk" / "us-equities" / "v1.yaml"
"""The terms that come with Assay."""
Method = Literal["historical", "normal", "student", "filtered-ewma", "filtered-garch"]


def _distinct(methods: tuple[Method, ...]) -> tuple[Method, ...]:
    if len(set(methods)) != len(methods):
        raise PydanticCustomError("methods", "a method is named twice", {"mend": "name each method once"})
    return methods


Level = Annotated[float, Field(gt=0.0, lt=0.5)]
Loss = Annotated[float, Field(gt=0.0, le=1.0)]


class RiskTerms(BaseModel):
    """How risk is measured.

    Attributes:
        family: name that all versions share; `risk` in the document.
        version: whole number from 1.
        owner: who answers for it.
        why: what it is for.
        sources: what it rests on.
        value_at_risk_level_frac: probability of a loss beyond the value at risk.
        shortfall_level_frac: the worst cases that expected shortfall is the mean of.
        window_sessions: sessions that a measure looks back.
        backtest_sessions: sessions that are held against what had been said of them.
        decay_frac: weight of yesterday's variance in the exponential filter.
        methods: the ways in which it is measured.
        incident_method: the one whose breaches are incidents.
        max_value_at_risk_frac: from where on the value at risk is too much, of equity.
        max_shortfall_frac: from where on the expected shortfall is.
        release_needs_second_person: whether the throttle is released by another person only than the one whose order
            tripped it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    family: Annotated[str, Field(pattern=FAMILY_PATTERN, alias="risk")]
    version: Annotated[int, Field(ge=1)]
    owner: Sentence
    why: Sentence
    sources: tuple[Sentence, ...] = ()
    value_at_risk_level_frac: Level
    shortfall_level_frac: Level
    window_sessions: Annotated[int, Field(ge=30, le=5000)]
    backtest_sessions: Annotated[int, Field(ge=1, le=5000)]
    decay_frac: Annotated[float, Field(gt=0.0, lt=1.0)]
    methods: Annotated[tuple[Method, ...], Field(min_length=1), AfterValidator(_distinct)]
    incident_method: Method
    max_value_at_risk_frac: Loss
    max_shortfall_frac: Loss
    release_needs_second_person: bool


def parsed_risk_terms(text: bytes, file: str) -> RiskTerms:
    """The terms that the bytes of a file hold. Raises PolicyError with every fault."""
    content, marks, faults = plain_document(text, file)
    try:
        found = RiskTerms.model_validate(content)
    except ValidationError as error:
        faults = [*faults, *schema_faults(error, marks, frozenset(), _keys_at)]
        raise PolicyError(faults or [marks.fault((), "the terms cannot be read", "compare them with docs")]) from error
    if found.incident_method not in found.methods:
        what = f"breaches of {found.incident_method} are incidents, which is not among the methods"
        faults = [*faults, marks.fault(("incident_method",), what, f"name one of {', '.join(found.methods)}")]
    if faults:
        raise PolicyError(faults)
    return found


def _keys_at(_path: Place) -> tuple[tuple[str, ...], str]:
    return tuple(field.alias or name for name, field in RiskTerms.model_fields.items()), "terms of risk"
