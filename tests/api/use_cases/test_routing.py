"""A route that is planned says what a decision made now would say, and writes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.lake.lake import Lake
from api.use_cases.routing import RouteQuestion, planned_route, venue_answers
from api.use_cases.service import Service
from dataflows.engine.recorded import recorded_run
from governance.entries import EntryKind
from nodes.vocabulary.errors import DataError, EdgeError
from tests.api.use_cases.services import ACCOUNT, ordered, service_at
from tests.nodes.kernels.routing.markets import book_of

BOOKS = (book_of("NYSE", (1_904_900, 300), (1_905_000, 300)), book_of("IEX", (1_904_900, 100), (1_905_100, 100)))


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, lake: Lake) -> Iterator[Service]:
    with service_at(tmp_path_factory.mktemp("routing") / "home", lake) as opened:
        yield opened


def question(**changes: object) -> RouteQuestion:
    given = {"account_id": ACCOUNT, "principal": "alice", "symbol": "IBM", "order_shares": 100, **changes}
    return RouteQuestion(**given)  # type: ignore[arg-type]  # names of fields


def test_a_plan_is_what_the_decision_after_it_says(service: Service) -> None:
    """API-STR-01: one definition, with and without sending."""
    plan = planned_route(service, question())
    answer = ordered(service, "k1").answer
    assert tuple((child.venue, child.shares, child.limit_e4, child.how) for child in plan.children) == answer.route
    assert not plan.is_quoted
    with service.store.reader() as reader:
        (record,) = reader.newest(EntryKind.DECISION, 1)
        facts = record.entry.facts
        run = recorded_run(reader.body(facts["trace_ref"]), reader.body(facts["order_manifest_ref"]))
    assert venue_answers(run.values) == plan.venues, "the parts follow from what the trace holds"


def test_quotes_decide_where_they_are_given(service: Service) -> None:
    plan = planned_route(service, question(books=BOOKS))
    assert plan.is_quoted
    assert {child.venue for child in plan.children} <= {"NYSE", "IEX"}
    assert [answer.venue for answer in plan.venues if answer.cost_bps is None] == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [({"symbol": "XYZ"}, "not in the day plan"), ({"account_id": "other"}, "not served")],
)
def test_what_cannot_be_planned_is_refused(service: Service, changes: dict[str, object], words: str) -> None:
    with pytest.raises(EdgeError, match=words):
        planned_route(service, question(**changes))


def test_quotes_that_no_venue_could_show_are_refused(service: Service) -> None:
    with pytest.raises(DataError, match="lock or cross"):
        planned_route(service, question(books=(book_of("NYSE", (2, 1), (1, 1)),)))


def test_nothing_is_written(tmp_path: Path, lake: Lake) -> None:
    with service_at(tmp_path / "home", lake) as service:
        with service.store.reader() as reader:
            size = reader.head().size
        planned_route(service, question(order_shares=-20))
        with service.store.reader() as reader:
            assert reader.head().size == size
