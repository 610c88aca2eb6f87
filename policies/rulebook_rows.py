"""The rows of a rulebook: one market rule each, with its dates, its source, and its numbers in the units people use.

A row turns its numbers into the terms that the kernels of `nodes.kernels.market_rules` take: whole ten-thousandths of a
dollar, nanoseconds, millionths. A number that is no whole one of those is refused, so that nothing is rounded unseen.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainValidator
from pydantic_core import PydanticCustomError

from nodes.kernels.market_rules.access_fees import AccessFeeTerms
from nodes.kernels.market_rules.auctions import AuctionTerms
from nodes.kernels.market_rules.breakers import BreakerLevel, BreakerTerms, HaltLength
from nodes.kernels.market_rules.halts import AtReopening, DuringHalt, HaltPolicy
from nodes.kernels.market_rules.luld_state import LuldTerms, QuoteOpening
from nodes.kernels.market_rules.order_protection import ProtectionTerms
from nodes.kernels.market_rules.price_bands import BandTerms
from nodes.kernels.market_rules.short_sale import PriceTest, ShortSaleTerms
from nodes.kernels.market_rules.ticks import TickTerms
from nodes.vocabulary.trading import E4_PER_USD, E6_PER_USD, NS_PER_S
from policies.scenario import Day
from policies.schema import RULE_ID_PATTERN, Sentence
from policies.slips import quoted

Basis = Literal["read", "recalled", "secondary", "desk"]
"""How a row is known: read in its source, recalled of it, read in an account by others, or the desk's own choice."""


def _scaled(per_unit: int, what: str) -> Callable[[object], int]:
    """The reader of a number as a whole count of the smallest part of its unit."""

    def scaled(written: object) -> int:
        is_number = isinstance(written, int | float) and not isinstance(written, bool)
        exact = Decimal(repr(written)) * per_unit if is_number else Decimal(-1)
        if exact < 0 or exact != exact.to_integral_value():
            mend = f"write a number that is at least 0 and has no part under 1/{per_unit} {what}"
            raise PydanticCustomError("scaled", "was {given}", {"given": quoted(written), "mend": mend})
        return int(exact)

    return scaled


def _word(kind: type[Any]) -> Callable[[object], object]:
    """The reader of one word of an enumeration."""
    words = {member.value: member for member in kind}

    def word(written: object) -> object:
        if isinstance(written, str) and written in words:
            return words[written]
        mend = f"write one of {', '.join(words)}"
        raise PydanticCustomError("word", "was {given}", {"given": quoted(written), "mend": mend})

    return word


UsdE4 = Annotated[int, PlainValidator(_scaled(E4_PER_USD, "USD"))]
FeeE6 = Annotated[int, PlainValidator(_scaled(E6_PER_USD, "USD"))]
FracE4 = Annotated[int, PlainValidator(_scaled(10_000, "of the whole"))]
FracPpm = Annotated[int, PlainValidator(_scaled(1_000_000, "of the whole"))]
SecondsNs = Annotated[int, PlainValidator(_scaled(NS_PER_S, "s"))]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)


class Row(_Part):
    """What every row says besides its numbers.

    Attributes:
        id: its name within the rulebook.
        effective_from: first day on which it was in force.
        effective_to: last day; None while it is.
        source: where it stands.
        basis: how it is known.
        note: what a reader must know besides.
    """

    id: Annotated[str, Field(pattern=RULE_ID_PATTERN)]
    effective_from: Day
    effective_to: Day | None = None
    source: Sentence
    basis: Basis
    note: Sentence | None = None

    @property
    def track(self) -> str:
        """What the row is about within its family: rows of one track follow each other, those of two stand together."""
        return ""

    @property
    @abstractmethod
    def terms(self) -> object:
        """The numbers as the kernels take them."""

    def is_effective(self, day: date) -> bool:
        """Whether it was in force on a day."""
        return self.effective_from <= day and (self.effective_to is None or day <= self.effective_to)


class LuldRow(Row):
    """Limit up-limit down: the fields of LuldTerms and BandTerms."""

    high_over_usd: UsdE4
    middle_from_usd: UsdE4
    tier_1_high_frac: FracE4
    tier_2_high_frac: FracE4
    middle_frac: FracE4
    low_frac: FracE4
    low_width_usd: UsdE4
    doubled_after_open_s: SecondsNs
    doubled_before_close_s: SecondsNs
    tier_2_doubled_to_usd: UsdE4 | None
    rounding_usd: UsdE4
    window_s: SecondsNs
    threshold_frac: FracE4
    min_reference_s: SecondsNs
    limit_s: SecondsNs
    pause_s: SecondsNs
    max_pause_s: SecondsNs | None
    last_s: SecondsNs
    closing_s: SecondsNs
    quote_opening: Annotated[QuoteOpening, PlainValidator(_word(QuoteOpening))]

    @property
    def terms(self) -> LuldTerms:
        """The numbers as the kernels take them."""
        return LuldTerms(
            bands=self._bands,
            window_ns=self.window_s,
            threshold_e4=self.threshold_frac,
            min_reference_ns=self.min_reference_s,
            limit_ns=self.limit_s,
            pause_ns=self.pause_s,
            max_pause_ns=self.max_pause_s,
            last_ns=self.last_s,
            closing_ns=self.closing_s,
            quote_opening=self.quote_opening,
        )

    @property
    def _bands(self) -> BandTerms:
        return BandTerms(
            high_over_e4=self.high_over_usd,
            middle_from_e4=self.middle_from_usd,
            tier_1_high_e4=self.tier_1_high_frac,
            tier_2_high_e4=self.tier_2_high_frac,
            middle_e4=self.middle_frac,
            low_e4=self.low_frac,
            low_width_e4=self.low_width_usd,
            doubled_after_open_ns=self.doubled_after_open_s,
            doubled_before_close_ns=self.doubled_before_close_s,
            tier_2_doubled_to_e4=self.tier_2_doubled_to_usd,
            rounding_e4=self.rounding_usd,
        )


class HaltStep(_Part):
    """How long a breaker halts while more than `before_close_s` is left of the session."""

    before_close_s: SecondsNs
    halt_s: SecondsNs


class LevelPart(_Part):
    """One level of the breakers: the fields of BreakerLevel."""

    level: Annotated[int, Field(ge=1, le=3)]
    decline_frac: FracE4
    halts: tuple[HaltStep, ...]
    afterwards: Literal["none", "close"]


class BreakersRow(Row):
    """Market-wide circuit breakers: the fields of BreakerTerms."""

    index: Sentence
    points_step: Annotated[int, PlainValidator(_scaled(10_000, "points"))] | None
    levels: Annotated[tuple[LevelPart, ...], Field(min_length=1)]

    @property
    def terms(self) -> BreakerTerms:
        """The numbers as the kernels take them."""
        levels = (
            BreakerLevel(
                part.level,
                part.decline_frac,
                tuple(HaltLength(step.before_close_s, step.halt_s) for step in part.halts),
                closes_after=part.afterwards == "close",
            )
            for part in self.levels
        )
        return BreakerTerms(self.index, tuple(levels), self.points_step)


class ShortSaleRow(Row):
    """The price test of short sales: the fields of ShortSaleTerms."""

    price_test: Annotated[PriceTest, PlainValidator(_word(PriceTest))]
    trigger_frac: FracE4 | None

    @property
    def terms(self) -> ShortSaleTerms:
        """The numbers as the kernels take them."""
        return ShortSaleTerms(self.price_test, self.trigger_frac)


class TicksRow(Row):
    """Tick sizes: the fields of TickTerms."""

    cent_usd: UsdE4
    fine_usd: UsdE4
    threshold_usd: UsdE4
    half_cent_usd: UsdE4 | None
    max_narrow_spread_usd: UsdE4 | None
    pilot_usd: UsdE4 | None

    @property
    def terms(self) -> TickTerms:
        """The numbers as the kernels take them."""
        return TickTerms(
            self.cent_usd,
            self.fine_usd,
            self.threshold_usd,
            self.half_cent_usd,
            self.max_narrow_spread_usd,
            self.pilot_usd,
        )


class AccessFeesRow(Row):
    """Caps on access fees: the fields of AccessFeeTerms."""

    cap_usd: FeeE6
    threshold_usd: UsdE4
    low_cap_frac: FracPpm

    @property
    def terms(self) -> AccessFeeTerms:
        """The numbers as the kernels take them."""
        return AccessFeeTerms(self.cap_usd, self.threshold_usd, self.low_cap_frac)


class ProtectionRow(Row):
    """Order protection: the fields of ProtectionTerms."""

    flicker_s: SecondsNs

    @property
    def terms(self) -> ProtectionTerms:
        """The numbers as the kernels take them."""
        return ProtectionTerms(self.flicker_s)


class AuctionsRow(Row):
    """Auctions of one exchange: the fields of AuctionTerms."""

    exchange: Annotated[str, Field(pattern="^[A-Z0-9]{4}$")]
    opening_entry_s: SecondsNs
    closing_market_entry_s: SecondsNs
    closing_limit_entry_s: SecondsNs
    closing_cancel_s: SecondsNs
    collar_frac: FracE4
    small_collar_usd: UsdE4
    small_price_usd: UsdE4
    extension_s: SecondsNs

    @property
    def track(self) -> str:
        """Each exchange has rows of its own."""
        return self.exchange

    @property
    def terms(self) -> AuctionTerms:
        """The numbers as the kernels take them."""
        return AuctionTerms(
            exchange=self.exchange,
            opening_entry_ns=self.opening_entry_s,
            closing_market_entry_ns=self.closing_market_entry_s,
            closing_limit_entry_ns=self.closing_limit_entry_s,
            closing_cancel_ns=self.closing_cancel_s,
            collar_e4=self.collar_frac,
            small_collar_e4=self.small_collar_usd,
            small_price_e4=self.small_price_usd,
            extension_ns=self.extension_s,
        )


class HaltsRow(Row):
    """What the desk does about halts: the fields of HaltPolicy."""

    during: Annotated[DuringHalt, PlainValidator(_word(DuringHalt))]
    at_reopening: Annotated[AtReopening, PlainValidator(_word(AtReopening))]

    @property
    def terms(self) -> HaltPolicy:
        """The choice as the kernels take it."""
        return HaltPolicy(self.during, self.at_reopening)
