"""Chains as of: newest quote, newest known version, nothing stale, expired, retracted or of the future."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import numpy as np
import polars as pl

from nodes.kernels.options.chains import Chains, chains_as_of, expiry_instants
from tests.nodes.kernels.options.facts import AT, DAY_S, instants, option_facts, stamped

HOUR = timedelta(hours=1)


def chain(facts: pl.DataFrame, at: datetime | None = AT, max_age_s: int = DAY_S, symbol: str = "AAA") -> Chains:
    return chains_as_of(facts, pl.Series([symbol]), instants(at), max_age_s)


def one(bid: float | None, quoted_at: datetime, known_at: datetime, sequence: int = 0) -> pl.DataFrame:
    """A single contract's quote."""
    frame = option_facts().filter(strike_usd=100.0, right="C").head(1)
    return stamped(frame.with_columns(bid_usd=pl.lit(bid, pl.Float64)), quoted_at, known_at, sequence)


def bids(*facts: pl.DataFrame, at: datetime = AT, max_age_s: int = DAY_S) -> list[float | None]:
    found = chain(pl.concat(facts, how="diagonal"), at, max_age_s).quotes.bid_usd.tolist()
    return [None if np.isnan(bid) else bid for bid in found]


def test_every_contract_has_its_newest_quote() -> None:
    early, late = one(1.0, AT - 2 * HOUR, AT - 2 * HOUR), one(2.0, AT - HOUR, AT - HOUR)
    assert bids(late, early) == [2.0]


def test_a_quote_of_the_future_or_known_later_is_not_seen() -> None:
    """DESIGN section 4: readers never see later knowledge."""
    early = one(1.0, AT - 2 * HOUR, AT - 2 * HOUR)
    assert bids(early, one(2.0, AT + HOUR, AT + HOUR)) == [1.0]
    assert bids(early, one(2.0, AT - HOUR, AT + HOUR)) == [1.0]
    assert bids(early, one(2.0, AT - HOUR, AT + HOUR), at=AT + HOUR) == [2.0]


def test_a_late_correction_of_an_old_quote_does_not_replace_a_newer_one() -> None:
    old, new = one(1.0, AT - 2 * HOUR, AT - 2 * HOUR), one(2.0, AT - HOUR, AT - HOUR, 1)
    corrected = one(1.5, AT - 2 * HOUR, AT, 2)
    assert bids(old, new, corrected) == [2.0]
    assert bids(old, corrected) == [1.5]


def test_ties_are_broken_by_sequence() -> None:
    first, second = one(1.0, AT, AT, 7), one(2.0, AT, AT, 8)
    assert bids(second, first) == bids(first, second) == [2.0]


def test_a_retracted_quote_was_never_made() -> None:
    old, new = one(1.0, AT - 2 * HOUR, AT - 2 * HOUR), one(2.0, AT - HOUR, AT - HOUR, 1)
    retracted = one(2.0, AT - HOUR, AT - timedelta(minutes=30), 2).with_columns(is_retracted=pl.lit(value=True))
    kept = [part.with_columns(is_retracted=pl.lit(value=False)) for part in (old, new)]
    assert bids(*kept, retracted) == [1.0]
    assert bids(*kept, retracted, at=AT - timedelta(minutes=45)) == [2.0]


def test_a_missing_side_stays_missing_and_replaces_the_earlier_bid() -> None:
    """A withdrawn bid must not live on in the chain."""
    assert bids(one(1.0, AT - 2 * HOUR, AT - 2 * HOUR), one(None, AT - HOUR, AT - HOUR, 1)) == [None]


def test_stale_quotes_are_left_out() -> None:
    assert bids(one(1.0, AT - 2 * HOUR, AT - 2 * HOUR), max_age_s=7200) == [1.0]
    assert bids(one(1.0, AT - 2 * HOUR, AT - 2 * HOUR), max_age_s=7199) == []


def test_expired_contracts_are_left_out() -> None:
    facts = option_facts()
    assert len(chain(facts).row) == facts.height
    last_at = datetime(2014, 7, 6, 20, tzinfo=UTC)
    left = chain(facts, last_at, 60 * DAY_S)
    assert (left.years > 0.0).all()
    assert len(left.row) == facts.filter(pl.col("expiry_on") > date(2014, 7, 6)).height


def test_monthly_options_dated_a_saturday_end_on_their_friday() -> None:
    """DESIGN section 10's chains: expiry 2014-06-21 was last traded on 2014-06-20."""
    found = expiry_instants(pl.Series([date(2014, 6, 21), date(2014, 6, 13), date(2014, 12, 19), None])).to_list()
    assert [None if at is None else at.isoformat() for at in found] == [
        "2014-06-20T20:00:00+00:00",
        "2014-06-13T20:00:00+00:00",
        "2014-12-19T21:00:00+00:00",
        None,
    ]


def test_each_instant_has_its_own_chain_and_each_symbol_its_own() -> None:
    facts = pl.concat([option_facts("AAA"), option_facts("BBB")])
    symbols = pl.Series(["BBB", "CCC", "AAA", "AAA"])
    found = chains_as_of(facts, symbols, instants(AT, AT, AT - HOUR, AT), DAY_S)
    assert np.unique(found.row).tolist() == [0, 3]
    assert (np.bincount(found.row)[[0, 3]] == facts.height // 2).all()


def test_the_order_of_facts_does_not_matter() -> None:
    facts = pl.concat([option_facts(), stamped(option_facts(volatility=0.3), AT - HOUR, AT - HOUR, 100)])
    one_way, other = chain(facts), chain(facts.sample(fraction=1.0, shuffle=True, seed=4))
    np.testing.assert_array_equal(one_way.quotes.ask_usd, other.quotes.ask_usd)


def test_no_facts_and_no_instant_give_no_chain() -> None:
    assert len(chain(option_facts().clear()).row) == 0
    assert len(chain(option_facts(), None).row) == 0
