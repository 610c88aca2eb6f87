"""Gates: shipped policies that answer their cases; a policy of a gate is active in the log or it judges nothing."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

import pytest

from adapters.log_folder import LogFolder
from api.use_cases.gates import SHIPPED, activated_gate, active_gate, gate_policy, gate_replay
from nodes.vocabulary.canonical import digest_text
from nodes.vocabulary.errors import EdgeError, LogError, PolicyError
from tests.api.use_cases.model_desks import desk_of, opened
from tests.governance.examples import NOON


@pytest.fixture
def folder(tmp_path: Path) -> LogFolder:
    return opened(tmp_path / "home")


def _version(folder: Path, number: int, supersedes: bytes | None, max_p: str = "0.01") -> Path:
    """The promotion policy with another limit, its cases moved with it."""
    shipped = SHIPPED["promotion"]
    since = datetime.isoformat(NOON).replace("+00:00", "Z")
    text = shipped.read_text(encoding="utf-8").replace("version: 1", f"version: {number}")
    text = text.replace("supersedes: null", f"supersedes: {'null' if supersedes is None else digest_text(supersedes)}")
    text = re.sub("effective_from: .*", f"effective_from: {since}", text)
    cases = shipped.with_name("v1.cases.yaml").read_text(encoding="utf-8")
    file = folder / f"v{number}.yaml"
    file.write_text(text.replace("max_spa_p_frac: 0.05", f"max_spa_p_frac: {max_p}"), encoding="utf-8")
    moved = cases.replace("spa_p_frac: 0.05}", f"spa_p_frac: {max_p}}}").replace(
        "spa_p_frac: 0.01\n", "spa_p_frac: 0.001\n"
    )
    file.with_name(f"v{number}.cases.yaml").write_text(moved, encoding="utf-8")
    return file


@pytest.mark.parametrize("name", SHIPPED)
def test_the_shipped_policy_of_each_gate_answers_its_cases_in_full(name: str) -> None:
    policy = gate_policy(SHIPPED[name])
    assert policy.parsed.policy.strategy == name
    assert policy.plan.rules


def test_a_policy_of_something_else_is_no_gate() -> None:
    with pytest.raises(PolicyError, match="strategy 'us-equities' is no gate; name one of promotion, watch, shadow"):
        gate_policy(Path("policies/us-equities/v1.yaml"))


@pytest.mark.parametrize(
    ("edit", "want"),
    [
        (("then: review", "then: {clip: oos_sessions}"), "clip sets the size of an order, and a gate judges none"),
        (("then: review", "then: review\n    applies_to: increasing"), "increasing is said of orders"),
        (("max_pbo_frac: 0.20", "max_pbo_frac: 0.21"), "expected fails"),
        (("spa_p_frac <= max", "spa_frac <= max"), "unknown name spa_frac"),
    ],
)
def test_a_policy_that_does_not_fit_a_gate_is_refused(tmp_path: Path, edit: tuple[str, str], want: str) -> None:
    file = _version(tmp_path, 1, None)
    file.write_text(file.read_text(encoding="utf-8").replace(*edit), encoding="utf-8")
    with pytest.raises(PolicyError, match=want):
        gate_policy(file)


def test_a_log_runs_the_shipped_policy_first_and_a_later_one_by_two_persons(folder: LogFolder, tmp_path: Path) -> None:
    """ENG-12: nobody loosens a gate alone."""
    first = desk_of(folder).gate("promotion")
    second = gate_policy(_version(tmp_path, 2, first.plan.policy_digest))
    with pytest.raises(EdgeError, match="'ada' cannot let promotion-us-equities v2 in alone; name a second person"):
        activated_gate(folder.store, second, "ada", NOON, approved_by="Ada")
    found = activated_gate(folder.store, second, "ada", NOON, approved_by="bob")
    with folder.store.reader() as reader:
        active = active_gate(reader, "promotion")
    assert active is not None
    assert (active.sequence, active.name) == (found.sequence, "promotion-us-equities v2")
    assert folder.verification().is_intact


def test_what_is_active_already_is_not_activated_again(folder: LogFolder) -> None:
    desk = desk_of(folder)
    again = activated_gate(folder.store, gate_policy(SHIPPED["watch"]), "ada", NOON)
    assert desk.gate("watch").sequence == again.sequence


def test_a_version_that_skips_its_predecessor_is_refused(folder: LogFolder, tmp_path: Path) -> None:
    desk_of(folder).gate("promotion")
    third = gate_policy(_version(tmp_path, 3, None))
    with pytest.raises(PolicyError, match="version was 3, expected 2: it skips a number"):
        activated_gate(folder.store, third, "ada", NOON, approved_by="bob")


def test_an_entry_that_is_no_judgement_cannot_be_judged_again(folder: LogFolder) -> None:
    with folder.store.reader() as reader, pytest.raises(LogError, match="entry 0 is a genesis, no judgement of a gate"):
        gate_replay(reader, reader.records(0, 1)[0])
