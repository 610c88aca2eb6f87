"""Price bands: buckets, doubling by era, leverage, rounding, and what must hold for any reference."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.kernels.market_rules.price_bands import (
    BandedShare,
    BandTerms,
    Reference,
    checked_share,
    has_moved,
    is_doubled,
    price_bands,
)
from nodes.kernels.market_rules.sessions import SessionTimes
from nodes.vocabulary.errors import DataError
from policies.rulebook import shipped_rulebook

S = 10**9
SESSION = SessionTimes(date(2020, 3, 9), 0, 23_400 * S)
HALF = SessionTimes(date(2020, 11, 27), 0, 12_600 * S)


def terms(day: date) -> BandTerms:
    luld = shipped_rulebook().on(day).luld
    assert luld is not None
    return luld.bands


NEW, OLD = terms(date(2020, 3, 9)), terms(date(2020, 2, 23))


@pytest.mark.parametrize(
    ("close_usd", "reference_usd", "share", "doubled", "wanted"),
    [
        (0.74, 0.50, (1, 100), False, (0.35, 0.65)),  # 0.15 is less than 75 %
        (0.74, 0.10, (2, 100), False, (0.03, 0.18)),  # 75 % is less; 0.025 and 0.175 round up
        (0.74, 0.50, (1, 100), True, (0.20, 0.80)),
        (0.74, 0.10, (1, 100), True, (0.0, 0.25)),
        (0.74, 0.50, (2, 300), False, (0.05, 0.95)),
        (0.75, 0.75, (1, 100), False, (0.60, 0.90)),
        (3.00, 5.00, (2, 100), False, (4.00, 6.00)),  # by the last close, not by the reference
        (3.01, 2.00, (2, 100), False, (1.80, 2.20)),
        (3.01, 3.01, (1, 100), False, (2.86, 3.16)),
        (20.0, 20.0, (2, 125), False, (17.50, 22.50)),
        (50.0, 10.1, (1, 100), False, (9.60, 10.61)),  # 9.595 and 10.605: halves up
    ],
)
def test_bands_follow_bucket_tier_and_leverage(
    close_usd: float, reference_usd: float, share: tuple[int, int], *, doubled: bool, wanted: tuple[float, float]
) -> None:
    tier, leverage = share
    banded = BandedShare(tier, round(close_usd * 1e4), leverage)
    found = price_bands(Reference(round(reference_usd * 1e4), 1), banded, NEW, doubled=doubled)
    assert found == tuple(round(each * 1e4) for each in wanted)


@pytest.mark.parametrize(
    ("at_s", "old", "tier_1", "tier_2", "cheap"),
    [
        (0, True, False, False, False),
        (899, True, False, False, False),
        (900, False, False, False, False),
        (21_899, False, False, False, False),
        (21_900, True, True, False, True),
        (23_399, True, True, False, True),
    ],
)
def test_doubling_depends_on_time_era_and_tier(
    at_s: int, *, old: bool, tier_1: bool, tier_2: bool, cheap: bool
) -> None:
    """A half day has its last 25 minutes as well."""
    shares = [BandedShare(1, 500_000, 100), BandedShare(2, 500_000, 100), BandedShare(2, 30_000, 100)]
    assert [is_doubled(at_s * S, share, SESSION, OLD) for share in shares] == [old] * 3
    assert [is_doubled(at_s * S, share, SESSION, NEW) for share in shares] == [tier_1, tier_2, cheap]
    if at_s >= 21_899:
        early_ns = (at_s - 23_400 + 12_600) * S
        assert [is_doubled(early_ns, share, HALF, NEW) for share in shares] == [tier_1, tier_2, cheap]


def test_a_move_counts_from_exactly_one_per_cent_on() -> None:
    assert has_moved(Reference(1_010_000, 1), Reference(1_000_000, 1), 100)
    assert has_moved(Reference(1_980_000, 2), Reference(1_000_000, 1), 100)
    assert not has_moved(Reference(1_009_999, 1), Reference(1_000_000, 1), 100)
    assert not has_moved(Reference(1_980_001, 2), Reference(1_000_000, 1), 100)


@given(st.integers(1, 10**9), st.integers(1, 50), st.sampled_from([100, 200, 300]), st.booleans())
def test_bands_hold_the_reference_on_cents_and_grow_with_it(total: int, n: int, leverage: int, doubled: bool) -> None:  # noqa: FBT001  # drawn
    share = BandedShare(1, 500_000, leverage)
    found = price_bands(Reference(total, n), share, NEW, doubled=doubled)
    same = price_bands(Reference(total * 7, n * 7), share, NEW, doubled=doubled)
    more = price_bands(Reference(total + n * 100, n), share, NEW, doubled=doubled)
    assert found == same
    assert found.lower_e4 - 50 <= total / n <= found.upper_e4 + 50
    assert all(band % 100 == 0 and band >= 0 for band in found)
    assert more.lower_e4 >= found.lower_e4
    assert more.upper_e4 > found.upper_e4


@pytest.mark.parametrize("share", [BandedShare(3, 1, 100), BandedShare(1, 0, 100), BandedShare(1, 1, 99)])
def test_a_share_that_cannot_be_is_refused(share: BandedShare) -> None:
    with pytest.raises(DataError, match="expected"):
        checked_share(share)
