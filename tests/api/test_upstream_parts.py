"""What a server watches, by its settings."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from adapters.brokers.simulated import SimulatedBroker
from adapters.rate_limits import NearBuckets
from adapters.upstreams.upstream import Upstream
from api.bootstrap import data_room, shell_clock
from api.settings import Settings
from api.upstream_parts import RATE_LIMITS, Asked, shared_buckets, upstreams
from api.use_cases.guarded_broker import BROKER, GuardedBroker
from api.use_cases.resilience_terms import resilience_terms
from nodes.vocabulary.errors import EdgeError


def _told(_name: str, _error: BaseException | None, _n_failed: int) -> None:
    """Nobody listens."""


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[GuardedBroker]:
    with closing(SimulatedBroker(tmp_path / "broker.db")) as inner:
        yield GuardedBroker(inner, Upstream(BROKER, resilience_terms().broker, shell_clock))


@pytest.mark.parametrize(
    ("url", "names"), [(None, ["lake", "broker"]), ("redis://127.0.0.1:1", ["lake", "broker", RATE_LIMITS])]
)
def test_a_server_watches_what_it_asks(
    broker: GuardedBroker, tmp_path: Path, url: str | None, names: list[str]
) -> None:
    settings = Settings(home=tmp_path, rate_limit_server=url, lake=tmp_path / "lake")
    found = upstreams(settings, Asked(data_room(settings), shared_buckets(settings, shell_clock), broker), _told)
    assert (list(found.watched), all(each.probe for each in found.watched.values())) == (names, True)
    assert found.book is not None
    found.close()


def test_a_home_that_is_only_read_keeps_no_book_and_the_bundled_lake_needs_no_probe(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    asked = Asked(data_room(settings), shared_buckets(settings, shell_clock))
    found = upstreams(settings, asked, _told, is_read_only=True)
    assert (list(found.watched), found.watched["lake"].probe, found.book) == (["lake"], None, None)
    assert list(tmp_path.iterdir()) == []


def test_a_server_of_rate_limits_that_is_not_there_refuses_nobody_and_the_machine_counts(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, rate_limit="2/hour", rate_limit_server="redis://127.0.0.1:1")
    limits = shared_buckets(settings, shell_clock)
    assert [limits.hit("ana").is_allowed for _ in range(3)] == [True, True, False]
    assert isinstance(limits, NearBuckets)
    assert limits.upstream.standing.n_failed == 3
    with pytest.raises(EdgeError, match="rate-limits is left alone"):
        limits.probed()
