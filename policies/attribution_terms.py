"""How gains are attributed, as a YAML document: what explains returns, what books are held against, how alpha fades."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import PydanticCustomError

from nodes.vocabulary.errors import PolicyError
from policies.complaints import schema_faults
from policies.contracts import plain_document
from policies.marks import Path as Place
from policies.schema import FAMILY_PATTERN, Sentence

SHIPPED = Path(__file__).resolve().parent / "attribution" / "us-equities" / "v1.yaml"
"""The terms that come with Assay."""
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,31}$")]
Measure = Literal["growth", "deviation"]
"""What exposes a share to a style: what it has grown by, or the standard deviation of its returns."""


def _increasing(values: tuple[int, ...]) -> tuple[int, ...]:
    if any(later <= earlier for earlier, later in pairwise(values)):
        raise PydanticCustomError("increasing", "they do not increase", {"mend": "give each once, the smallest first"})
    return values


class StyleTerms(BaseModel):
    """A style: shares that are alike in a measure, taken at the close before.

    Attributes:
        name: of the style.
        measure: what exposes a share to it.
        window_sessions: over how many sessions.
        skipped_sessions: how many of the newest are left out.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    name: Name
    measure: Measure
    window_sessions: Annotated[int, Field(ge=2, le=2000)]
    skipped_sessions: Annotated[int, Field(ge=0, le=500)]


def _named_once(styles: tuple[StyleTerms, ...]) -> tuple[StyleTerms, ...]:
    if len({style.name for style in styles}) != len(styles):
        raise PydanticCustomError("styles", "a style is named twice", {"mend": "name each style once"})
    return styles


Sessions = Annotated[int, Field(ge=2, le=5000)]
Increasing = Annotated[tuple[Annotated[int, Field(ge=0, le=500)], ...], AfterValidator(_increasing)]


class AttributionTerms(BaseModel):
    """How gains are attributed.

    Attributes:
        family: name that all versions share; `attribution` in the document.
        version: whole number from 1.
        owner: who answers for it.
        why: what it is for.
        sources: what it rests on.
        beta_sessions: sessions that a beta looks back.
        sectors: sector of each share.
        min_sector_shares: a sector with fewer shares has no return of its own.
        styles: in the order in which they explain what the ones before left.
        min_style_shares: a style with fewer exposed shares has no return of its own.
        allocation: what the return of a segment is held against.
        linking: how effects of sessions are linked.
        score: the node of the session run whose alpha is watched.
        correlation: how a score is held against returns.
        decay_horizons: sessions that a return is earned over.
        decay_delays: sessions between the score and the trade.
        decay_sessions: newest sessions that are looked at.
        min_decay_shares: a session with fewer shares says nothing.
        confidence_frac: of all intervals.
        recent_sessions: the newest of them, whose half-life is held against that of those before.
        change_resamples: how often sessions are drawn again to say how far a change may be luck.
        change_block_sessions: mean length of the blocks they are drawn in.
        change_seed: of the draws.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    family: Annotated[str, Field(pattern=FAMILY_PATTERN, alias="attribution")]
    version: Annotated[int, Field(ge=1)]
    owner: Sentence
    why: Sentence
    sources: tuple[Sentence, ...] = ()
    beta_sessions: Sessions
    sectors: Mapping[str, Sentence]
    min_sector_shares: Annotated[int, Field(ge=2)]
    styles: Annotated[tuple[StyleTerms, ...], AfterValidator(_named_once)]
    min_style_shares: Annotated[int, Field(ge=2)]
    allocation: Literal["bhb", "brinson-fachler"]
    linking: Literal["carino", "menchero", "grap"]
    score: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
    correlation: Literal["rank", "linear"]
    decay_horizons: Annotated[Increasing, Field(min_length=1)]
    decay_delays: Annotated[Increasing, Field(min_length=2)]
    decay_sessions: Sessions
    min_decay_shares: Annotated[int, Field(ge=3)]
    confidence_frac: Annotated[float, Field(gt=0.5, lt=1.0)]
    recent_sessions: Sessions
    change_resamples: Annotated[int, Field(ge=100, le=10_000)]
    change_block_sessions: Annotated[int, Field(ge=1, le=500)]
    change_seed: Annotated[int, Field(ge=0, lt=2**31)]


def parsed_attribution_terms(text: bytes, file: str) -> AttributionTerms:
    """The terms that the bytes of a file hold. Raises PolicyError with every fault."""
    content, marks, faults = plain_document(text, file)
    try:
        found = AttributionTerms.model_validate(content)
    except ValidationError as error:
        faults = [*faults, *schema_faults(error, marks, frozenset(), _keys_at)]
        raise PolicyError(faults or [marks.fault((), "the terms cannot be read", "compare them with docs")]) from error
    if found.decay_horizons[0] < 1:
        what = f"the shortest horizon is {found.decay_horizons[0]} sessions, over which nothing is earned"
        faults = [*faults, marks.fault(("decay_horizons",), what, "begin with 1 or more")]
    if found.recent_sessions >= found.decay_sessions:
        what = f"the newest {found.recent_sessions} of {found.decay_sessions} sessions leave none to hold them against"
        faults = [*faults, marks.fault(("recent_sessions",), what, "make it less than decay_sessions")]
    if 2 * found.change_block_sessions > found.recent_sessions:
        what = f"blocks of {found.change_block_sessions} sessions are over half of the newest {found.recent_sessions}"
        faults = [*faults, marks.fault(("change_block_sessions",), what, "make the blocks shorter")]
    if faults:
        raise PolicyError(faults)
    return found


def _keys_at(path: Place) -> tuple[tuple[str, ...], str]:
    if path[:1] == ("styles",) and len(path) > 1:
        return tuple(StyleTerms.model_fields), "a style"
    return tuple(field.alias or name for name, field in AttributionTerms.model_fields.items()), "terms of attribution"
