"""ENG-12: a change is made for a state of all policies, and an append asks once more whether it is still that."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest

from adapters.lake.lake import Lake
from api.use_cases.policy_stages import stage_ended
from api.use_cases.policy_standing import require_match, require_unmoved, standing, told_step
from api.use_cases.service import Service
from nodes.vocabulary.errors import EdgeError, PolicyError
from tests.api.use_cases.policy_stage_calls import as_canary, in_shadow, staged_service


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, lake: Lake) -> Iterator[Service]:
    with staged_service(tmp_path_factory.mktemp("standing") / "home", lake) as opened:
        yield opened


def test_every_step_is_another_state_in_words_of_who_took_it(service: Service) -> None:
    states = [standing(service).log.state]
    told: list[str] = []
    version = in_shadow(service).policy_digest
    for act in (partial(as_canary, service, version, "AAPL"), partial(stage_ended, service, version, "cy", "no")):
        told += map(told_step, standing(service).log.since(states[-1]))
        states.append(standing(service).log.state)
        act()
    told += map(told_step, standing(service).log.since(states[-1]))
    assert states == sorted(set(states))
    assert [each.partition(" at ")[0] for each in told] == [
        "ann checked us-equities v2",
        "ann put us-equities v2 into the shadow",
        "bob made us-equities v2 a canary",
        "bob activated us-equities v1",
        "cy took us-equities v2 out of the shadow",
        "cy activated us-equities v1",
    ]


def test_a_change_for_another_state_is_refused_before_and_in_the_append(service: Service) -> None:
    """The same policy runs, by the same activation: what moved on is the shadow beside it."""
    seen = standing(service)
    require_match(seen, seen.log.state)
    in_shadow(service, ("owner: risk", "owner: desk"))
    with pytest.raises(EdgeError, match=f"not entry {seen.log.state}; read the status again") as stale:
        require_match(standing(service), seen.log.state)
    assert stale.value.reason == "stale-condition"
    work = service.writer.submit(lambda transaction: require_unmoved(service, transaction, seen))
    with pytest.raises(PolicyError, match="moved on meanwhile: ann put us-equities v2 into the shadow") as lost:
        work.result(20)
    assert lost.value.reason == "policy-conflict"
