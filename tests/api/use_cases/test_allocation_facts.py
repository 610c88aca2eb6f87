"""Facts of the market for portfolios: those that session runs see, and nothing of the future."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import polars as pl
import pytest

from adapters.lake.lake import Lake
from api.use_cases.allocation_facts import market_facts
from nodes.vocabulary.errors import DataError

AT = datetime(2012, 6, 29, 20, tzinfo=UTC)


def test_facts_are_those_of_the_last_session_closed(lake: Lake) -> None:
    found = market_facts(lake, AT, 60)
    apple = found.shares["AAPL"]
    bar = lake.bars_on(found.session_on)["AAPL"]
    assert (found.session_on.isoformat(), apple.price_usd) == ("2012-06-29", bar["close_usd"])
    assert len(apple.returns) == 60
    assert 0.5 < apple.beta_frac < 2.0
    assert 5e6 < apple.adv_shares < 5e7
    assert 0.0 <= apple.half_spread_bps < 200.0


def test_the_future_does_not_change_them(lake: Lake) -> None:
    later = pl.col("session_on") > AT.date()
    changed = lake.panel.with_columns(close_usd=pl.when(later).then(pl.col("close_usd") * 3).otherwise("close_usd"))
    before, after = market_facts(lake, AT, 60), market_facts(replace(lake, panel=changed), AT, 60)
    for name, share in before.shares.items():
        assert np.array_equal(share.returns, after.shares[name].returns, equal_nan=True)
        assert share.price_usd == after.shares[name].price_usd


def test_a_share_whose_last_bar_is_old_has_no_price(lake: Lake) -> None:
    stopped = lake.panel.filter((pl.col("symbol") != "IBM") | (pl.col("session_on") < AT.date()))
    assert np.isnan(market_facts(replace(lake, panel=stopped), AT, 60).shares["IBM"].price_usd)


def test_before_the_first_session_nothing_was_known(lake: Lake) -> None:
    with pytest.raises(DataError, match="no XNYS session had closed at 1990-01-01"):
        market_facts(lake, datetime(1990, 1, 1, tzinfo=UTC), 60)
