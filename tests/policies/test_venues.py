"""Venue policies: fees by day with their sources, and every fault at its place."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from nodes.vocabulary.errors import PolicyError
from policies.rulebook import shipped_rulebook
from policies.venues import SHIPPED, parsed_venues, shipped_venues

TEXT = SHIPPED.read_text(encoding="utf-8")


def test_the_shipped_policy_has_ten_venues_each_fee_with_its_source() -> None:
    policy = shipped_venues().policy
    assert len(policy.venues) == 10
    assert all(fees.source for venue in policy.venues.values() for fees in venue.fees)
    assert sum(venue.share_frac for venue in policy.venues.values()) < 1.0


def test_the_terms_of_a_day_are_those_in_force_then() -> None:
    sheet = shipped_venues()
    before = {each.venue: each for each in sheet.terms(date(2025, 9, 30))}
    after = {each.venue: each for each in sheet.terms(date(2025, 10, 1))}
    assert (before["PEARL"].take_fee_e6, before["PEARL"].make_fee_e6) == (2850, -1800)
    assert (after["PEARL"].take_fee_e6, after["PEARL"].make_fee_e6) == (3000, -1600)
    assert "MEMX" not in {each.venue for each in sheet.terms(date(2019, 1, 2))}
    assert sheet.terms(date(2005, 1, 3)) == ()


def test_a_fee_above_the_cap_of_rule_610_is_cut_to_it() -> None:
    """Reference case access_fee.rule610: three mils before the amendment, one after."""
    sheet = shipped_venues()
    last_on = date(2027, 10, 31)
    assert {each.take_fee_e6 for each in sheet.terms(last_on) if each.venue == "NYSE"} == {3000}
    assert max(each.take_fee_e6 for each in sheet.terms(last_on + timedelta(days=1))) == 1000


@pytest.mark.parametrize("on", [date(2010, 1, 4), date(2027, 10, 31), date(2027, 11, 1)])
def test_the_cap_is_that_of_the_market_rules(on: date) -> None:
    """Both families tell it; they must not part."""
    rule = shipped_rulebook().on(on).access_fees
    assert rule is not None
    assert rule.cap_e6 == max(each.take_fee_e6 for each in shipped_venues().terms(on))


def test_white_space_and_comments_do_not_move_the_digest() -> None:
    again = parsed_venues(f"# again\n{TEXT}\n".encode(), "v1.yaml")
    assert again.digest == shipped_venues().digest
    other = parsed_venues(TEXT.replace("share_frac: 0.17", "share_frac: 0.16").encode(), "v1.yaml")
    assert other.digest != shipped_venues().digest


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("latency_us: 250", "latency_us: -1", r"v1\.yaml:24:17: -1 is not from 0 to 1e\+07"),
        ("  NYSE:", "  nyse:", "nyse"),
        ("take_usd: 0.0007", "take_usd: 0.7", "0.7 is not from -0.01 to 0.01"),
        ("fade_hz: 15.0", "fadeHz: 15.0", "fadeHz"),
        ("effective_from: 2025-10-01", "effective_from: 2024-09-01", "stands after that of 2024-09-01"),
        ("effective_from: 2025-10-01", "effective_from: someday", "is no day"),
        ("version: 1", "version: 0", "at least 1"),
    ],
)
def test_a_fault_is_told_with_its_place(old: str, new: str, words: str) -> None:
    with pytest.raises(PolicyError, match=words):
        parsed_venues(TEXT.replace(old, new, 1).encode(), "v1.yaml")
