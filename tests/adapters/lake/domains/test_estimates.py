"""What can be no estimate and no result."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from adapters.lake.domains.estimates import EARNINGS_ACTUALS, ESTIMATES
from adapters.lake.facts.domain import Domain
from tests.adapters.lake.domains.keeping import set_aside

ROW: dict[str, Any] = {
    "symbol": "A",
    "fiscal_year": 2014,
    "fiscal_quarter": 1,
    "measure": "eps_usd",
    "basis": "rescaled",
}


@pytest.mark.parametrize("domain", [ESTIMATES, EARNINGS_ACTUALS], ids=lambda domain: domain.name)
@pytest.mark.parametrize(
    ("change", "said"),
    [({}, ""), ({"fiscal_quarter": 5}, "none of 1 to 4"), ({"basis": "adjusted"}, "basis is none")],
)
def test_a_number_is_of_a_quarter_and_of_a_basis(
    tmp_path: Path, domain: Domain, change: dict[str, Any], said: str
) -> None:
    reason = set_aside(tmp_path, domain, ROW | change)
    assert said in reason
    assert bool(said) == bool(reason)
