"""Error budgets: how fast one is used up, and what of it is left.

An objective says which share of events must be good; the rest is its budget. A burn rate of 1 uses up exactly the
budget of a period in the period, a rate of 14.4 uses up 2 % of thirty days in an hour.

Source: Beyer, Murphy, Rensin, Kawahara, Thorne (2018), The Site Reliability Workbook, chapter 5, "Alerting on SLOs".
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction


def burn_ratio(bad_count: float, total_count: float, good_frac: float) -> float | None:
    """How many times faster than allowed a budget is used up.

    Formula: (bad / total) / (1 - good_frac), exactly, so that a rate that reaches a limit is not told as under it
    Unit: ratio. Missing: None without events: nothing is known of how they would have gone.
    Source: The Site Reliability Workbook, chapter 5, section "Burn rate alerts".
    """
    burnt = _burnt(bad_count, total_count, good_frac)
    return None if burnt is None else float(burnt)


def budget_left_frac(bad_count: float, total_count: float, good_frac: float) -> float | None:
    """The share of a period's budget that is left; below zero when more than all of it is used up.

    Formula: 1 - bad / ((1 - good_frac) * total)
    Unit: fraction of the budget. Missing: None without events.
    Source: The Site Reliability Workbook, chapter 2, section "Error budgets".
    """
    burnt = _burnt(bad_count, total_count, good_frac)
    return None if burnt is None else float(1 - burnt)


def increase(before: float, now: float) -> float:
    """By how much a counter grew between two readings; one that fell was begun anew and counted from zero.

    Formula: now - before, or now when that is negative
    Unit: that of the counter. Missing: never.
    Source: Prometheus documentation, function `increase`, "breaks in monotonicity".
    """
    return now if now < before else now - before


def _burnt(bad_count: float, total_count: float, good_frac: float) -> Fraction | None:
    """The burn rate of the numbers as people write them: 1 - 0.999 is a thousandth."""
    if total_count <= 0:
        return None
    bad, total, good = (Fraction(Decimal(repr(number))) for number in (bad_count, total_count, good_frac))
    return bad / total / (1 - good)
