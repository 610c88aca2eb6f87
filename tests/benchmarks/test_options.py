"""The contestants over implied volatilities do the same work; how fast they are is for `make bench` to say."""

from __future__ import annotations

from tests.benchmarks import options
from tests.benchmarks.timing import Effort


def test_both_find_the_volatilities_that_made_the_prices() -> None:
    """SVC-MKT-04."""
    assert max(options.agreement()) < 1e-8


def test_every_contract_of_the_chain_has_a_volatility_and_the_line_is_printed() -> None:
    contracts, _, price = options.chain(8, 3)
    assert len(options.ours(contracts, price)()) == len(options.theirs(contracts, price)()) == 48
    (row,) = options.rows(Effort(n_rounds=1, batch_s=0.0001))
    assert row.is_met is not None
