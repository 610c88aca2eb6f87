"""What persons do with the policies of a log, from the command line."""

from __future__ import annotations

import re
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from api.bootstrap import open_desk
from api.cli.policy_changes import named_digest
from api.use_cases.policies import cases_file
from api.use_cases.policy_log import PolicyEvent
from nodes.vocabulary.errors import EdgeError
from nodes.vocabulary.instants import instant_text
from tests.api.cli.invoking import ENVIRONMENT, answer, invoked, json_answer
from tests.api.use_cases.homes import home_settings

SHIPPED = Path("policies/us-equities/v1.yaml")


@pytest.fixture
def own(tmp_path: Path) -> str:
    """A home that runs the shipped policy and has decided nothing yet."""
    with open_desk(home_settings(tmp_path / "home")):
        return str(tmp_path / "home")


def second(folder: Path, home: str, *changes: tuple[str, str]) -> str:
    """The next version of what a home runs, effective now, with its cases."""
    digest = json_answer("policy", "status", "--home", home)["active"]["policy_digest"]
    text = SHIPPED.read_text(encoding="utf-8").replace("version: 1", "version: 2")
    text = text.replace("supersedes: null", f"supersedes: {digest}").replace("owner: risk", "owner: risk desk")
    now = instant_text(datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=1))
    text = re.sub("effective_from: .*", f"effective_from: {now}", text)
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    file = folder / "v2.yaml"
    file.write_text(text, encoding="utf-8")
    shutil.copy(cases_file(SHIPPED), cases_file(file))
    return str(file)


def test_a_policy_is_proposed_runs_and_is_gone_back_from(own: str, tmp_path: Path) -> None:
    first = json_answer("policy", "status", "--home", own)["active"]["policy_digest"]
    outcome = json_answer("policy", "propose", second(tmp_path, own), "--home", own, "--as", "ann")
    assert (outcome["state"], outcome["faults"]) == ("active", [])
    assert "us-equities v2" in answer("policy", "status", "--home", own)
    gone = json_answer("policy", "rollback", first[:20], "--because", "it denied too much", "--home", own)
    assert (gone["state"], gone["policy_digest"]) == ("active", first)
    told = json_answer("policy", "history", "--home", own)
    assert [event["policy"] for event in told] == ["us-equities v1", "us-equities v2", "us-equities v1"]
    assert told[0]["because"] == "it denied too much"
    assert "rollback" in answer("policy", "history", "--home", own)


def test_in_approved_mode_a_second_person_decides(own: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ENVIRONMENT, "ASSAY_POLICY_MODE", "approved")
    proposed = json_answer("policy", "propose", second(tmp_path, own), "--home", own, "--as", "ann")
    assert proposed["state"] == "proposed"
    digest = proposed["policy_digest"]
    (waiting,) = json_answer("policy", "status", "--home", own)["proposals"]
    assert (waiting["state"], waiting["policy_digest"]) == ("open", digest)
    refused = invoked("policy", "approve", digest, "--home", own, "--as", "ann")
    assert refused.exit_code == 14
    assert "ask a second person" in refused.stderr
    assert json_answer("policy", "approve", digest, "--home", own, "--as", "bob")["state"] == "active"
    assert [event.get("approved_by") for event in json_answer("policy", "history", "--home", own)] == [
        "bob",
        None,
        None,
    ]
    shown = answer("policy", "history", "--home", own)
    assert "approved" in shown
    assert "bob" in shown


def test_a_proposal_is_withdrawn_with_a_reason(own: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ENVIRONMENT, "ASSAY_POLICY_MODE", "approved")
    digest = json_answer("policy", "propose", second(tmp_path, own), "--home", own, "--as", "ann")["policy_digest"]
    assert "Waiting" in answer("policy", "status", "--home", own)
    assert json_answer("policy", "withdraw", digest, "--because", "a slip", "--home", own)["state"] == "withdrawn"
    assert json_answer("policy", "status", "--home", own)["proposals"] == []


def test_a_refused_candidate_ends_with_one_and_names_every_fault(own: str, tmp_path: Path) -> None:
    file = second(tmp_path, own, ("then: review", "then: reveiw"), ("close_price_usd >=", "close_prize_usd >="))
    result = invoked("policy", "propose", file, "--home", own)
    assert result.exit_code == 1
    assert result.stdout.count("mend:") == 2
    (fault,) = json_answer("policy", "status", "--home", own)["faults"]
    assert len(fault["faults"]) == 2
    assert "refused in entry" in answer("policy", "status", "--home", own)


def event(digest: bytes) -> PolicyEvent:
    facts: dict[str, Any] = {"policy_digest": digest}
    return PolicyEvent("activation", 1, b"", datetime.now(UTC), facts)


def test_a_digest_may_be_named_by_its_first_digits() -> None:
    events = [event(b"\x0a" * 32), event(b"\x0b" * 32)]
    assert named_digest("sha256:0A0A0A", events) == b"\x0a" * 32
    for digits in ("0a0a", "ffffff", "0" * 70):
        with pytest.raises(EdgeError, match=r"names \d policies; give at least 6 digits of one of: 0a0a0a0a0a0a, "):
            named_digest(digits, events)
