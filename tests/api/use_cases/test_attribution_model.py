"""What explains returns of the bundled data: an index, sectors of the terms, styles at the close before."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from adapters.lake.lake import Lake
from api.use_cases.attribution_model import ReturnModel, return_model
from api.use_cases.attribution_terms import attribution_terms
from policies.attribution_terms import StyleTerms


@pytest.fixture(scope="module")
def model(lake: Lake) -> ReturnModel:
    style = StyleTerms(name="calm", measure="deviation", window_sessions=63, skipped_sessions=0)
    terms = attribution_terms()
    return return_model(lake, terms.model_copy(update={"styles": (*terms.styles, style)}))


def test_parts_come_to_the_returns_of_the_lake(model: ReturnModel) -> None:
    """JRN-02."""
    parts = model.parts
    total = parts.market + parts.sector + sum(parts.styles.values()) + parts.own
    assert np.allclose(total[parts.is_known], model.past.returns[parts.is_known], atol=1e-14)
    assert parts.is_known.mean() > 0.5


def test_shares_are_in_the_sectors_of_the_terms(model: ReturnModel) -> None:
    names = dict(zip(model.past.symbols, model.sectors.tolist(), strict=True))
    assert names["AAPL"] == names["IBM"] != names["MSFT"] == names["GOOG"]
    assert len(model.sector_names) == 2


def test_a_share_is_parted_once_it_has_a_year_of_returns(model: ReturnModel) -> None:
    place = model.past.places["GOOG"]
    first = np.flatnonzero(np.isfinite(model.past.returns[:, place]))[0]
    known = np.flatnonzero(model.parts.is_known[:, place])[0]
    assert known - first == attribution_terms().beta_sessions


def test_two_styles_explain_more_than_nothing_in_2010(model: ReturnModel) -> None:
    rows = model.rows((date(2010, 6, 1), date(2010, 6, 2)))
    assert all(np.any(part[rows] != 0.0) for part in model.parts.styles.values())


def test_a_day_without_a_session_has_no_row(model: ReturnModel) -> None:
    assert model.rows((date(2010, 6, 5),)).tolist() == [-1]
