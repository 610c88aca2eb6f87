"""Volatilities that a vendor states, beside those that the quotes of the same contracts imply."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from nodes.kernels.arrays import Array

Findings: TypeAlias = npt.NDArray[np.int8]


class Finding(IntEnum):
    """What is to be said of a vendor's volatility."""

    AGREES = 0
    WRONG = 1
    NOT_STATED = 2
    UNCHECKED = 3


@dataclass(frozen=True)
class VendorSummary:
    """How a vendor's volatilities stand to our own.

    Attributes:
        n_checked: quotes with both.
        n_wrong: of them, those that lie outside the tolerance.
        n_not_stated: quotes that have a volatility of ours and none of his; zero is none.
        median_ratio: his over ours; NaN when nothing was checked.
        is_usable: whether fewer than the tolerated share is wrong, and anything was checked.
    """

    n_checked: int
    n_wrong: int
    n_not_stated: int
    median_ratio: float
    is_usable: bool


def vendor_findings(vendor_frac: Array, own_frac: Array, tolerance_frac: float) -> Findings:
    """Finding for each quote.

    Args:
        vendor_frac: the vendor's volatility; zero, negative or NaN where he states none.
        own_frac: ours; NaN where the price has none.
        tolerance_frac: largest |ln(vendor / own)| that agrees; symmetric, so that half and double are equally wrong.
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        stated = np.isfinite(vendor_frac) & (vendor_frac > 0.0)
        apart = np.abs(np.log(np.where(stated, vendor_frac, np.nan) / own_frac)) > tolerance_frac
    found = np.where(apart, Finding.WRONG, Finding.AGREES)
    found = np.where(stated, found, Finding.NOT_STATED)
    return np.where(np.isfinite(own_frac), found, Finding.UNCHECKED).astype(np.int8)


def vendor_summary(vendor_frac: Array, own_frac: Array, findings: Findings, max_wrong_frac: float) -> VendorSummary:
    """How many agree, and whether the vendor's column may be used at all."""
    checked = (findings == Finding.AGREES) | (findings == Finding.WRONG)
    n_checked, n_wrong = int(checked.sum()), int((findings == Finding.WRONG).sum())
    ratios = np.sort(vendor_frac[checked] / own_frac[checked])
    middle = (len(ratios) - 1) // 2, len(ratios) // 2
    return VendorSummary(
        n_checked,
        n_wrong,
        int((findings == Finding.NOT_STATED).sum()),
        float(0.5 * (ratios[middle[0]] + ratios[middle[1]])) if n_checked else float("nan"),
        n_checked > 0 and n_wrong <= max_wrong_frac * n_checked,
    )
