from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from adapters.lake.factor_laws import FACTOR_LAWS, FactorLaw

WANTED = {
    "rates": "y_10year",
    "credit": "baa_10year",
    "usd": "usd_broad",
    "oil": "wti",
    "gold": "gold",
    "volatility": "vix",
}


@pytest.mark.parametrize("factor", WANTED.values())
def test_every_kind_of_cross_asset_factor_is_there(factor: str) -> None:
    """SVC-MKT-02: rates, credit, USD, oil, gold, volatility; breadth is computed in views.universe."""
    assert factor in FACTOR_LAWS


@pytest.mark.parametrize("law", FACTOR_LAWS.values(), ids=FACTOR_LAWS)
def test_a_factor_has_a_source_a_reason_and_is_never_known_before_it_was_true(law: FactorLaw) -> None:
    """SVC-MKT-02."""
    days = pl.Series("day", [date(2014, 6, 6), date(2014, 6, 30), date(2014, 11, 3)])

    assert law.source
    assert law.reason
    assert (law.known.instants(days) >= law.event.instants(days)).all()
