"""Impact follows its law, fades with its half-life, and stays on tick."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from nodes.kernels.impact import AlmgrenModel
from nodes.kernels.simulator.impact import NS_PER_DAY, Footprint, Impact, ImpactTerms

TERMS = ImpactTerms(
    volatility_frac=0.0226,
    day_shares=1_929_000,
    turnover=168_000_000 / 1_929_000,
    usual_spread_bps=4.0,
    half_life_ns=NS_PER_DAY // 20,
    gamma=0.314,
    delta=0.25,
    eta=0.142,
    beta=0.6,
    kappa=0.5,
)


def test_the_permanent_part_is_almgrens() -> None:
    """The published 22 basis points of reference impact.almgren_dri. EXE-07"""
    model = AlmgrenModel(0.314, 0.142, 0.6, 0.25)
    assert TERMS.permanent_frac(192_900) == pytest.approx(model.permanent_frac(0.0226, 0.1, TERMS.turnover), rel=1e-12)
    assert TERMS.permanent_frac(192_900) * 1e4 == pytest.approx(22, abs=0.55)


def test_the_temporary_part_depends_on_rate_volatility_and_spread() -> None:
    """EXE-07: state-dependent."""
    base = TERMS.temporary_frac(10_000, 4.0)
    assert TERMS.temporary_frac(-10_000, 4.0) == -base
    assert TERMS.temporary_frac(20_000, 4.0) == pytest.approx(base * 2**0.6)
    assert TERMS.temporary_frac(10_000, 16.0) == pytest.approx(base * 2.0)
    assert replace(TERMS, volatility_frac=0.0452).temporary_frac(10_000, 4.0) == pytest.approx(base * 2.0)


def test_trading_steadily_for_long_costs_what_almgrens_rate_costs() -> None:
    """At a steady rate, what is recent over the volume of its mean life is the rate over the market's. EXE-07"""
    impact = Impact(TERMS, 1)
    step_ns, shares = NS_PER_DAY // 2000, 40
    for at in range(2000):
        impact.traded(shares, at * step_ns)
    impact.moved(2000 * step_ns, 1_000_000, 1_000_400)
    law = AlmgrenModel(0.314, 0.142, 0.6, 0.25).temporary_frac(0.0226, 2000 * shares / TERMS.day_shares, 1.0)
    found = impact.shift_e4 / 1_000_200 - TERMS.permanent_frac(2000 * shares)
    assert found == pytest.approx(law, rel=0.02)


def test_the_temporary_part_halves_the_rate_in_its_half_life_and_the_permanent_stays() -> None:
    impact = Impact(TERMS, 1)
    impact.traded(50_000, 0)
    assert impact.moved(0, 1_000_000, 1_000_400)
    at_once = impact.shift_e4
    impact.moved(TERMS.half_life_ns, 1_000_000, 1_000_400)
    after = impact.shift_e4
    permanent = TERMS.permanent_frac(50_000) * 1_000_200
    assert (after - permanent) / (at_once - permanent) == pytest.approx(0.5**0.6, rel=0.01)
    impact.moved(60 * TERMS.half_life_ns, 1_000_000, 1_000_400)
    assert (impact.shift_e4, impact.is_fading) == (round(permanent), False)


def test_shifts_are_whole_ticks_and_unknown_without_two_sides() -> None:
    impact = Impact(TERMS, 100)
    impact.traded(30_000, 0)
    assert not impact.moved(1, 0, 1_000_000)
    assert impact.moved(1, 1_000_000, 1_000_400)
    assert impact.shift_e4 % 100 == 0
    assert not impact.moved(2, 1_000_000, 1_000_400)


SQUARE_ROOT = replace(TERMS, gamma=0.0, eta=1.0, beta=0.5, kappa=0.0, half_life_ns=round(NS_PER_DAY * math.log(2.0)))
"""Under which the impact of shares is volatility * sqrt(shares / volume of the day)."""


def test_a_trade_pays_what_it_adds_where_the_terms_say_so() -> None:
    """EXE-07: 0.0226 * sqrt(19,290 / 1,929,000) of 100 USD is 22.6 cents; four times as much adds as much again."""
    impact = Impact(replace(SQUARE_ROOT, own_frac=1.0), 100)
    assert impact.own_e4(19_290, 0, 1_000_000) == 2_300
    assert impact.own_e4(-19_290, 0, 1_000_000) == -2_300
    impact.traded(19_290, 0)
    assert impact.own_e4(3 * 19_290, 0, 1_000_000) == 2_300
    assert Impact(SQUARE_ROOT, 100).own_e4(19_290, 0, 1_000_000) == 0


def test_what_was_traded_at_one_venue_moves_the_others() -> None:
    footprint = Footprint()
    here, there = Impact(SQUARE_ROOT, 100, footprint), Impact(SQUARE_ROOT, 100, footprint)
    here.traded(19_290, 0)
    assert there.moved(0, 999_900, 1_000_100)
    assert there.shift_e4 == 2_300
    assert there.is_fading
