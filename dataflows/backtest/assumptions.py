"""What a backtest takes the market to be like, as a policy writes it: fills, charges, mishaps, the seed of all chance.

The policy decides nothing. Its draws belong to a session and a symbol, whatever else is assumed, so that two runs that
differ in one assumption are compared on the same luck.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from nodes.kernels.fees import FeeSchedule
from nodes.kernels.fills import FillChance, FillTerms, SessionBar, SessionMarket
from nodes.kernels.routing.venues import VenueTerms
from nodes.vocabulary.errors import EdgeError
from nodes.vocabulary.instants import instant_ns
from policies.params import ParamReading
from policies.parse import ParsedPolicy, parsed_policy, policy_digest

PURPOSE = "a backtest's assumptions"
_MOST_SEED = 2**31
_ZERO = Decimal(0)
_NEW_YORK = ZoneInfo("America/New_York")
_OPENS_AT = time(9, 30)


@dataclass(frozen=True)
class Assumptions:
    """What the market is taken to be like.

    Attributes:
        name: family and version of the policy.
        digest: of the policy, whole, changes included.
        terms: how orders trade and what they are charged.
        borrow_fee_frac: of what is short, a year, where no better rate is known.
        delisting_return_frac: what the last price of a name that vanishes is followed by.
        halted: sessions of symbols that are known to have been halted.
        seed: of all chance.
        capacity_usd: sizes of the account that the report tries.
        parsed: the policy itself, from which changed assumptions are made.
    """

    name: str
    digest: bytes
    terms: FillTerms
    borrow_fee_frac: float
    delisting_return_frac: float
    halted: frozenset[tuple[str, date]]
    seed: int
    capacity_usd: tuple[Decimal, ...]
    parsed: ParsedPolicy

    def market(
        self, symbol: str, closes_at: datetime, bar: SessionBar | None, sheets: tuple[VenueTerms, ...] = ()
    ) -> SessionMarket:
        """The market that an order in a symbol meets in the session that closes at an instant."""
        session_on = closes_at.astimezone(_NEW_YORK).date()
        return SessionMarket(
            bar=bar,
            terms=self.terms,
            chance=chance(self.seed, symbol, session_on),
            open_ns=instant_ns(datetime.combine(session_on, _OPENS_AT, _NEW_YORK)),
            close_ns=instant_ns(closes_at),
            sheets=sheets,
            is_halted=(symbol, session_on) in self.halted,
        )


def assumptions_of(text: bytes, file: str) -> Assumptions:
    """The assumptions in a policy's text. Raises PolicyError with every fault."""
    return read_assumptions(parsed_policy(text, file))


def read_assumptions(parsed: ParsedPolicy) -> Assumptions:
    """The assumptions that a policy writes. Raises PolicyError with every fault."""
    reading = ParamReading(parsed, PURPOSE)
    terms = _terms(reading)
    found = Assumptions(
        name=f"{parsed.policy.family} v{parsed.policy.version}",
        digest=policy_digest(parsed.policy),
        terms=terms,
        borrow_fee_frac=reading.number("borrow_fee_frac", 0.0, 10.0),
        delisting_return_frac=reading.number("delisting_return_frac", -1.0, 0.0),
        halted=_halted(reading),
        seed=reading.whole("seed", 0, _MOST_SEED),
        capacity_usd=reading.amounts("capacity_usd", Decimal(1)),
        parsed=parsed,
    )
    reading.finish()
    return found


def changed_assumptions(assumptions: Assumptions, changes: Mapping[str, Any]) -> Assumptions:
    """The assumptions with some parameters at other values. Raises PolicyError for a value or name that cannot be."""
    policy = assumptions.parsed.policy
    unknown = sorted(changes.keys() - policy.params.keys())
    if unknown:
        known = ", ".join(sorted(policy.params))
        message = f"{unknown[0]} is no assumption of {assumptions.name}; change one of {known}"
        raise EdgeError(message, reason="invalid")
    changed = policy.model_copy(update={"params": {**policy.params, **changes}})
    parsed = assumptions.parsed
    return read_assumptions(ParsedPolicy(changed, parsed.marks, parsed.gaps))


def param_value(text: str) -> Any:  # noqa: ANN401  # a number or a word
    """The value that somebody wrote on a command line."""
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return text


@lru_cache(maxsize=65_536)
def chance(seed: int, symbol: str, session_on: date) -> FillChance:
    """The luck of a symbol in a session: alike in every run under one seed."""
    source = np.random.SeedSequence([seed, session_on.toordinal(), zlib.crc32(symbol.encode())])
    generator = np.random.Generator(np.random.PCG64(source))
    latency_u, halt_u = generator.random(2)
    tiny = np.finfo(np.float64).tiny
    return FillChance(max(float(latency_u), float(tiny)), float(generator.standard_normal()), float(halt_u))


def _terms(reading: ParamReading) -> FillTerms:
    terms = FillTerms(
        max_fill_participation_frac=reading.number("max_fill_participation_frac", 0.0, 1.0),
        impact_coefficient=reading.number("impact_coefficient", 0.0, 100.0),
        fees=FeeSchedule(
            commission_price_usd=reading.amount("commission_price_usd", _ZERO),
            min_commission_usd=reading.amount("min_commission_usd", _ZERO),
            max_commission_frac=reading.number("max_commission_frac", 0.0, 1.0),
            sell_fee_frac=reading.number("sell_fee_frac", 0.0, 1.0),
        ),
        venue_fee_frac=reading.number("venue_fee_frac", 0.0, 1.0),
        auction_fee_usd=reading.amount("auction_fee_usd", _ZERO),
        unlisted_fee_usd=reading.amount("unlisted_fee_usd", _ZERO),
        auction_volume_frac=reading.number("auction_volume_frac", 0.0, 1.0),
        max_auction_participation_frac=reading.number("max_auction_participation_frac", 0.0, 1.0),
        auction_spread_frac=reading.number("auction_spread_frac", 0.0, 1.0),
        queue_ahead_frac=reading.number("queue_ahead_frac", 0.0, 1.0),
        latency_p5_ms=reading.number("latency_p5_ms", 0.0, 1e9),
        latency_p95_ms=reading.number("latency_p95_ms", 0.0, 1e9),
        spread_frac=reading.number("spread_frac", 0.0, 100.0),
        halt_rate_frac=reading.number("halt_rate_frac", 0.0, 1.0),
    )
    if terms.latency_p5_ms > terms.latency_p95_ms:
        what = f"latency_p5_ms was {terms.latency_p5_ms:g}, above latency_p95_ms {terms.latency_p95_ms:g}"
        reading.refuse("latency_p5_ms", what, "write the smaller quantile here")
    return terms


def _halted(reading: ParamReading) -> frozenset[tuple[str, date]]:
    """Halted sessions, each written SYMBOL 2012-08-01."""
    found: set[tuple[str, date]] = set()
    for text in reading.words("halted_sessions"):
        symbol, _, day = text.partition(" ")
        try:
            found.add((symbol, date.fromisoformat(day)))
        except ValueError:
            reading.refuse("halted_sessions", f"{text!r} names no session", "write SYMBOL 2012-08-01")
    return frozenset(found)
