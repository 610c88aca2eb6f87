"""Parts of returns: they come to the return, look at nothing later, and are what an independent fit finds."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nodes.kernels.arrays import Array
from nodes.kernels.attribution.parting import Parted, Returns, Terms, of_sectors, parted, timed
from nodes.vocabulary.errors import DataError

TERMS = Terms(beta_sessions=5, min_sector_shares=2, min_style_shares=3)


def made_up(seed: int, sessions: int = 30, width: int = 6) -> Returns:
    chance = np.random.default_rng(seed)
    shares = chance.normal(0.0, 0.02, (sessions, width))
    shares[chance.random(shares.shape) < 0.02] = math.nan
    sectors = np.array([0, 0, 0, 1, 2, -1], dtype=np.int64)
    return Returns(shares, chance.normal(0.0, 0.01, sessions), sectors, {"size": chance.normal(size=shares.shape)})


def parts_of(found: Parted) -> list[Array]:
    return [found.market, found.sector, *found.styles.values(), found.own]


@settings(max_examples=20)
@given(st.integers(0, 10_000))
def test_parts_come_to_the_return_wherever_it_is_parted(seed: int) -> None:
    """JRN-02."""
    returns = made_up(seed)
    found = parted(returns, TERMS)
    total = np.sum(parts_of(found), axis=0)
    assert np.allclose(total[found.is_known], returns.shares[found.is_known], atol=1e-15)
    assert all((np.isfinite(part) == found.is_known).all() for part in (*parts_of(found), found.beta))


@settings(max_examples=20)
@given(st.integers(0, 10_000), st.integers(6, 29))
def test_a_later_future_changes_no_part_of_the_past(seed: int, cut: int) -> None:
    returns, other = made_up(seed), made_up(seed + 1)
    later = Returns(
        np.vstack([returns.shares[:cut], other.shares[cut:]]),
        np.concatenate([returns.market[:cut], other.market[cut:]]),
        returns.sectors,
        {"size": np.vstack([returns.styles["size"][:cut], other.styles["size"][cut:]])},
    )
    pairs = zip(parts_of(parted(returns, TERMS)), parts_of(parted(later, TERMS)), strict=True)
    assert all(np.array_equal(one[:cut], two[:cut], equal_nan=True) for one, two in pairs)


def test_what_a_session_brings_is_explained_by_loadings_of_the_close_before() -> None:
    """A rewritten last return moves no loading of its own session."""
    returns = made_up(3)
    moved = returns.shares.copy()
    moved[-1] = 0.5
    found, after = parted(returns, TERMS), parted(Returns(moved, returns.market, returns.sectors, {}), TERMS)
    known = found.is_known[-1]
    assert known.any()
    assert found.beta[-1][known].tolist() == after.beta[-1][known].tolist()


def test_beta_is_the_slope_of_a_least_squares_line() -> None:
    returns = made_up(11)
    found = parted(returns, TERMS)
    row, place = next(zip(*np.nonzero(found.is_known), strict=True))
    window = slice(row - TERMS.beta_sessions, row)
    line = np.polyfit(returns.market[window], returns.shares[window, place], 1)
    assert found.beta[row, place] == pytest.approx(line[0], abs=1e-12)


def test_what_is_a_shares_own_is_orthogonal_to_the_last_style() -> None:
    """The slope of each session is a least-squares one: what it leaves has no slope on the scores."""
    returns = made_up(5)
    found = parted(returns, TERMS)
    row = 20
    exposed = found.is_known[row]
    exposures = returns.styles["size"][row - 1][exposed]
    assert float(np.dot(exposures - exposures.mean(), found.own[row][exposed])) == pytest.approx(0.0, abs=1e-12)


def test_a_sector_of_one_share_has_no_return_of_its_own() -> None:
    found = parted(made_up(7), TERMS)
    alone = found.sector[:, 3:]
    assert (alone[found.is_known[:, 3:]] == 0.0).all()


def test_a_share_without_returns_is_not_parted() -> None:
    returns = made_up(9)
    returns.shares[:, 0] = math.nan
    assert not parted(returns, TERMS).is_known[:, 0].any()


def test_fewer_sessions_than_a_beta_needs_part_nothing() -> None:
    assert not parted(made_up(1, sessions=4), TERMS).is_known.any()


def test_returns_of_another_shape_than_their_market_are_refused() -> None:
    with pytest.raises(DataError, match="one row a session and one column a share"):
        Returns(np.zeros((3, 2)), np.zeros(2), np.zeros(2, dtype=np.int64), {})


def test_sectors_are_numbered_by_name_and_a_share_without_one_has_none() -> None:
    numbers, names = of_sectors(["A", "B", "C"], {"A": "software", "C": "hardware", "Z": "energy"})
    assert (numbers.tolist(), names) == ([1, -1, 0], ("hardware", "software"))


@settings(max_examples=20)
@given(st.integers(0, 10_000))
def test_static_and_active_parts_come_to_what_was_made(seed: int) -> None:
    """JRN-02."""
    chance = np.random.default_rng(seed)
    exposures, returns = chance.normal(size=(2, 20, 3))
    known = chance.random((20, 3)) < 0.8
    found = timed(exposures, returns, known)
    made = np.where(known, exposures * returns, 0.0).sum(axis=0)
    assert np.allclose(found.static + found.active, made, atol=1e-12)


def test_a_constant_exposure_times_nothing() -> None:
    returns = np.array([[0.1], [-0.2], [0.05]])
    found = timed(np.full((3, 1), 1000.0), returns, np.full((3, 1), fill_value=True))
    assert found.active.tolist() == pytest.approx([0.0], abs=1e-12)


def test_being_in_only_when_it_pays_is_active() -> None:
    """Half the time in, for 1 % each time, in a market that made 0.5 % on average: half of it is static."""
    returns = np.array([[0.01], [0.0]] * 4)
    found = timed(np.array([[100.0], [0.0]] * 4), returns, np.full((8, 1), fill_value=True))
    assert (found.static[0], found.active[0]) == (pytest.approx(2.0), pytest.approx(2.0))
