"""A label, which is known only later."""

from __future__ import annotations

from nodes.vocabulary.units import Frac, Shares


def next_return_frac(adv_shares: Shares) -> Frac:
    """Return of the next session."""
    return Frac(float(adv_shares))
