"""The rulebook: what is in force when, with sources; and every fault of a bad one, placed."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from nodes.kernels.market_rules.luld_state import QuoteOpening
from nodes.kernels.market_rules.short_sale import PriceTest
from nodes.vocabulary.errors import DataError, PolicyError
from policies.rulebook import SHIPPED, Rulebook, parsed_rulebook, shipped_rulebook

FAMILIES = ("luld", "breakers", "short_sale", "ticks", "access_fees", "order_protection", "auctions", "halts")
TEXT = SHIPPED.read_text(encoding="utf-8")


def ids(day: date) -> set[str]:
    return {row.id for row in shipped_rulebook().on(day).rows}


def parsed(text: str) -> Rulebook:
    return parsed_rulebook(text.encode(), "rules.yaml")


@pytest.mark.parametrize(
    ("rule", "first_on", "last_on"),
    [
        ("luld-2013", date(2013, 4, 8), date(2016, 7, 17)),
        ("luld-2016", date(2016, 7, 18), date(2017, 11, 19)),
        ("luld-2017", date(2017, 11, 20), date(2020, 2, 23)),
        ("luld-2020", date(2020, 2, 24), date(2100, 1, 1)),
        ("rule-80b-1998", date(1998, 4, 15), date(2013, 4, 7)),
        ("rule-7-12-2013", date(2013, 4, 8), date(2100, 1, 1)),
        ("no-price-test", date(2007, 7, 6), date(2011, 2, 27)),
        ("rule-201", date(2011, 2, 28), date(2100, 1, 1)),
        ("rule-612-2006", date(2006, 1, 31), date(2016, 10, 2)),
        ("tick-size-pilot", date(2016, 10, 3), date(2018, 9, 28)),
        ("rule-612-amended", date(2027, 11, 1), date(2100, 1, 1)),
        ("rule-610c-2006", date(2006, 6, 29), date(2027, 10, 31)),
        ("rule-611", date(2007, 8, 20), date(2100, 1, 1)),
    ],
)
def test_a_rule_is_in_force_from_its_first_day_to_its_last(rule: str, first_on: date, last_on: date) -> None:
    assert rule in ids(first_on)
    assert rule in ids(last_on)
    assert rule not in ids(date.fromordinal(first_on.toordinal() - 1))
    assert rule not in ids(date.fromordinal(last_on.toordinal() + 1)) or last_on.year == 2100


def test_a_day_has_at_most_one_row_of_a_family_and_of_an_exchange() -> None:
    for year in range(1990, 2030):
        rules = shipped_rulebook().on(date(year, 12, 31))
        assert len({row.id for row in rules.rows}) == len(rules.rows)
        assert len(rules.rows) <= len(FAMILIES) - 1 + len(rules.auctions)


def test_before_there_was_a_rule_there_is_none() -> None:
    rules = shipped_rulebook().on(date(2000, 1, 3))
    assert (rules.luld, rules.ticks, rules.order_protection, rules.auctions) == (None, None, None, {})
    assert rules.short_sale is not None
    assert rules.short_sale.price_test is PriceTest.TICK


def test_an_instant_has_the_rules_of_its_day_in_new_york() -> None:
    book = shipped_rulebook()
    assert book.at(datetime(2013, 4, 8, 3, 59, tzinfo=UTC)).luld is None
    assert book.at(datetime(2013, 4, 8, 4, 0, tzinfo=UTC)).luld is not None
    with pytest.raises(DataError, match="attach a time zone"):
        book.at(datetime(2013, 4, 8))  # noqa: DTZ001  # naive on purpose


def test_numbers_arrive_in_the_units_of_the_kernels() -> None:
    rules = shipped_rulebook().on(date(2015, 3, 2))
    assert rules.luld is not None
    assert rules.access_fees is not None
    assert (rules.luld.bands.tier_1_high_e4, rules.luld.bands.low_width_e4) == (500, 1500)
    assert (rules.luld.limit_ns, rules.luld.max_pause_ns) == (15 * 10**9, 600 * 10**9)
    assert rules.luld.quote_opening is QuoteOpening.MIDDLE
    assert (rules.access_fees.cap_e6, rules.access_fees.low_cap_ppm) == (3000, 3000)


@pytest.mark.parametrize("family", FAMILIES)
def test_every_row_says_where_it_stands_and_how_it_is_known(family: str) -> None:
    for row in shipped_rulebook().rows(family):
        assert row.source
        assert row.basis == "read" or row.note or row.basis in {"desk", "recalled"}
        assert row.terms is not None


def test_the_digest_is_of_what_is_said_not_of_how_it_is_written() -> None:
    same = parsed(TEXT.replace("tier_1_high_frac: 0.05", "tier_1_high_frac:   5.0e-2   # five per cent"))
    other = parsed(TEXT.replace("tier_1_high_frac: 0.05", "tier_1_high_frac: 0.06", 1))
    assert same.digest == shipped_rulebook().digest
    assert other.digest != shipped_rulebook().digest


@pytest.mark.parametrize(
    ("old", "new", "match"),
    [
        ("effective_to: 2016-07-17", "effective_to: 2016-07-18", r"luld-2016 begins on 2016-07-18, while luld-2013"),
        ("effective_to: 2016-07-17\n", "effective_to: 2012-07-17\n", "ends on 2012-07-17, before it begins"),
        ("id: luld-2016", "id: luld-2013", "names two rows"),
        ("limit_s: 15\n", "limit_s: -15\n", "has no part under"),
        ("rounding_usd: 0.01\n", "rounding_usd: 0.00001\n", "has no part under"),
        ("limit_s: 15\n", "limits_s: 15\n", "limits_s"),
        ("quote_opening: middle", "quote_opening: median", "write one of middle, prior-close"),
        ("effective_from: 2013-04-08", "effective_from: April", "write a day like"),
        ("version: 1", "version: 0", "version"),
    ],
)
def test_a_bad_rulebook_is_refused_with_place_and_mend(old: str, new: str, match: str) -> None:
    with pytest.raises(PolicyError, match=match) as caught:
        parsed(TEXT.replace(old, new, 1))
    assert all(fault.line > 0 for fault in caught.value.faults)


def test_all_faults_are_told_at_once() -> None:
    text = TEXT.replace("limit_s: 15\n", "limit_s: x\n").replace("cap_usd: 0.003", "cap_usd: null")
    with pytest.raises(PolicyError, match="was 'x'") as caught:
        parsed(text)
    assert len(caught.value.faults) == 5


def test_what_is_no_rulebook_is_refused() -> None:
    with pytest.raises(PolicyError, match="write keys and values"):
        parsed("just text")
