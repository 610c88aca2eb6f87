"""The shared reference cases on market rules, recomputed; see `tests.nodes.test_reference_cases`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Any

import pytest
import yaml

from nodes.kernels.market_rules.access_fees import access_fee_cap_e6
from nodes.kernels.market_rules.breakers import (
    MarketHalt,
    breaker_state_after_index,
    breaker_thresholds_e4,
    first_breaker_state,
)
from nodes.kernels.market_rules.halts import MarketEvent, Opening, Quote, detected_halts
from nodes.kernels.market_rules.luld_state import LuldFrame
from nodes.kernels.market_rules.order_protection import Level, protected_route
from nodes.kernels.market_rules.price_bands import BandedShare, Reference, is_doubled, price_bands
from nodes.kernels.market_rules.sessions import SessionTimes
from nodes.kernels.market_rules.short_sale import first_short_sale_state, short_sale_state_after_trade
from nodes.kernels.market_rules.ticks import tick_e4
from nodes.vocabulary.trading import Side
from policies.rulebook import MarketRules, shipped_rulebook
from tests.nodes.test_reference_cases import SHARED_CASES, near

S = 10**9
OPENS_NS = 1_700_000_000 * S
FULL = SessionTimes(date(2024, 8, 6), OPENS_NS, OPENS_NS + 23_400 * S)
NOW, LATER = shipped_rulebook().on(date(2024, 8, 6)), shipped_rulebook().on(date(2028, 1, 3))


def e4(usd: float) -> int:
    return round(usd * 10_000)


def instant_ns(text: str) -> int:
    parts = [int(part) for part in f"{text}:00".split(":")[:3]]
    return OPENS_NS + (parts[0] * 3600 + parts[1] * 60 + parts[2] - 34_200) * S


def banded(ref: float, tier: int, prev_close: float, leverage: float = 1, time: str = "11:00", **_: Any) -> list[float]:
    terms = NOW.luld
    assert terms is not None
    share = BandedShare(tier, e4(prev_close), round(leverage * 100))
    doubled = is_doubled(instant_ns(time), share, FULL, terms.bands)
    return [band / 10_000 for band in price_bands(Reference(e4(ref), 1), share, terms.bands, doubled=doubled)]


def bands(inputs: dict[str, Any]) -> Any:
    return [banded(*case) for case in inputs["cases"]] if "cases" in inputs else banded(**inputs)


def pauses(inputs: dict[str, Any]) -> list[bool]:
    """Whether a limit state of each length ends in a pause, and that the pause lasts so long at least."""
    terms = NOW.luld
    assert terms is not None
    assert terms.pause_ns == inputs["pause_minutes"] * 60 * S
    frame = LuldFrame(BandedShare(1, 1_000_000, 100), FULL, terms)
    found = []
    for length_s in inputs["limit_state_seconds"]:
        since_ns = OPENS_NS + 60 * S
        events: list[MarketEvent] = [
            Opening(OPENS_NS, 1_000_000),
            Quote(since_ns, 949_000, 950_000),
            Quote(since_ns + round(length_s * S), 949_000, 951_000),
        ]
        found.append(bool(detected_halts("X", events, frame, since_ns + 20 * S)))
    return found


def levels(inputs: dict[str, Any]) -> list[float]:
    terms = NOW.breakers
    assert terms is not None
    return [level / 10_000 for level in breaker_thresholds_e4(e4(inputs["prior_close"]), terms)]


def timing(inputs: dict[str, Any]) -> list[str]:
    terms = NOW.breakers
    assert terms is not None
    thresholds = breaker_thresholds_e4(50_000_000, terms)
    words = []
    for level, time in inputs["cases"]:
        at_ns = instant_ns(time)
        state = breaker_state_after_index(first_breaker_state(FULL, thresholds), at_ns, thresholds[level - 1], terms)
        halt = state.halt_at(at_ns)
        words.append("continue" if halt is None else length(halt))
    return words


def length(halt: MarketHalt) -> str:
    return "close" if halt.ends_ns is None else f"halt{(halt.ends_ns - halt.started_ns) // (60 * S)}"


def restrictions(inputs: dict[str, Any]) -> list[bool]:
    terms = NOW.short_sale
    assert terms is not None
    first = first_short_sale_state(FULL, e4(inputs["prior_close"]))
    states = [short_sale_state_after_trade(first, OPENS_NS, e4(low), terms) for low in inputs["low"]]
    return [state.is_restricted(OPENS_NS) for state in states]


def ticks(inputs: dict[str, Any]) -> list[float]:
    terms = NOW.ticks
    assert terms is not None
    return [tick_e4(Decimal(str(price)) * 10_000, terms) / 10_000 for price in inputs["order_price"]]


def fees(inputs: dict[str, Any]) -> dict[str, list[float]]:
    regimes: dict[str, MarketRules] = {"legacy": NOW, "amended": LATER}
    found = {}
    for regime in inputs["regime"]:
        terms = regimes[regime].access_fees
        assert terms is not None
        found[regime] = [access_fee_cap_e6(e4(price), terms) / 1_000_000 for price in inputs["price"]]
    return found


def route(inputs: dict[str, Any]) -> dict[str, Any]:
    shown = [
        Level(venue, e4(price), shares, round(float(fee.split()[1]) * 1e6) * (-1 if fee.startswith("rebate") else 1))
        for venue, price, shares, fee in inputs["venues"]
    ]
    slices = protected_route(shown, Side[inputs["side"]], inputs["qty"], e4(inputs["limit"]))
    paid = sum(part.price_e4 * part.shares for part in slices) / 10_000
    rows = [[part.venue, part.price_e4 / 10_000, part.shares] for part in slices]
    return {"route": rows, "avg": paid / sum(part.shares for part in slices)}


FOUND: dict[str, Callable[[dict[str, Any]], Any]] = {
    "luld.tier1_regular": bands,
    "luld.tier2_regular": bands,
    "luld.open_not_doubled": bands,
    "luld.close_doubled_tier1": bands,
    "luld.close_not_doubled_tier2_gt3": bands,
    "luld.bucket_075_to_300": bands,
    "luld.leveraged_etp": bands,
    "luld.limit_state_to_pause": pauses,
    "mwcb.levels_2024_08_05": levels,
    "mwcb.timing": timing,
    "ssr.rule201": restrictions,
    "tick.rule612_legacy": ticks,
    "access_fee.rule610": fees,
    "sor.order_protection": route,
}


@lru_cache(maxsize=1)
def shared_cases() -> dict[str, dict[str, Any]]:
    cases = yaml.safe_load(SHARED_CASES.read_text(encoding="utf-8"))["cases"]
    return {case["id"]: case for case in cases}


def equal(found: Any, expected: Any, tolerance: float) -> bool:
    """Whether two like structures agree, words exactly and numbers to a tolerance."""
    if isinstance(expected, dict):
        return set(found) == set(expected) and all(equal(found[key], expected[key], tolerance) for key in expected)
    if isinstance(expected, list):
        return len(found) == len(expected) and all(map(equal, found, expected, [tolerance] * len(expected)))
    return bool(found == expected) if isinstance(expected, str) else near(found, expected, tolerance)


@pytest.mark.shared_data
@pytest.mark.parametrize("case_id", FOUND)
def test_reference_case_comes_out(case_id: str) -> None:
    if not SHARED_CASES.is_file():
        pytest.skip("no shared data beside this checkout: the shared reference cases are not there")
    case = shared_cases()[case_id]
    assert equal(FOUND[case_id](case["inputs"]), case["expected"], case["tolerance"]), case["citation"]
