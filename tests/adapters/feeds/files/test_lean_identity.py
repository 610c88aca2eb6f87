from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl
import pytest

from adapters.feeds.files.lean_identity import factor_file, map_file, whole_ratio
from tests.adapters.feeds.files.lean_writing import factor_file as write_factors
from tests.adapters.feeds.files.lean_writing import map_file as write_map

GOOGL = (("20040819", "GOOG", "Q"), ("20140402", "GOOG", "Q"), ("20501231", "GOOGL", "Q"))
AAPL = (
    ("20140507", 0.9011818, 0.0357143, 592.34),
    ("20140606", 0.9011818, 0.0357143, 645.57),
    ("20140806", 0.9011818, 0.25, 94.96),
    ("20501231", 0.9056482, 0.25, 0.0),
)


def test_a_map_file_is_the_leases_of_one_security_under_its_first_ticker_and_day(tmp_path: Path) -> None:
    found = map_file(write_map(tmp_path, "GOOGL", GOOGL))

    assert found.leases.select("security_id", "symbol", "valid_from_on", "valid_to_on").rows() == [
        ("GOOG:2004-08-19", "GOOG", date(2004, 8, 19), date(2014, 4, 2)),
        ("GOOG:2004-08-19", "GOOGL", date(2014, 4, 3), None),
    ]


def test_that_a_lease_ended_is_known_only_when_the_next_session_opens(tmp_path: Path) -> None:
    facts = map_file(write_map(tmp_path, "GOOGL", GOOGL)).identity.facts.filter(pl.col("symbol") == "GOOG")

    known = facts.sort("known_at").select("valid_to_on", pl.col("known_at").dt.strftime("%F %T")).rows()
    assert known == [(None, "2004-08-19 13:30:00"), (date(2014, 4, 2), "2014-04-03 13:30:00")]
    assert facts["event_at"].n_unique() == 1


def test_a_change_of_ticker_and_the_end_of_a_share_are_corporate_actions(tmp_path: Path) -> None:
    """SVC-EVT-01."""
    ended = (("19980102", "AOL", "N"), ("20031015", "AOL", "N"), ("20180615", "TWX", "N"))

    facts = map_file(write_map(tmp_path, "TWX", ended)).actions.facts

    assert facts.select("kind", "ex_on", "detail").rows() == [
        ("listing", date(1998, 1, 2), "AOL begins here"),
        ("ticker_change", date(2003, 10, 16), "AOL becomes TWX"),
        ("delisting", date(2018, 6, 18), "TWX trades no more"),
    ]


def test_a_map_file_out_of_order_keeps_its_sound_rows(tmp_path: Path) -> None:
    found = map_file(write_map(tmp_path, "X", (("20040819", "X", "Q"), ("20501231", "X", "Q"), ("20100101", "Y", "Q"))))

    assert found.leases["symbol"].to_list() == ["X"]
    assert found.identity.rejected.select("line", "value").rows() == [(3, "2010-01-01")]


def test_the_ratio_of_two_factors_is_the_split_or_dividend_that_made_it(tmp_path: Path) -> None:
    """SVC-EVT-01: AAPL split 7 for 1 on 2014-06-09 and paid 0.47 on 2014-08-07."""
    parsed = factor_file(write_factors(tmp_path, "AAPL", AAPL), "AAPL:1998-01-02")

    assert parsed.facts.select("kind", "ex_on", "ratio", "amount_usd").rows() == [
        ("split", date(2014, 6, 9), 7.0, None),
        ("dividend", date(2014, 8, 7), None, 0.4683),
    ]
    assert str(parsed.facts["known_at"][0]) == "2014-06-09 13:30:00+00:00"


def test_no_later_factor_changes_an_earlier_action(tmp_path: Path) -> None:
    """PIT: a cumulative factor embeds the future, its ratio to the next one does not."""
    later = [(day, price * 0.5, split * 0.25, close) for day, price, split, close in AAPL]

    first = factor_file(write_factors(tmp_path / "a", "AAPL", AAPL), "x").facts
    second = factor_file(write_factors(tmp_path / "b", "AAPL", later), "x").facts

    assert first.select("kind", "ratio").rows() == second.select("kind", "ratio").rows()
    assert abs(first["amount_usd"][1] - second["amount_usd"][1]) <= 1e-4


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ((("20140606", 0.9, -1.0, 10.0), ("20501231", 1.0, 1.0, 0.0)), "is not above zero"),
        ((("20140606", 0.9, 1.0, 0.0), ("20501231", 1.0, 1.0, 0.0)), "amount is unknown"),
        ((("20140606", 1.0, 1.0, 10.0), ("20501231", 0.9, 1.0, 0.0)), "is no dividend"),
    ],
)
def test_a_factor_that_stands_for_nothing_is_set_aside(
    tmp_path: Path, rows: tuple[tuple[str, float, float, float], ...], reason: str
) -> None:
    parsed = factor_file(write_factors(tmp_path, "X", rows), "X:2000-01-03")

    assert parsed.facts.is_empty()
    assert reason in parsed.rejected["reason"][0]


@pytest.mark.parametrize(
    ("ratio", "whole"),
    [(6.999997, 7.0), (0.05, 0.05), (1.249993, 1.25), (2.000293, 2.0), (0.3333, 1 / 3), (1.0027, 1.0027)],
)
def test_a_rounded_ratio_is_the_whole_one_that_it_stands_for(ratio: float, whole: float) -> None:
    assert whole_ratio(ratio) == pytest.approx(whole, rel=1e-12)
