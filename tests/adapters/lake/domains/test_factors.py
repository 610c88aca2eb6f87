from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from adapters.lake.domains.factors import FACTORS, MACRO
from tests.adapters.lake.domains.keeping import set_aside


@pytest.mark.parametrize(("value", "said"), [(-36.98, ""), (0.0, ""), (None, "no value")])
def test_a_factor_may_be_negative_and_never_missing(tmp_path: Path, value: float | None, said: str) -> None:
    """DESIGN section 10: negative oil."""
    row: dict[str, Any] = {"factor": "wti", "period_on": date(2020, 4, 20), "value": value}

    assert said in (reason := set_aside(tmp_path, FACTORS, row))
    assert bool(said) == bool(reason)


def test_a_period_without_a_value_is_no_fact(tmp_path: Path) -> None:
    assert "no value" in set_aside(tmp_path, MACRO, {"series": "GDP", "period_on": date(2023, 10, 1)})
