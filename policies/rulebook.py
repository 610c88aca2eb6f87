"""Market rules as a dated document, and the rules in force on a day or at an instant.

A rulebook holds families of rows (`policies.rulebook_rows`). Rows of a family follow each other: a row says from when
to when it was in force, two may never be in force together, and a gap says that there was no such rule. A change is a
new version of the file, like that of any policy.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Annotated, TypeAlias, TypeVar
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from nodes.kernels.market_rules.access_fees import AccessFeeTerms
from nodes.kernels.market_rules.auctions import AuctionTerms
from nodes.kernels.market_rules.breakers import BreakerTerms
from nodes.kernels.market_rules.halts import HaltPolicy
from nodes.kernels.market_rules.luld_state import LuldTerms
from nodes.kernels.market_rules.order_protection import ProtectionTerms
from nodes.kernels.market_rules.short_sale import ShortSaleTerms
from nodes.kernels.market_rules.ticks import TickTerms
from nodes.vocabulary.canonical import digest, encode
from nodes.vocabulary.errors import Fault, PolicyError
from nodes.vocabulary.instants import instant_ns
from policies.complaints import schema_faults
from policies.contracts import plain_document
from policies.marks import Marks
from policies.marks import Path as Place
from policies.rulebook_rows import (
    AccessFeesRow,
    AuctionsRow,
    BreakersRow,
    HaltsRow,
    LevelPart,
    LuldRow,
    ProtectionRow,
    Row,
    ShortSaleRow,
    TicksRow,
)
from policies.schema import FAMILY_PATTERN, Sentence
from policies.slips import quoted

SHIPPED = Path(__file__).resolve().parent / "market-rules" / "us-equities" / "v1.yaml"
"""The rulebook that comes with Assay."""
RULEBOOK_DOMAIN = "assay/rulebook/v1"
_NEW_YORK = ZoneInfo("America/New_York")
_Rows: TypeAlias = tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class MarketRules:
    """The rules of one day; None where there was no such rule.

    Attributes:
        day: the day, in New York.
        luld: limit up-limit down.
        breakers: market-wide circuit breakers.
        short_sale: the price test of short sales.
        ticks: tick sizes.
        access_fees: caps on access fees.
        order_protection: protected quotes.
        auctions: auctions by exchange.
        halts: what the desk does about halts.
        rows: the rows that all this is from.
    """

    day: date
    luld: LuldTerms | None
    breakers: BreakerTerms | None
    short_sale: ShortSaleTerms | None
    ticks: TickTerms | None
    access_fees: AccessFeeTerms | None
    order_protection: ProtectionTerms | None
    auctions: Mapping[str, AuctionTerms]
    halts: HaltPolicy | None
    rows: _Rows


class _Families(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    luld: tuple[LuldRow, ...]
    breakers: tuple[BreakersRow, ...]
    short_sale: tuple[ShortSaleRow, ...]
    ticks: tuple[TicksRow, ...]
    access_fees: tuple[AccessFeesRow, ...]
    order_protection: tuple[ProtectionRow, ...]
    auctions: tuple[AuctionsRow, ...]
    halts: tuple[HaltsRow, ...]


_ROW_KINDS: Mapping[str, type[Row]] = {
    "luld": LuldRow,
    "breakers": BreakersRow,
    "short_sale": ShortSaleRow,
    "ticks": TicksRow,
    "access_fees": AccessFeesRow,
    "order_protection": ProtectionRow,
    "auctions": AuctionsRow,
    "halts": HaltsRow,
}


class Rulebook(BaseModel):
    """A version of the market rules.

    Attributes:
        name: whose market they are.
        version: which version of them.
        owner: who answers for them.
        why: what changed and why.
        rules: rows by family.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    name: Annotated[str, Field(pattern=FAMILY_PATTERN, alias="rulebook")]
    version: Annotated[int, Field(ge=1)]
    owner: Sentence
    why: Sentence
    rules: _Families

    def rows(self, family: str) -> _Rows:
        """The rows of a family, as written."""
        found: _Rows = getattr(self.rules, family)
        return found

    def on(self, day: date) -> MarketRules:
        """The rules in force on a day, as it is in New York."""
        auctions = [row for row in self.rules.auctions if row.is_effective(day)]
        single = {family: _effective(self.rows(family), day) for family in _ROW_KINDS if family != "auctions"}
        return MarketRules(
            day=day,
            luld=_terms(single["luld"], LuldTerms),
            breakers=_terms(single["breakers"], BreakerTerms),
            short_sale=_terms(single["short_sale"], ShortSaleTerms),
            ticks=_terms(single["ticks"], TickTerms),
            access_fees=_terms(single["access_fees"], AccessFeeTerms),
            order_protection=_terms(single["order_protection"], ProtectionTerms),
            auctions={row.exchange: row.terms for row in auctions},
            halts=_terms(single["halts"], HaltPolicy),
            rows=(*(row for row in single.values() if row is not None), *auctions),
        )

    def at(self, instant: datetime) -> MarketRules:
        """The rules in force at an instant: those of its day in New York. Raises DataError on a naive datetime."""
        instant_ns(instant)
        return self.on(instant.astimezone(_NEW_YORK).date())

    @property
    def digest(self) -> bytes:
        """Digest of what the rulebook says; white space and comments do not move it."""
        content = {family: [_plain(row) for row in self.rows(family)] for family in _ROW_KINDS}
        head = {"name": self.name, "version": self.version, "owner": self.owner, "why": self.why}
        return digest(RULEBOOK_DOMAIN, encode(head), encode(content))


def parsed_rulebook(text: bytes, file: str) -> Rulebook:
    """The rulebook that the bytes of a file hold. Raises PolicyError with every fault."""
    content, marks, faults = plain_document(text, file)
    try:
        found = Rulebook.model_validate(content)
    except ValidationError as error:
        faults = [*faults, *schema_faults(error, marks, frozenset(), _keys_at)]
        raise PolicyError(faults or [marks.fault((), "the rulebook cannot be read", "compare it with v1")]) from error
    faults = [*faults, *_faults(found, marks)]
    if faults:
        raise PolicyError(faults)
    return found


@lru_cache(maxsize=1)
def shipped_rulebook() -> Rulebook:
    """The market rules that come with Assay."""
    return parsed_rulebook(SHIPPED.read_bytes(), SHIPPED.name)


_Terms = TypeVar("_Terms")


def _terms(row: Row | None, kind: type[_Terms]) -> _Terms | None:
    terms = None if row is None else row.terms
    return terms if isinstance(terms, kind) else None


def _effective(rows: Iterable[Row], day: date) -> Row | None:
    return next((row for row in rows if row.is_effective(day)), None)


def _plain(row: Row) -> dict[str, object]:
    return row.model_dump()


def _keys_at(path: Place) -> tuple[tuple[str, ...], str]:
    """The keys that a place may have, and its name."""
    kind = _ROW_KINDS.get(str(path[1])) if len(path) > 1 and path[0] == "rules" else None
    if kind is None:
        names = (field.alias or name for name, field in Rulebook.model_fields.items())
        return (tuple(_ROW_KINDS), "family of rules") if path[:1] == ("rules",) else (tuple(names), "rulebook")
    if "levels" in path:
        return tuple(LevelPart.model_fields), "level"
    return tuple(kind.model_fields), f"row of {path[1]}"


def _faults(found: Rulebook, marks: Marks) -> list[Fault]:
    """What no type can say: names used twice, rows out of order, rows that are in force together."""
    faults = []
    seen: set[str] = set()
    for family in _ROW_KINDS:
        rows = found.rows(family)
        for place, row in enumerate(rows):
            if row.id in seen:
                what, mend = f"{quoted(row.id)} names two rows", "give one of them another id"
                faults.append(marks.fault(("rules", family, place, "id"), what, mend))
            seen.add(row.id)
        faults += [marks.fault(("rules", family, place), *said) for place, said in _date_slips(rows)]
    return faults


def _date_slips(rows: Sequence[Row]) -> list[tuple[int, tuple[str, str]]]:
    slips = []
    before: dict[str, Row] = {}
    for place, row in enumerate(rows):
        if row.effective_to is not None and row.effective_to < row.effective_from:
            what = f"{row.id} ends on {row.effective_to}, before it begins on {row.effective_from}"
            slips.append((place, (what, "name a later day")))
        last = before.get(row.track)
        if last is not None and (last.effective_to is None or last.effective_to >= row.effective_from):
            what = f"{row.id} begins on {row.effective_from}, while {last.id} is in force until {last.effective_to}"
            slips.append(
                (place, (what, "end the earlier row the day before, and keep rows in the order of their days"))
            )
        before[row.track] = row
    return slips
