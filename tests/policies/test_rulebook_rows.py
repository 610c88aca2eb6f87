"""Rows of a rulebook: numbers become whole counts of the kernels' units, or are refused."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from pydantic import ValidationError

from policies.rulebook_rows import AccessFeesRow, ShortSaleRow, TicksRow

HEAD = {"id": "row", "effective_from": "2020-01-02", "source": "somewhere", "basis": "read"}
TICKS: dict[str, Any] = {
    **HEAD,
    "cent_usd": 0.01,
    "fine_usd": 0.0001,
    "threshold_usd": 1,
    "half_cent_usd": 0.005,
    "max_narrow_spread_usd": 0.015,
    "pilot_usd": None,
}


def test_numbers_are_exact() -> None:
    terms = TicksRow.model_validate(TICKS).terms
    assert (terms.cent_e4, terms.fine_e4, terms.threshold_e4) == (100, 1, 10_000)
    assert (terms.half_cent_e4, terms.max_narrow_spread_e4) == (50, 150)
    fees = AccessFeesRow.model_validate({**HEAD, "cap_usd": 0.003, "threshold_usd": 1.0, "low_cap_frac": 0.001})
    assert (fees.terms.cap_e6, fees.terms.low_cap_ppm) == (3000, 1000)


@pytest.mark.parametrize("written", [0.00005, -1, True, "0.01", None])
def test_a_number_that_is_no_whole_part_is_refused(written: Any) -> None:
    with pytest.raises(ValidationError, match="cent_usd"):
        TicksRow.model_validate({**TICKS, "cent_usd": written})


@pytest.mark.parametrize(
    ("day", "wanted"), [(date(2020, 1, 1), False), (date(2020, 1, 2), True), (date(2020, 1, 3), True)]
)
def test_a_row_without_an_end_stays_in_force(day: date, *, wanted: bool) -> None:
    assert TicksRow.model_validate(TICKS).is_effective(day) is wanted


def test_words_are_those_of_a_closed_list() -> None:
    with pytest.raises(ValidationError, match="price_test"):
        ShortSaleRow.model_validate({**HEAD, "price_test": "uptick", "trigger_frac": None})
