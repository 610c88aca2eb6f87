"""`assay policy shadow, canary, end, schedule, stages` (ENG-11, ENG-12), in this process on a home of their own."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from adapters.sql.shadow_board import ShadowProgress
from api.bootstrap import open_desk
from api.cli.policy_changes import event_words
from api.cli.policy_stages import life_facts
from api.use_cases.policy_life import LifeStage, PolicyLife
from api.use_cases.policy_log import PolicyEvent
from governance.policy_stages import CanaryTerms
from tests.api.cli.invoking import answer, invoked, json_answer
from tests.api.cli.test_policy_changes import second
from tests.api.use_cases.homes import home_settings


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> str:
    home = tmp_path_factory.mktemp("stages") / "home"
    with open_desk(home_settings(home, origin="paper")):
        return str(home)


def test_a_version_goes_into_the_shadow_and_out_of_it(own: str, tmp_path: Path) -> None:
    file = second(tmp_path, own)
    digest = json_answer("policy", "shadow", file, "--home", own, "--as", "ann", "--because", "to see")["policy_digest"]
    newest = json_answer("policy", "stages", "--home", own)[0]
    assert (newest["stage"], newest["shadow"]["n_compared"]) == ("shadow", 0)
    assert [step["stage"] for step in newest["steps"]] == ["checked", "shadow"]
    assert "0 of 0 differ" in answer("policy", "stages", "--home", own)
    none = invoked("policy", "canary", digest[:20], "--because", "calm", "--home", own)
    assert "give a share between 0 and 1, or name symbols" in none.stderr.replace("\n", " ")
    assert json_answer("policy", "end", digest[:20], "--because", "seen enough", "--home", own)["state"] == "ended"
    assert "ended" in answer("policy", "history", "--home", own)


def test_a_policy_is_scheduled_only_for_an_instant_to_come(own: str, tmp_path: Path) -> None:
    file = second(tmp_path, own, ("owner: risk desk", "owner: night desk"))
    past = invoked("policy", "schedule", file, "--at", "2020-01-01T00:00:00Z", "--home", own)
    assert past.exit_code != 0
    assert "is over" in past.stderr
    assert "is no instant" in invoked("policy", "schedule", file, "--at", "tomorrow", "--home", own).stderr


def test_a_canary_is_named_in_the_history() -> None:
    facts = {"canary": {"policy": "us-equities", "version": 2}}
    started = PolicyEvent("activation", 7, b"", datetime.now(UTC), facts)
    assert event_words(started) == "activation, us-equities v2 as canary"
    assert event_words(replace(started, facts={"stage": "shadow"}, kind="policy-stage")) == "shadow"
    assert event_words(replace(started, facts={"is_rollback": True})) == "rollback"


def test_where_a_version_stands_is_told_to_programs_with_what_it_decides() -> None:
    terms = CanaryTerms(b"\x02" * 32, 0.0, ("IBM",))
    life = PolicyLife(b"\x02" * 32, "us-equities v2", LifeStage.CANARY, (), None, terms)
    told = life_facts(life, ShadowProgress(9, n_compared=4, n_diverged=1), ("AAPL", "IBM"))
    assert told["canary"] == {"share_frac": 0.0, "covered": ["IBM"]}
    assert (told["shadow"]["n_compared"], told["shadow"]["problem"]) == (4, None)
