"""The domains of options: their columns are those that importers, features and views agree on."""

from __future__ import annotations

import polars as pl
import pytest

from adapters.lake.domains.options import CONTRACT, OPTION_OPEN_INTEREST, OPTION_QUOTES, OPTION_VENDOR_GREEKS
from adapters.lake.domains.registry import DOMAINS
from adapters.lake.facts.domain import Domain

ALL = (OPTION_QUOTES, OPTION_OPEN_INTEREST, OPTION_VENDOR_GREEKS)


@pytest.mark.parametrize("domain", ALL)
def test_a_domain_is_keyed_by_contract_and_registered(domain: Domain) -> None:
    assert tuple(domain.keys)[:4] == CONTRACT
    assert DOMAINS[domain.name] is domain
    assert domain.doc.endswith(".")
    assert domain.lag


def test_quotes_have_two_sides_with_sizes() -> None:
    assert list(OPTION_QUOTES.values) == ["bid_usd", "ask_usd", "bid_size", "ask_size"]
    assert OPTION_QUOTES.keys["quoted_at"] == pl.Datetime("ns", "UTC")
