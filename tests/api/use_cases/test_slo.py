"""Objectives at work: burn rates, budgets, and one alert each time that one begins to burn (API-SIG-07, OPS-04)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from adapters.sql.slo_samples import SloSamples
from api.use_cases.slo import ObjectiveStatus, SloKeeper, slo_policy
from api.use_cases.telling import Teller
from policies.slo import SHIPPED, SloPolicy, parsed_slo_policy
from tests.adapters.sql.board_samples import HandClock
from tests.api.use_cases.boards import ears, told_by

POLICY = b"""
slo: small
version: 1
owner: ops
why: To test with.
period_days: 1
sample_s: 60
windows:
  - {id: fast, long_s: 3600, short_s: 300, burn_ratio: 14.4, severity: page}
objectives:
  - {id: requests, about: "Requests are answered.", good_frac: 0.999, total: [r_total], bad: ['r_total{status="503"}']}
  - {id: feeds, about: "Feeds are fresh.", good_frac: 0.9, gauge: age, most: 60.0, by: source}
"""


class Server:
    """Counters of a server, and the keeper that reads them every minute."""

    def __init__(self, folder: Path, policy: SloPolicy) -> None:
        self.good = self.bad = 0
        self.ages = {"fred": 1.0}
        self.clock = HandClock()
        self.teller: Teller = told_by(folder, self.clock, ears())
        self.keeper = SloKeeper(policy, SloSamples(folder / "slo.db"), self.exposition, self.clock, self.teller)

    def exposition(self) -> bytes:
        ages = "".join(f'age{{source="{name}"}} {value}\n' for name, value in self.ages.items())
        counts = f'r_total{{status="200"}} {self.good}\nr_total{{status="503"}} {self.bad}\n'
        return f"# TYPE r counter\n{counts}# TYPE age gauge\n{ages}# EOF\n".encode()

    def minutes(self, n_minutes: int, good: int, bad: int) -> int:
        """Serve for some minutes; how many budgets began to burn."""
        n_told = 0
        for _ in range(n_minutes):
            self.clock.move(60)
            self.good, self.bad = self.good + good, self.bad + bad
            n_told += self.keeper.look()
        return n_told

    def status(self, name: str) -> ObjectiveStatus:
        return next(each for each in self.keeper.statuses() if each.name == name)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    found = Server(tmp_path, parsed_slo_policy(POLICY, "small.yaml"))
    found.keeper.look()
    yield found
    found.keeper.samples.close()


def test_the_burn_rate_is_the_one_that_prometheus_computes(server: Server) -> None:
    """The scenario of deploy/prometheus/slo.test.yml, whose answer of 20 promtool gives."""
    server.minutes(65, 98, 2)
    (window,) = server.status("requests").windows
    assert window.long_ratio == window.short_ratio == pytest.approx(20.0)
    assert window.is_burning
    assert window.long_known_s == 3600.0


def test_a_budget_that_burns_is_told_once_until_it_is_calm_and_burns_again(server: Server) -> None:
    assert server.minutes(60, 1000, 0) == 0
    assert server.minutes(30, 900, 100) == 1, "one page, not thirty"
    assert server.minutes(10, 1000, 0) == 0, "the short stretch is good again: it is calm"
    assert server.status("requests").windows[0].since is None
    assert server.minutes(10, 900, 100) == 1
    titles = [each.notice.title for each in server.teller.board.alerts()]
    assert titles == ["error budget of requests burns too fast (fast)"] * 2
    assert all("over 1 hour and" in each.notice.detail for each in server.teller.board.alerts())
    assert "The period's budget is used up" in server.teller.board.alerts()[-1].notice.detail


def test_an_alert_that_a_dead_process_owed_is_raised_by_the_next(server: Server) -> None:
    """Killed after it noticed that the budget burns, and before the alert was on the board."""
    server.keeper.samples.burning("requests", "fast", server.clock())
    assert server.minutes(70, 900, 100) == 1


def test_a_moment_of_trouble_tells_nobody(server: Server) -> None:
    server.minutes(59, 1000, 0)
    assert server.minutes(1, 500, 500) == 0


def test_a_single_bad_event_of_few_tells_nobody_where_more_are_asked_for(tmp_path: Path) -> None:
    """OPS-04: the first order of a fresh home is slow, which is all of its budget, and no page."""
    text = POLICY.replace(b"""503"}']}""", b"""503"}'], min_bad_count: 3}""")
    server = Server(tmp_path, parsed_slo_policy(text, "small.yaml"))
    server.keeper.look()
    assert server.minutes(1, 0, 1) == server.minutes(1, 0, 1) == 0
    assert not server.status("requests").windows[0].is_burning
    assert server.status("requests").windows[0].long_ratio == pytest.approx(1000.0)
    assert server.minutes(1, 0, 1) == 1
    server.keeper.samples.close()


def test_each_feed_has_a_budget_of_its_own(server: Server) -> None:
    """MON-02: freshness by feed."""
    server.ages["yahoo"] = 61.0
    server.minutes(10, 1, 0)
    assert server.status("feeds/fred").windows[0].long_ratio == 0.0
    assert server.status("feeds/yahoo").windows[0].long_ratio == pytest.approx(10.0)
    assert server.status("feeds/yahoo").budget_left_frac == pytest.approx(-9.0)


def test_an_objective_of_which_nothing_was_counted_is_unknown_and_not_well(server: Server) -> None:
    found = server.status("requests")
    assert (found.period, found.budget_left_frac, found.windows[0].long_ratio) == (None, None, None)
    server.minutes(5, 0, 0)
    assert server.status("requests").budget_left_frac is None, "no events: nothing is known of how they would have gone"


def test_what_is_not_yet_known_of_a_window_is_said(server: Server) -> None:
    server.minutes(5, 10, 0)
    assert server.status("requests").windows[0].long_known_s == 300.0


def test_what_is_left_of_a_budget_is_that_of_the_period(server: Server) -> None:
    server.minutes(20, 999, 1)
    assert server.status("requests").budget_left_frac == pytest.approx(0.0)
    server.clock.move(timedelta(days=2).total_seconds())
    server.keeper.look()
    server.minutes(2, 1000, 0)
    assert server.status("requests").budget_left_frac == pytest.approx(1.0), "what is older is forgotten"


def test_two_servers_of_one_home_count_once(server: Server) -> None:
    other = SloKeeper(server.keeper.policy, server.keeper.samples, server.exposition, server.clock, server.teller)
    server.ages = {"fred": 99.0}
    for _ in range(10):
        server.clock.move(60)
        server.keeper.look()
        other.look()
    found = server.status("feeds/fred").period
    assert found is not None
    assert (found.total, found.bad) == (10.0, 10.0)


def test_two_servers_with_counters_of_their_own_add_up(server: Server) -> None:
    """`assay serve --only`: servers share a home. The counters of one are not those of the other begun anew."""
    server.minutes(1, 1000, 500)
    for _ in range(9):
        server.minutes(1, 0, 0)
    quiet = b'# TYPE r counter\nr_total{status="200"} 10\n# EOF\n'
    other = SloKeeper(server.keeper.policy, server.keeper.samples, lambda: quiet, server.clock, source="journal")
    for _ in range(10):
        server.minutes(1, 10, 0)
        other.look()
    found = server.status("requests").period
    assert found is not None
    assert (found.total, found.bad) == (1600.0, 500.0)
    feeds = server.status("feeds/fred").period
    assert feeds is not None
    assert feeds.total == 20.0


def test_the_objectives_are_those_of_a_file_or_the_shipped_ones() -> None:
    assert slo_policy() == slo_policy(SHIPPED)
