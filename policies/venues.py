"""Venue policies: where orders may be routed, and at which dated fees, as a YAML document.

A fee is a fact: it has the day from which it is charged and a source, and says whether somebody compared the figure
with that source. What the router estimates of a venue stands beside it. A document is never edited once it decides; a
new rate is a new row, and another estimate a new version.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from itertools import pairwise
from pathlib import Path as FilePath
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError
from pydantic_core import PydanticCustomError

from nodes.kernels.routing.venues import VenueTerms, terms_text
from nodes.vocabulary.canonical import digest, encode
from nodes.vocabulary.errors import Fault, PolicyError
from nodes.vocabulary.trading import E6_PER_USD
from policies.complaints import schema_faults
from policies.contracts import plain_document
from policies.marks import Marks, Path
from policies.schema import FAMILY_PATTERN, Sentence, plain_content
from policies.slips import quoted

SHIPPED = FilePath(__file__).resolve().parent / "venues" / "us-equities" / "v1.yaml"
VENUE_PATTERN = r"^[A-Z][A-Z0-9-]{0,15}$"
_NS_PER_US = 1_000
_MOST_USD = 0.01


def _day(written: object) -> object:
    if isinstance(written, date):
        return written
    try:
        return date.fromisoformat(str(written))
    except ValueError as error:
        mend = "write a day like 2026-11-02"
        raise PydanticCustomError("day", "{given} is no day", {"given": quoted(written), "mend": mend}) from error


def _number(written: object) -> object:
    return float(written) if isinstance(written, int) and not isinstance(written, bool) else written


def _within(low: float, high: float) -> AfterValidator:
    """That a number is between two, both allowed."""

    def checked(value: float) -> float:
        if low <= value <= high:
            return value
        words = {"given": f"{value:g}", "low": f"{low:g}", "high": f"{high:g}", "mend": "correct the number"}
        raise PydanticCustomError("bounds", "{given} is not from {low} to {high}", words)

    return AfterValidator(checked)


Day = Annotated[date, BeforeValidator(_day)]
FeeUsd = Annotated[float, BeforeValidator(_number), _within(-_MOST_USD, _MOST_USD)]
Part = Annotated[float, BeforeValidator(_number), _within(0.0, 1.0)]
Rate = Annotated[float, BeforeValidator(_number), _within(0.0, 1e6)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class FeeCap(_Part):
    """The most that a venue may charge for taking a protected quote.

    Attributes:
        effective_from: the day from which it holds, until the next row's.
        cap_usd: a share, of shares of one dollar and more.
        source: where it says so.
    """

    effective_from: Day
    cap_usd: FeeUsd
    source: Sentence


class VenueFees(_Part):
    """What a venue charges a member without a volume tier.

    Attributes:
        effective_from: the day from which it holds, until the next row's.
        take_usd: of a share that takes; negative when it is paid.
        make_usd: of a share that was posted.
        is_confirmed: whether the figures were compared with the source.
        source: where it says so.
    """

    effective_from: Day
    take_usd: FeeUsd
    make_usd: FeeUsd
    is_confirmed: bool
    source: Sentence


class Venue(_Part):
    """One venue.

    Attributes:
        is_protected: whether its displayed quotes are protected by rule 611.
        latency_us: from the decision until an order can match there, in microseconds.
        fade_hz: how often a second what it shows is gone.
        share_frac: its part of all volume.
        adverse_frac: how far the price goes on against a posted share once it is filled, in half spreads.
        fees: by day, ascending.
    """

    is_protected: bool
    latency_us: Annotated[int, _within(0, 10_000_000)]
    fade_hz: Rate
    share_frac: Part
    adverse_frac: Annotated[float, BeforeValidator(_number), _within(-10.0, 10.0)]
    fees: Annotated[tuple[VenueFees, ...], Field(min_length=1)]


class VenuePolicy(_Part):
    """Where orders may be routed.

    Attributes:
        family: `venue_policy` in the document.
        version: whole number from 1.
        owner: who answers for it.
        why: what changed and why.
        sources: what it rests on.
        access_fee_caps: by day, ascending.
        venues: by name.
    """

    family: Annotated[str, Field(pattern=FAMILY_PATTERN, alias="venue_policy")]
    version: Annotated[int, Field(ge=1)]
    owner: Sentence
    why: Sentence
    sources: tuple[Sentence, ...]
    access_fee_caps: tuple[FeeCap, ...]
    venues: Mapping[Annotated[str, Field(pattern=VENUE_PATTERN)], Venue]


@dataclass(frozen=True)
class VenueSheet:
    """A venue policy that was read.

    Attributes:
        policy: what it says.
        digest: of what it says; white space and comments do not move it.
    """

    policy: VenuePolicy
    digest: bytes
    _texts: dict[date, str] = field(default_factory=dict, init=False, repr=False, compare=False)

    def terms(self, on: date) -> tuple[VenueTerms, ...]:
        """The terms in force on a day; a venue without a fee by then is left out. Take fees are cut to the cap."""
        cap = _in_force(self.policy.access_fee_caps, on)
        found = []
        for name, venue in self.policy.venues.items():
            fees = _in_force(venue.fees, on)
            if fees is not None:
                take_usd = fees.take_usd if cap is None else min(fees.take_usd, cap.cap_usd)
                found.append(_terms(name, venue, take_usd, fees.make_usd))
        return tuple(found)

    def text(self, on: date) -> str:
        """The same as a decision's snapshot holds it."""
        if on not in self._texts:
            self._texts[on] = terms_text(self.terms(on))
        return self._texts[on]


def _in_force(rows: tuple[Any, ...], on: date) -> Any:  # noqa: ANN401  # a row of the kind that was given
    return next((row for row in reversed(rows) if row.effective_from <= on), None)


def _terms(name: str, venue: Venue, take_usd: float, make_usd: float) -> VenueTerms:
    fees = (round(take_usd * E6_PER_USD), round(make_usd * E6_PER_USD))
    estimates = (venue.fade_hz, venue.share_frac, venue.adverse_frac)
    return VenueTerms(name, venue.is_protected, *fees, venue.latency_us * _NS_PER_US, *estimates)


def parsed_venues(text: bytes, file: str) -> VenueSheet:
    """The venue policy that the bytes of a file hold. Raises PolicyError with every fault."""
    content, marks, faults = plain_document(text, file)
    try:
        policy = VenuePolicy.model_validate(content)
    except ValidationError as error:
        faults += schema_faults(error, marks, frozenset(), _keys_at)
        raise PolicyError(
            faults or [marks.fault((), "the venue policy cannot be read", "compare it with the shipped one")]
        ) from error
    faults += _order_faults(policy, marks)
    if faults:
        raise PolicyError(faults)
    return VenueSheet(policy, digest("venue-policy", encode(plain_content(policy))))


@cache
def shipped_venues() -> VenueSheet:
    """The venue policy that comes with Assay."""
    return parsed_venues(SHIPPED.read_bytes(), "policies/venues/us-equities/v1.yaml")


def _order_faults(policy: VenuePolicy, marks: Marks) -> list[Fault]:
    """Rows that do not follow each other by day: of two on one day, nobody could say which is in force."""
    tables: list[tuple[Path, tuple[Any, ...]]] = [(("access_fee_caps",), policy.access_fee_caps)]
    tables += [(("venues", name, "fees"), venue.fees) for name, venue in policy.venues.items()]
    return [
        marks.fault(
            (*path, place, "effective_from"),
            f"row of {after.effective_from} stands after that of {before.effective_from}",
            "sort rows by day, one a day",
        )
        for path, rows in tables
        for place, (before, after) in enumerate(pairwise(rows), start=1)
        if after.effective_from <= before.effective_from
    ]


def _keys_at(path: Path) -> tuple[tuple[str, ...], str]:
    """The keys that a place may have, and its name."""
    kinds: dict[tuple[str, int], tuple[type[BaseModel], str]] = {
        ("access_fee_caps", 3): (FeeCap, "cap"),
        ("venues", 3): (Venue, "venue"),
        ("venues", 5): (VenueFees, "row of fees"),
    }
    found = kinds.get((str(path[0]), len(path))) if path else None
    if found is not None:
        return tuple(found[0].model_fields), found[1]
    return tuple(field.alias or name for name, field in VenuePolicy.model_fields.items()), "venue policy"
