"""Order nodes of forms that the catalog must refuse, each for one reason that its name says."""

from __future__ import annotations

from collections.abc import Iterator

from nodes.vocabulary.units import Frac, Shares


def two_classes_frac(adv_shares: Shares) -> int | str:
    """Has no one unit."""
    return int(adv_shares)


def nothing_frac(adv_shares: Shares) -> None:
    """Has no value."""
    del adv_shares


async def later_frac(adv_shares: Shares) -> Frac:
    """Has its value later."""
    return Frac(float(adv_shares))


def many_frac(adv_shares: Shares) -> Iterator[float]:
    """Has many values."""
    yield float(adv_shares)


def starred_frac(*adv_shares: Shares) -> Frac:
    """Names no node."""
    return Frac(float(adv_shares[0]))
