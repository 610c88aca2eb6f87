"""The account against its universe in equal parts: effects come to the difference of the returns."""

from __future__ import annotations

import pytest

from api.use_cases.attribution_brinson import CASH, brinson_view
from api.use_cases.attribution_terms import attribution_terms
from tests.api.use_cases.attributions import Attributed


@pytest.mark.parametrize("linking", ["carino", "menchero", "grap"])
@pytest.mark.parametrize("allocation", ["bhb", "brinson-fachler"])
def test_effects_come_to_what_was_made_over_the_benchmark(
    attributed: Attributed, linking: str, allocation: str
) -> None:
    """JRN-02."""
    terms = attribution_terms().model_copy(update={"linking": linking, "allocation": allocation})
    found = brinson_view(attributed.found.window, terms)
    effects = [each.allocation_frac for each in found.segments] + [each.selection_frac for each in found.segments]
    assert found.return_frac is not None
    assert found.benchmark_return_frac is not None
    assert sum(each or 0.0 for each in effects) == pytest.approx(
        found.return_frac - found.benchmark_return_frac, abs=1e-12
    )


def test_paper_return_is_that_of_the_account_before_costs(attributed: Attributed) -> None:
    found, report = attributed.report.brinson, attributed.report
    before_costs = float((report.total_usd - report.groups["costs"]) / report.opening_usd)
    assert found.return_frac == pytest.approx(before_costs, abs=5e-4)


def test_weights_come_to_one_cash_included(attributed: Attributed) -> None:
    segments = attributed.report.brinson.segments
    assert CASH in {each.segment for each in segments}
    assert sum(each.mean_weight_frac or 0.0 for each in segments) == pytest.approx(1.0)
    assert sum(each.mean_benchmark_frac or 0.0 for each in segments) == pytest.approx(1.0)
