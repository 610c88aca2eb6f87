"""What would like to read a label, and what does not."""

from __future__ import annotations

from nodes.vocabulary.units import Frac


def hopeful_frac(next_move_frac: Frac) -> Frac:
    """The move to come.

    Unit: fraction. Missing: never.
    """
    return Frac(next_move_frac)


def hopeless_frac(hopeful_frac: Frac) -> Frac:
    """The move to come, at second hand.

    Unit: fraction. Missing: never.
    """
    return Frac(hopeful_frac)


def plain_frac(move_frac: Frac) -> Frac:
    """The move that was.

    Unit: fraction. Missing: never.
    """
    return Frac(move_frac)
