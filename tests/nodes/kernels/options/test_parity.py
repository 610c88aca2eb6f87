"""The forward comes back from calls and puts; missing sides and broken parity are told."""

from __future__ import annotations

import math

import numpy as np
import pytest

from nodes.kernels.options.parity import implied_forwards
from tests.nodes.kernels.options.chains import contracts, discount, quotes, row


def forward(days: int) -> float:
    return 100.0 * math.exp(0.02 * days / 365.0)


def test_the_forward_comes_back_from_every_expiry() -> None:
    chain = contracts()
    found = implied_forwards(quotes(chain), discount(chain), 3)
    assert found.expiry.tolist() == [30, 91, 182]
    assert found.n_strikes.tolist() == [3, 3, 3]
    np.testing.assert_allclose(found.forward_usd, [forward(30), forward(91), forward(182)], rtol=1e-12)


def test_the_forward_lies_between_the_prices_it_can_be_traded_at() -> None:
    chain = contracts()
    found = implied_forwards(quotes(chain), discount(chain), 5)
    assert (found.low_usd < found.forward_usd).all()
    assert (found.forward_usd < found.high_usd).all()


def test_broken_parity_leaves_no_price_to_trade_the_forward_at() -> None:
    chain = contracts()
    broken = quotes(chain)
    place = row(chain, 91, 100.0, is_call=True)
    broken.bid_usd[place] += 1.0
    broken.ask_usd[place] += 1.0
    found = implied_forwards(broken, discount(chain), 3)
    assert (found.low_usd > found.high_usd).tolist() == [False, True, False]
    assert found.forward_usd[1] == pytest.approx(forward(91), abs=0.05)


def test_an_expiry_without_a_two_sided_pair_has_no_forward() -> None:
    chain = contracts()
    some = quotes(chain)
    some.bid_usd[chain.is_call & (chain.years < 0.1)] = np.nan
    assert implied_forwards(some, discount(chain), 3).expiry.tolist() == [91, 182]
    some.bid_usd[:] = np.nan
    assert len(implied_forwards(some, discount(chain), 3).forward_usd) == 0
