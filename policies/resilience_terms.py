"""How long Assay puts up with what it depends on, as a YAML document: deadlines, circuits, and the age of answers."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import PydanticCustomError

from nodes.vocabulary.errors import PolicyError
from policies.complaints import schema_faults
from policies.contracts import plain_document
from policies.marks import Path as Place
from policies.schema import FAMILY_PATTERN, Sentence

SHIPPED = Path(__file__).resolve().parent / "resilience" / "us-equities" / "v1.yaml"
"""The terms that come with Assay."""
ANY = "any"
"""The readings that are not named."""
DAY_S = 86_400

Seconds = Annotated[float, Field(gt=0.0, le=30 * DAY_S)]
Wait = Annotated[float, Field(ge=0.0, le=30 * DAY_S)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,63}$")]
Table = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]


class _Terms(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class UpstreamTerms(_Terms):
    """How something is asked that may not answer.

    Attributes:
        at_once: questions under way at the same time; one that was given up counts until it really ends.
        wait_s: how long a question waits for its place.
        deadline_s: how long an answer may take.
        failures: in a row, after which the circuit opens.
        rest_s: how long it then stays open before one question probes it; doubles with each probe that fails.
        longest_rest_s: and does not grow beyond this.
        probe_every_s: how often it is asked when nobody else asks it.
    """

    at_once: Annotated[int, Field(ge=1, le=64)]
    wait_s: Wait
    deadline_s: Seconds
    failures: Annotated[int, Field(ge=1, le=1000)]
    rest_s: Seconds
    longest_rest_s: Seconds
    probe_every_s: Seconds

    @model_validator(mode="after")
    def _grows(self) -> Self:
        if self.longest_rest_s < self.rest_s:
            what = f"longest_rest_s {self.longest_rest_s:g} is shorter than rest_s {self.rest_s:g}"
            raise PydanticCustomError(
                "rest", "{what}", {"what": what, "mend": "let the longest rest be the longer one"}
            )
        return self


class StaleTerms(_Terms):
    """How old an answer may be.

    Attributes:
        fresh_s: up to this age it is given without asking again.
        revalidate_s: for so long after that it is given, and asked again meanwhile.
        if_error_s: for so long after it was fresh it is given when asking again fails.
    """

    fresh_s: Wait
    revalidate_s: Wait
    if_error_s: Wait


class FeedTerms(_Terms):
    """How a feed is kept up.

    Attributes:
        every_s: how often it is fetched.
        tolerance_s: how old its watermark may be before what it feeds is beyond policy.
        tables: of the lake, that it feeds.
    """

    every_s: Seconds
    tolerance_s: Seconds
    tables: Annotated[tuple[Table, ...], Field(min_length=1)]


class ResilienceTerms(_Terms):
    """How long Assay puts up with what it depends on.

    Attributes:
        family: name that all versions share; `resilience` in the document.
        version: whole number from 1.
        owner: who answers for it.
        why: what it is for.
        sources: what it rests on.
        lake: the tables of facts.
        broker: where orders go.
        rate_limits: the server that machines share their rate limits through.
        readings: how old answers from the lake may be, by area; `any` for the others.
        feeds: how feeds are kept up, by name.
    """

    family: Annotated[str, Field(pattern=FAMILY_PATTERN, alias="resilience")]
    version: Annotated[int, Field(ge=1)]
    owner: Sentence
    why: Sentence
    sources: tuple[Sentence, ...] = ()
    lake: UpstreamTerms
    broker: UpstreamTerms
    rate_limits: UpstreamTerms
    readings: Mapping[Name, StaleTerms]
    feeds: Mapping[Name, FeedTerms]

    @model_validator(mode="after")
    def _covers(self) -> Self:
        if ANY not in self.readings:
            raise PydanticCustomError("readings", "readings do not say what holds for any", {"mend": "add `any`"})
        return self

    def stale_terms(self, area: str) -> StaleTerms:
        """How old answers of an area may be."""
        return self.readings.get(area, self.readings[ANY])


def parsed_resilience_terms(text: bytes, file: str) -> ResilienceTerms:
    """The terms that the bytes of a file hold. Raises PolicyError with every fault."""
    content, marks, faults = plain_document(text, file)
    try:
        found = ResilienceTerms.model_validate(content)
    except ValidationError as error:
        faults = [*faults, *schema_faults(error, marks, frozenset(), _keys_at)]
        raise PolicyError(faults or [marks.fault((), "the terms cannot be read", "compare them with docs")]) from error
    if faults:
        raise PolicyError(faults)
    return found


_PARTS: Mapping[str, type[BaseModel]] = {
    "lake": UpstreamTerms,
    "broker": UpstreamTerms,
    "rate_limits": UpstreamTerms,
    "readings": StaleTerms,
    "feeds": FeedTerms,
}


def _keys_at(path: Place) -> tuple[tuple[str, ...], str]:
    part = _PARTS.get(str(path[0])) if path else None
    if part is None:
        return tuple(field.alias or name for name, field in ResilienceTerms.model_fields.items()), "terms of resilience"
    return tuple(part.model_fields), f"terms of {path[0]}"
