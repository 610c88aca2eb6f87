"""Labels small enough to know by heart."""

from __future__ import annotations

from nodes.vocabulary.units import Frac


def next_move_frac(move_frac: Frac) -> Frac:
    """The move after this one.

    Unit: fraction. Missing: never.
    """
    return Frac(move_frac)


def next_sign_frac(next_move_frac: Frac) -> Frac:
    """The sign of the move after this one.

    Formula: sign(next_move_frac)
    Unit: sign. Missing: never.
    Source: tests.
    """
    return Frac(1.0 if next_move_frac > 0.0 else -1.0)
