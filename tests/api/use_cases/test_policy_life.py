"""Where a version stands follows from the log's entries about it, in their order (ENG-12)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from api.use_cases.policy_life import LifeStage, policy_life, policy_lives
from api.use_cases.policy_log import PolicyEvent, PolicyLog
from governance.policy_stages import CanaryTerms

FIRST, SECOND = b"\x01" * 32, b"\x02" * 32
AT = datetime(2026, 11, 23, tzinfo=UTC)
Said = tuple[str, bytes, dict[str, Any]]


def log(*said: Said) -> PolicyLog:
    return PolicyLog(
        tuple(
            PolicyEvent(
                kind,
                sequence,
                bytes([sequence]) * 32,
                AT + timedelta(minutes=sequence),
                {"policy": "tiny", "version": sum(policy_digest[:1]), "policy_digest": policy_digest, **facts},
            )
            for sequence, (kind, policy_digest, facts) in enumerate(said)
        )
    )


def stage(name: str) -> Said:
    return "policy-stage", SECOND, {"stage": name, "principal": "ann"}


def proposal(**facts: Any) -> Said:
    known = {"supersedes": FIRST, "is_approved": False, "effective_from": AT, "principal": "ann"}
    return "proposal", SECOND, known | facts


ACTIVE: Said = ("activation", FIRST, {"principal": "assay"})
NEXT: Said = ("activation", SECOND, {"principal": "ann", "approved_by": "bob", "impact_digest": b"\x09" * 32})
BACK: Said = ("activation", FIRST, {"principal": "bob", "is_rollback": True, "because": "alarm"})
CANARIED: Said = ("activation", FIRST, {"canary": CanaryTerms(SECOND, 0.0, ("IBM",)).facts})
FAULT: Said = ("policy-fault", b"", {})


@pytest.mark.parametrize(
    ("said", "stands"),
    [
        ((ACTIVE, stage("checked")), "checked"),
        ((ACTIVE, stage("checked"), stage("shadow")), "shadow"),
        ((ACTIVE, stage("checked"), stage("shadow"), stage("canary"), CANARIED), "canary"),
        ((ACTIVE, stage("checked"), stage("shadow"), stage("canary"), CANARIED, ACTIVE), "shadow"),
        ((ACTIVE, stage("checked"), stage("shadow"), stage("canary"), CANARIED, stage("ended"), ACTIVE), "ended"),
        ((ACTIVE, stage("checked"), stage("shadow"), proposal()), "proposed"),
        ((ACTIVE, proposal(), proposal(is_approved=True)), "scheduled"),
        ((ACTIVE, proposal(supersedes=b"\x07" * 32)), "outdated"),
        ((ACTIVE, proposal(), ("withdrawal", SECOND, {"principal": "ann"})), "withdrawn"),
        ((ACTIVE, proposal(), NEXT, FAULT), "active"),
        ((ACTIVE, proposal(), NEXT, BACK), "rolled-back"),
        ((ACTIVE, NEXT, ("activation", b"\x03" * 32, {})), "superseded"),
        ((ACTIVE, NEXT, BACK, NEXT), "active"),
    ],
)
def test_where_a_version_stands(said: tuple[Said, ...], stands: str) -> None:
    life = policy_life(log(*said), SECOND)
    assert life is not None
    assert life.stage is LifeStage(stands)


def test_each_step_says_who_took_it_and_what_it_rests_on() -> None:
    life = policy_life(log(ACTIVE, stage("checked"), stage("shadow"), proposal(), NEXT, BACK), SECOND)
    assert life is not None
    assert [step.stage.value for step in life.steps] == ["checked", "shadow", "proposed", "active", "rolled-back"]
    active, back = life.steps[-2:]
    assert (active.principal, active.approved_by, active.impact_digest) == ("ann", "bob", b"\x09" * 32)
    assert (back.principal, back.because, back.impact_digest) == ("bob", "alarm", None)
    assert life.shadow is None


def test_activating_a_version_again_is_no_step_of_its_own() -> None:
    lives = policy_lives(log(ACTIVE, stage("checked"), stage("shadow"), stage("canary"), CANARIED))
    assert [(life.name, [step.stage.value for step in life.steps]) for life in lives] == [
        ("tiny v2", ["checked", "shadow", "canary"]),
        ("tiny v1", ["active"]),
    ]
    assert lives[0].canary == CanaryTerms(SECOND, 0.0, ("IBM",))


def test_of_what_no_entry_tells_there_is_no_life() -> None:
    assert policy_life(log(ACTIVE), SECOND) is None
