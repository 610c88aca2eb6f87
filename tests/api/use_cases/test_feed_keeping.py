"""Feeds are kept up by policy: fetched when due, tried again sooner, told once when they go and when they are back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import structlog

from adapters.feeds.faults import UnreachableError
from adapters.feeds.feed_metrics import feed_metrics
from adapters.feeds.line import Patience
from adapters.lake.facts.store import FactStore
from api.use_cases.feed_keeping import FeedKeeper, next_at
from api.use_cases.feeds import Collector, FeedState
from api.use_cases.resilience_terms import resilience_terms
from nodes.vocabulary.errors import EdgeError
from policies.resilience_terms import FeedTerms
from tests.api.use_cases.test_feeds import MONDAY, NOTHING, Levels

TERMS = FeedTerms(every_s=600.0, tolerance_s=3600.0, tables=("factors",))
STATE = FeedState("vendor", MONDAY, MONDAY, "done", "", 0, "closed", None)


class World:
    """A keeper of two feeds with a clock that is set."""

    def __init__(self, folder: Path) -> None:
        self.now_s = 0.0
        self.sources = {name: Levels(NOTHING, name=name) for name in ("rss", "fred")}
        store = FactStore(folder, self.clock)
        patience = Patience(attempts=1, breaker_failures=9)
        terms = resilience_terms()
        fast = {name: each.model_copy(update={"every_s": 600.0}) for name, each in terms.feeds.items()}
        self.keeper = FeedKeeper(
            Collector(store, self.clock, patience, feed_metrics()),
            terms.model_copy(update={"feeds": fast}),
            {name: self._made(name) for name in self.sources},
        )

    def _made(self, name: str) -> Callable[[], Levels]:
        return lambda: self.sources[name]

    def clock(self) -> datetime:
        return MONDAY + timedelta(seconds=self.now_s)

    def kept(self, at_s: float) -> list[str]:
        self.now_s = at_s
        return [run.feed for run in self.keeper.kept()]


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


@pytest.mark.parametrize(
    ("state", "wait_s"),
    [
        (None, 0),
        (STATE, 600),
        (replace(STATE, outcome="unreachable", n_failures=1), 60),
        (replace(STATE, outcome="unreachable", n_failures=3), 240),
        (replace(STATE, outcome="unreachable", n_failures=99), 600),
        (replace(STATE, outcome="open", n_failures=1, rests_until_at=MONDAY + timedelta(seconds=900)), 900),
    ],
)
def test_a_feed_is_due_by_policy_sooner_after_a_failure_and_never_while_it_rests(
    state: FeedState | None, wait_s: float
) -> None:
    assert next_at(state, TERMS, MONDAY) == MONDAY + timedelta(seconds=wait_s)


def test_every_feed_is_fetched_when_it_is_due_and_not_before(world: World) -> None:
    assert world.kept(0) == ["rss", "fred"]
    assert [world.kept(599), world.kept(600)] == [[], ["rss", "fred"]]


def test_one_that_is_away_holds_up_no_other_and_is_told_once_when_it_goes_and_when_it_is_back(world: World) -> None:
    world.kept(0)
    world.sources["rss"].fault = UnreachableError("vendor", "status 503")
    with structlog.testing.capture_logs() as lines:
        assert world.kept(600) == ["rss", "fred"]
        assert world.kept(660) == ["rss"]
        world.sources["rss"].fault = None
        assert world.kept(780) == ["rss"]
    assert [(line["event"], line["feed"]) for line in lines] == [("feed away", "rss"), ("feed back", "rss")]


def test_one_that_cannot_even_begin_is_told_and_holds_up_no_other(world: World) -> None:
    def refusing() -> Levels:
        raise EdgeError("this feed needs a key that is not set; set ASSAY_FRED_KEY")

    keeper = replace(world.keeper, sources={"fred": refusing, "rss": world.keeper.sources["rss"]})
    with structlog.testing.capture_logs() as lines:
        assert [run.feed for run in keeper.kept()] == ["rss"]
    assert [line["event"] for line in lines] == ["feed not fetched"]


def test_a_feed_of_which_policy_is_silent_is_refused_at_the_start(world: World) -> None:
    keeper = replace(world.keeper, sources={"cinema": world.keeper.sources["rss"]})
    with pytest.raises(EdgeError, match="do not name feed 'cinema', only yahoo"):
        keeper.require_known()
    world.keeper.require_known()
