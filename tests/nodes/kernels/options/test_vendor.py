"""A vendor's volatilities beside our own: agreeing, wrong, not stated, not checkable."""

from __future__ import annotations

import math

import numpy as np
import pytest

from nodes.kernels.options.vendor import Finding, vendor_findings, vendor_summary

OWN = np.array([0.2, 0.2, 0.2, 0.2, np.nan, 0.2])
THEIRS = np.array([0.21, 0.8, 0.05, 0.0, 0.3, np.nan])


def test_each_volatility_is_found_right_wrong_missing_or_unchecked() -> None:
    found = vendor_findings(THEIRS, OWN, 0.2)
    assert found.tolist() == [
        Finding.AGREES,
        Finding.WRONG,
        Finding.WRONG,
        Finding.NOT_STATED,
        Finding.UNCHECKED,
        Finding.NOT_STATED,
    ]


def test_the_summary_says_whether_the_column_may_be_used() -> None:
    summary = vendor_summary(THEIRS, OWN, vendor_findings(THEIRS, OWN, 0.2), 0.05)
    assert (summary.n_checked, summary.n_wrong, summary.n_not_stated) == (3, 2, 2)
    assert summary.median_ratio == pytest.approx(1.05)
    assert not summary.is_usable
    sound = vendor_summary(OWN, OWN, vendor_findings(OWN, OWN, 0.2), 0.05)
    assert sound.is_usable


def test_nothing_checked_is_not_usable() -> None:
    nothing = np.full(3, np.nan)
    summary = vendor_summary(nothing, nothing, vendor_findings(nothing, nothing, 0.2), 0.05)
    assert math.isnan(summary.median_ratio)
    assert not summary.is_usable
