"""Chains, volatilities and flags, on real quotes and on made-up ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.lake.facts.store import FactStore
from api.use_cases.data_reading import Standpoint
from api.use_cases.data_reading_options import implied_volatilities, option_chain, option_flags, volatility_surface
from tests.adapters.lake.views.holding import at, clock


def _seen(folder: Path, when: str) -> Standpoint:
    return Standpoint(FactStore(folder, clock), at(when))


@pytest.mark.shared_data
def test_a_real_chain_is_there_with_volatilities_and_few_flags(real_lake: Path) -> None:
    """SVC-MKT-03, SVC-MKT-04."""
    seen = _seen(real_lake, "2014-06-06 20:00")
    priced = implied_volatilities(seen, "AAPL", 0.001, 645.57)
    flagged = option_flags(seen, "AAPL", 0.001, 645.57)
    assert option_chain(seen, "AAPL").height == priced.height > 2000
    assert flagged.height < priced.height / 100
    assert priced["implied_volatility_frac"].drop_nulls().len() > priced.height / 2


def test_made_up_quotes_give_back_the_volatility_that_they_were_made_with(sample_lake: Path) -> None:
    """SVC-MKT-04."""
    priced = implied_volatilities(_seen(sample_lake, "2020-06-05 20:00"), "ACME", 0.0, 100.0)
    near = priced.filter(priced["strike_usd"] == 100.0)["implied_volatility_frac"].to_list()
    assert near == pytest.approx([0.25] * 4, abs=0.004)


def test_a_surface_has_a_slice_for_each_expiry(sample_lake: Path) -> None:
    """SVC-MKT-04."""
    found = volatility_surface(_seen(sample_lake, "2020-06-05 20:00"), "ACME")
    assert found.height == 2
    assert found["n_points"].to_list() == [12, 13]
    assert found["rmse_frac"].max() < 0.01  # type: ignore[operator]  # a greatest misfit is a number


def test_no_chain_is_no_row(sample_lake: Path) -> None:
    seen = _seen(sample_lake, "2021-06-05 20:00")
    assert [f(seen, "ACME").height for f in (option_chain, implied_volatilities, option_flags, volatility_surface)] == [
        0
    ] * 4
