"""ENG-11: what a policy in the shadow makes of each decision is counted and listed, and never routed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from adapters.lake.lake import Lake
from adapters.sql.shadow_board import ShadowBoard
from api.use_cases.policy_log import PolicyEvent
from api.use_cases.policy_shadows import ShadowWatch, shadow_progress, shadows_watched
from api.use_cases.policy_stages import stage_ended
from api.use_cases.policy_standing import standing
from api.use_cases.service import Service
from governance.entries import EntryKind
from tests.api.use_cases.homes import entries
from tests.api.use_cases.policy_stage_calls import as_canary, in_shadow, order, staged_service


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, lake: Lake) -> Iterator[Service]:
    """A service with a version in the shadow, before which one order was decided, and after which three."""
    with staged_service(tmp_path_factory.mktemp("shadows") / "home", lake) as opened:
        order(opened, "before", "GOOG", 1)
        in_shadow(opened)
        for symbol, order_shares in (("AAPL", 10), ("IBM", 10), ("MSFT", 10)):
            order(opened, f"after-{symbol}", symbol, order_shares)
        yield opened


@pytest.fixture
def board(tmp_path: Path) -> Iterator[ShadowBoard]:
    with ShadowBoard(tmp_path / "shadows.db") as opened:
        yield opened


@pytest.fixture
def event(service: Service) -> PolicyEvent:
    return standing(service).log.shadows[0]


def test_every_decision_since_is_compared_and_what_differs_is_listed(
    service: Service, board: ShadowBoard, event: PolicyEvent
) -> None:
    found = shadow_progress(service, board, event)
    rows = board.divergences(event.sequence, 10)
    assert (found.n_compared, found.n_diverged, found.n_own, found.problem) == (3, 1, 0, "")
    assert found.flips == {"pass>clip": 1}
    assert found.symbols == {"AAPL": 1}
    assert [(row.symbol, row.shares_before, row.shares, row.rules_added) for row in rows] == [
        ("AAPL", 10, 5, ("notional",))
    ]


def test_a_board_that_was_lost_is_made_again(service: Service, event: PolicyEvent, tmp_path: Path) -> None:
    """It is a projection: the log alone says what it holds."""
    found = []
    for name in ("one.db", "other.db"):
        with ShadowBoard(tmp_path / name) as board:
            found.append((shadow_progress(service, board, event), board.divergences(event.sequence, 10)))
    assert found[0] == found[1]


def test_several_workers_compare_each_decision_once(service: Service, event: PolicyEvent, tmp_path: Path) -> None:
    with ShadowBoard(tmp_path / "shared.db") as one, ShadowBoard(tmp_path / "shared.db") as other:
        watches = [ShadowWatch(service, partial(_same, board), stretches=1) for board in (one, other)]
        for _ in range(3):
            for watch in watches:
                watch.look()
        progress = one.progress(event.sequence)
    assert progress is not None
    assert (progress.n_compared, progress.n_diverged) == (3, 1)


def _same(board: ShadowBoard) -> ShadowBoard:
    return board


def test_a_watch_asks_for_its_file_only_once_something_is_in_the_shadow(lake: Lake, tmp_path: Path) -> None:
    def board() -> ShadowBoard:
        raise AssertionError("nothing is in the shadow")

    with staged_service(tmp_path / "home", lake) as plain:
        watch = ShadowWatch(plain, board)
        watch.look()
        watch.look()
        with shadows_watched(plain, board, lambda *_: None):
            pass


def test_a_version_of_other_code_says_why_it_goes_no_further(
    service: Service, board: ShadowBoard, event: PolicyEvent
) -> None:
    other = replace(event, facts={**event.facts, "order_plan_digest": b"\x01" * 32})
    found = shadow_progress(service, board, other)
    assert "was put into the shadow" in found.problem
    assert found.n_compared == 0


def test_decisions_of_its_own_as_a_canary_are_not_held_to_itself(
    service: Service, board: ShadowBoard, event: PolicyEvent
) -> None:
    as_canary(service, event.policy_digest, "AAPL")
    order(service, "own", "AAPL", 20)
    found = shadow_progress(service, board, event)
    assert (found.n_compared, found.n_own, found.n_diverged) == (3, 1, 1)
    n_orders = len(entries(service.store, EntryKind.DECISION))
    stage_ended(service, event.policy_digest, "ann", "seen enough")
    assert standing(service).log.shadows == ()
    assert len(entries(service.store, EntryKind.DECISION)) == n_orders
