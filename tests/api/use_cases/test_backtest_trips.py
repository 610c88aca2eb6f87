"""Round trips across a split, with how far they went for and against us."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from api.use_cases.backtest_trips import Traded, trip_rows
from tests.api.backtest_samples import sample_bars

NOTHING = Decimal(0)


def fill(on: date, shares: int, price: str) -> Traded:
    return Traded("AAPL", on, shares, Decimal(price), Decimal(1), bytes([on.day]) * 32)


def test_a_trip_across_a_split_counts_in_new_shares() -> None:
    """AAPL split two for one on 2005-02-28."""
    split = Traded("AAPL", date(2005, 2, 28), 0, NOTHING, NOTHING, b"", 2, 1)
    rows = trip_rows(
        [fill(date(2005, 2, 24), 100, "88.00"), split, fill(date(2005, 3, 2), -200, "44.50")], sample_bars()
    )
    (row,) = rows.to_dicts()
    assert (row["shares"], row["entry_usd"], row["exit_usd"]) == (200, 44.0, 44.5)
    assert (row["pnl_usd"], row["fees_usd"]) == (100.0, 2.0)
    assert row["opening_decision"] == (bytes([24]) * 32).hex()
    assert row["adverse_usd"] <= 0.0 <= row["pnl_usd"] <= row["favourable_usd"]
    assert row["favourable_usd"] < 200 * 5


@pytest.mark.parametrize(("first", "second"), [(20, 10), (15, 17), (29, 1)])
def test_one_share_for_three_leaves_what_the_account_has_of_two_fills(first: int, second: int) -> None:
    """A third is no decimal fraction, and only the position is rounded: 30 shares are 10 and 32 are 10, never 9."""
    split = Traded("AAPL", date(2005, 2, 28), 0, NOTHING, NOTHING, b"", 1, 3)
    bought = [fill(date(2005, 2, 23), first, "30"), fill(date(2005, 2, 24), second, "30")]
    rows = trip_rows([*bought, split, fill(date(2005, 3, 2), -10, "93")], sample_bars())
    assert rows["shares"].sum() == 10
    assert (rows["entry_usd"].unique().to_list(), rows["pnl_usd"].sum()) == ([90.0], 30.0)


def test_nothing_traded_is_no_trip() -> None:
    assert trip_rows([], sample_bars()).height == 0
    assert trip_rows([fill(date(2005, 2, 24), 100, "88.00")], sample_bars()).columns[0] == "symbol"


def test_trips_come_by_their_close() -> None:
    days = [date(2005, 2, 10), date(2005, 2, 11), date(2005, 2, 14), date(2005, 2, 15)]
    traded = [fill(days[0], 10, "80"), fill(days[1], 10, "81"), fill(days[2], -10, "82"), fill(days[3], -10, "83")]
    closed = trip_rows(traded, sample_bars())["closed_on"].to_list()
    assert closed == sorted(closed) == days[2:]
    assert trip_rows(traded, sample_bars())["pnl_usd"].sum() == pytest.approx(40.0)
