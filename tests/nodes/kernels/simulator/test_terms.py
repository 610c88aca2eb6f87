"""What terms do not say does not happen."""

from __future__ import annotations

from nodes.kernels.simulator.latency import AT_ONCE
from nodes.kernels.simulator.queue import risk_averse
from nodes.kernels.simulator.terms import GuardAnswer, SimulationTerms, Standing, VenueTerms, allow_all
from tests.nodes.kernels.simulator.desk import order


def test_plain_terms_charge_nothing_hide_nothing_and_lose_no_time() -> None:
    venue, terms = VenueTerms(), SimulationTerms()
    assert (venue.maker_fee_e6, venue.taker_fee_e6, venue.auction_fee_e6, venue.hidden_frac) == (0, 0, 0, 0.0)
    assert venue.order_latency is venue.report_latency is terms.feed_latency is AT_ONCE
    assert (terms.queue, dict(terms.impact), venue.outages_ns, venue.session) == (risk_averse, {}, (), None)


def test_standings_do_not_share_what_they_hold() -> None:
    one, other = Standing(), Standing()
    one.position_shares["AAPL"] = 5
    assert other.position_shares == {}


def test_the_open_guard_lets_all_of_an_order_through() -> None:
    assert allow_all(order(shares=70), None, Standing(), 0) == GuardAnswer(70, "")
