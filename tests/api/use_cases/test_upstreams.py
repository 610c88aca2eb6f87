"""Watching upstreams: probed when nobody asks, written down and told once, over restarts and full disks."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import structlog

from adapters.upstreams.outages import OutageBook
from adapters.upstreams.upstream import Upstream
from api.use_cases.upstreams import Upstreams, Watched
from nodes.vocabulary.errors import EdgeError
from policies.resilience_terms import UpstreamTerms

AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
TERMS = UpstreamTerms(
    at_once=1, wait_s=1.0, deadline_s=1.0, failures=2, rest_s=1.0, longest_rest_s=8.0, probe_every_s=10.0
)


class World:
    """A lake that answers or not, a clock that is set, and the lines that are logged."""

    def __init__(self, folder: Path) -> None:
        self.now_s, self.is_well, self.folder = 0.0, True, folder
        self.made: list[Upstreams] = []

    def clock(self) -> datetime:
        return AT + timedelta(seconds=self.now_s)

    def upstreams(self, *, has_book: bool = True) -> Upstreams:
        upstream = Upstream("lake", TERMS, self.clock, monotonic_s=lambda: self.now_s)
        book = OutageBook(self.folder / "outages.db", self.clock) if has_book else None
        found = Upstreams({"lake": Watched(upstream, lambda: upstream.asked(self.ask))}, book)
        self.made.append(found)
        return found

    def ask(self) -> None:
        if not self.is_well:
            raise ConnectionRefusedError("refused")

    def pass_time(self, seconds: float, *all_of: Upstreams) -> None:
        self.now_s += seconds
        for each in all_of:
            each.looked()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    for each in made.made:
        each.close()


def _fail(upstreams: Upstreams, world: World) -> None:
    for _ in range(2):
        with pytest.raises(EdgeError, match="refused"):
            upstreams.watched["lake"].upstream.asked(world.ask)


def _events(lines: Sequence[Mapping[str, object]]) -> list[object]:
    return [line["event"] for line in lines]


def test_an_outage_at_night_is_noticed_by_probes_and_ends_alone(world: World) -> None:
    """Journey 4: nobody asks, and it is noticed, told once, and over by itself."""
    upstreams = world.upstreams()
    with structlog.testing.capture_logs() as lines:
        world.pass_time(10, upstreams)
        world.is_well = False
        for _ in range(6):
            world.pass_time(10, upstreams)
        world.is_well = True
        world.pass_time(10, upstreams)
        world.pass_time(1, upstreams)
    (outage,) = upstreams.outages(9)
    assert _events(lines) == ["upstream away", "upstream back"]
    assert (outage.noticed_after_s, outage.lasted_s) == (10.0, 60.0)
    assert outage.good_at == AT + timedelta(seconds=10)
    assert outage.harm.n_probes == 4


def test_two_workers_that_notice_the_same_outage_tell_of_it_once(world: World) -> None:
    first, second = world.upstreams(), world.upstreams()
    world.is_well = False
    with structlog.testing.capture_logs() as lines:
        for each in (first, second):
            _fail(each, world)
            each.looked()
    assert _events(lines) == ["upstream away"]
    assert len(first.outages(9)) == 1


def test_an_outage_of_a_process_that_died_is_closed_by_the_next_that_is_answered(world: World) -> None:
    before = world.upstreams()
    world.is_well = False
    _fail(before, world)
    before.looked()
    after = world.upstreams()
    assert after.outages(9)[0].ended_at is None
    world.is_well = True
    world.pass_time(10, after)
    assert after.outages(9)[0].lasted_s == 10.0


def test_what_an_outage_does_is_added_up_while_it_lasts(world: World) -> None:
    upstreams = world.upstreams()
    world.is_well = False
    _fail(upstreams, world)
    upstreams.looked()
    upstreams.watched["lake"].upstream.answered_from_memory(5.0)
    upstreams.looked()
    upstreams.watched["lake"].upstream.answered_from_memory(7.0)
    upstreams.looked()
    harm = upstreams.outages(9)[0].harm
    assert (harm.n_from_memory, harm.oldest_s, harm.n_refused) == (2, 7, 2)


def test_without_a_book_an_outage_is_told_all_the_same(world: World) -> None:
    upstreams = world.upstreams(has_book=False)
    world.is_well = False
    with structlog.testing.capture_logs() as lines:
        _fail(upstreams, world)
        upstreams.looked()
    assert (_events(lines), upstreams.outages(9)) == (["upstream away"], ())


def test_a_thread_looks_until_the_block_ends(world: World) -> None:
    world.is_well = False
    upstreams = world.upstreams()
    _fail(upstreams, world)
    with upstreams:
        until_s = time.monotonic() + 5
        while not upstreams.outages(1) and time.monotonic() < until_s:
            time.sleep(0.02)
        assert upstreams.outages(1)
        assert upstreams.background.complaint == ""
    assert upstreams.standings[0].name == "lake"
