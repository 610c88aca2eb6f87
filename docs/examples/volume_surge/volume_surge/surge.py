"""How busy the last session was: one feature, installed beside Assay."""

from __future__ import annotations

from nodes.kernels.ratios import ratio_column
from nodes.vocabulary.units import FracColumn, SharesColumn


def volume_surge_frac(volume_shares: SharesColumn, adv_shares: SharesColumn) -> FracColumn:
    """Volume of each session as a fraction of the average day's.

    Formula: volume_shares / adv_shares
    Unit: fraction of an average day. Missing: null where either is, or where the average is zero.
    Source: Gervais, Kaniel, Mingelgrin (2001), The High-Volume Return Premium, J. Finance 56(3).
    """
    return FracColumn(ratio_column(volume_shares, adv_shares))
