"""Champions while orders are decided: each run names the ones that its own append found, and none is lost."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from adapters.lake.lake import Lake
from api.use_cases.model_desk import serving_desk
from api.use_cases.promotions import automatic_promotion, rolled_back_model
from api.use_cases.service import Service
from governance.entries import EntryKind
from governance.findings import Notebook
from governance.verify_entries import Learned, blocks
from governance.verify_registry import CHAMPIONS, check_registry
from nodes.vocabulary.errors import EdgeError
from tests.api.use_cases.model_desks import asked, challenger
from tests.api.use_cases.services import ROOMY, edited_policy, ordered, service_at
from tests.governance.model_examples import FAMILY


@pytest.fixture
def service(lake: Lake, tmp_path: Path) -> Iterator[Service]:
    """A service whose policy lets many orders through."""
    with service_at(tmp_path / "home", lake, policy=edited_policy(tmp_path, ROOMY), origin="research/x") as served:
        yield served


def _named(service: Service) -> list[object]:
    with service.store.reader() as reader:
        return [record.entry.facts.get(CHAMPIONS) for record in reader.of_kind(EntryKind.DECISION)]


def _findings(service: Service) -> list[str]:
    notes, seen = Notebook(), Learned()
    with service.store.reader() as reader:
        for _ in blocks(reader, reader.head().size, None, notes, seen):
            pass
        check_registry(reader.registry, seen.registry, notes)
    return [str(found) for found in notes.findings if "champions" in found.what or "model" in found.place]


def test_a_decision_names_the_champion_that_was_in_force(service: Service) -> None:
    desk = serving_desk(service)
    ordered(service, "before")
    first = challenger(desk, 1)
    automatic_promotion(desk, asked(1))
    ordered(service, "after")
    assert _named(service) == [None, {FAMILY: first.model_digest}]
    assert [row.version for row in service.generations.current.champions] == [1]
    assert _findings(service) == []


def test_a_rollback_under_orders_loses_none_and_mixes_none(service: Service) -> None:
    """INF-04: orders go on being decided, each under the champion that its own append found."""
    desk = serving_desk(service)
    first, second = challenger(desk, 1), challenger(desk, 2)
    for number in (1, 2):
        automatic_promotion(desk, asked(number))
    with ThreadPoolExecutor(8) as pool:
        orders = [pool.submit(ordered, service, f"k{number}") for number in range(40)]
        outcome = rolled_back_model(desk, asked(1, "oncall", "it trades on bad data"))
        orders += [pool.submit(ordered, service, f"l{number}") for number in range(10)]
        answers = [order.result().answer for order in orders]
    assert outcome.champion == 1
    assert len({answer.decision_id for answer in answers}) == 50
    named = _named(service)
    assert named[-10:] == [{FAMILY: first.model_digest}] * 10
    assert all(each in ({FAMILY: first.model_digest}, {FAMILY: second.model_digest}) for each in named)
    assert _findings(service) == []


def test_a_job_that_began_under_another_champion_is_told_to_start_again(service: Service) -> None:
    desk, job = serving_desk(service), service.desk("paper", "assay")
    challenger(desk, 1)
    automatic_promotion(desk, asked(1))
    with pytest.raises(EdgeError, match="runs other models than those that this process began with"):
        service.writer.submit(job.require_active).result()
