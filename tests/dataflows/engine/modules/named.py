"""A node whose argument is given by name only."""

from __future__ import annotations

from nodes.vocabulary.units import Frac, Shares


def named_frac(*, adv_shares: Shares) -> Frac:
    """Sound."""
    return Frac(float(adv_shares))
