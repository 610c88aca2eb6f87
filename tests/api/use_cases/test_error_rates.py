"""INF-03: the whole way on made-up markets; what a repetition comes to follows from its seed alone."""

from __future__ import annotations

from api.use_cases.error_rates import promotion_rate
from dataflows.audit.made_up_markets import MadeUpMarket


def test_noise_is_not_promoted_however_often_it_is_tried_here() -> None:
    told: list[tuple[int, int]] = []
    found = promotion_rate(MadeUpMarket(4, 500, 0.0, 3), 1, 1, lambda *said: told.append(said))
    assert (found.n_found, found.n_all, told) == (0, 1, [(1, 1)])
