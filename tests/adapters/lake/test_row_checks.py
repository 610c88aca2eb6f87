from __future__ import annotations

import polars as pl
import pytest

from adapters.lake.row_checks import bar_fault, quote_fault, trade_fault

BAR = {"open_usd": 10.0, "high_usd": 11.0, "low_usd": 9.0, "close_usd": 10.5, "volume_shares": 100}
QUOTE = {f"{side}_{part}_usd": 10.0 for side in ("bid", "ask") for part in ("high", "low", "close")}


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, None),
        ({"volume_shares": 0}, None),
        ({"close_usd": None}, "missing or not finite: open 10.0, high 11.0, low 9.0, close none"),
        ({"low_usd": -37.0}, "zero or negative"),
        ({"high_usd": 8.0}, "high is under the low"),
        ({"close_usd": 12.0}, "outside low to high"),
        ({"volume_shares": -1}, "volume -1; correct the row"),
    ],
)
def test_a_bar_that_cannot_be_true_says_why_with_its_values(values: dict[str, float | None], said: str | None) -> None:
    fault = pl.DataFrame([{**BAR, **values}], schema_overrides={"close_usd": pl.Float64}).select(bar_fault()).item()

    assert fault is None if said is None else said in fault


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({}, None),
        ({"bid_close_usd": None}, None),
        ({"bid_close_usd": 10.5}, None),
        ({"bid_close_usd": None, "ask_close_usd": None}, "neither side"),
        ({"ask_close_usd": -0.01}, "below zero"),
        ({"ask_high_usd": 9.0}, "high is under its low"),
    ],
)
def test_a_quote_may_lack_a_side_be_locked_or_crossed_but_not_impossible(
    values: dict[str, float | None], said: str | None
) -> None:
    schema = dict.fromkeys(QUOTE, pl.Float64)
    fault = pl.DataFrame([{**QUOTE, **values}], schema=schema).select(quote_fault()).item()

    assert fault is None if said is None else said in fault


@pytest.mark.parametrize(("price", "size", "said"), [(1.0, 1, None), (0.0, 1, "price 0.0"), (1.0, 0, "size 0")])
def test_a_trade_has_a_price_and_a_size(price: float, size: int, said: str | None) -> None:
    fault = pl.DataFrame({"price_usd": [price], "size_shares": [size]}).select(trade_fault()).item()

    assert fault is None if said is None else said in fault
