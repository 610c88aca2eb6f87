"""A node with a name that belongs to a parameter."""

from __future__ import annotations

from nodes.vocabulary.units import Shares


def lot_shares(adv_shares: Shares) -> Shares:
    """A lot that moves with the volume."""
    return Shares(adv_shares // 1000)
