"""Promotions: the gate decides whether, two persons decide that, one takes it back; the log says all of it."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

import pytest

from adapters.log_folder import LogFolder
from api.use_cases.gates import gate_replay
from api.use_cases.model_desk import ModelDesk
from api.use_cases.model_log import model_log
from api.use_cases.model_work import model_standing
from api.use_cases.promotions import (
    approved_promotion,
    automatic_promotion,
    moved_model,
    proposed_promotion,
    rolled_back_model,
    withdrawn_promotion,
)
from governance.models import Stage
from governance.notes import parsed_note, signers
from governance.trial_ledger import TrialLedger
from nodes.vocabulary.errors import EdgeError, LogError
from tests.api.use_cases.model_desks import asked, challenger, desk_of, opened, promoted
from tests.governance.model_examples import FAMILY, model, noon


@pytest.fixture
def folder(tmp_path: Path) -> LogFolder:
    """An empty log."""
    return opened(tmp_path)


@pytest.fixture
def desk(folder: LogFolder) -> ModelDesk:
    """Its desk."""
    return desk_of(folder)


def _kinds(desk: ModelDesk) -> list[str]:
    with desk.store.reader() as reader:
        return [event.kind for event in model_log(reader, FAMILY).events]


def test_a_challenger_becomes_champion_by_two_persons_and_the_log_verifies(folder: LogFolder, desk: ModelDesk) -> None:
    """ENG-12: proposer, approver, reasons and digests are in the log."""
    outcome = promoted(desk)
    assert (outcome.state, outcome.champion) == ("champion", 1)
    with desk.store.reader() as reader:
        event = model_log(reader, FAMILY).events[-1]
    assert (event.facts["proposed_by"], event.facts["approved_by"], event.because) == ("ada", "bob", "I read the card")
    assert _kinds(desk)[3:] == ["gate", "promotion-proposal", "gate", "promotion"]
    assert folder.verification().findings == ()


@pytest.mark.parametrize("principal", ["ada", "Ada", " A d a"])
def test_who_proposed_a_version_cannot_approve_it(desk: ModelDesk, principal: str) -> None:
    """ENG-12."""
    challenger(desk)
    proposed_promotion(desk, asked())
    with pytest.raises(EdgeError, match="proposed meta-label v1 and cannot approve it; ask a second person") as caught:
        approved_promotion(desk, asked(principal=principal))
    assert caught.value.reason == "self-approval"


@pytest.mark.parametrize(
    ("figures", "state"),
    [({"spa_p_frac": 0.4}, "denied"), ({"pbo_frac": 0.5}, "denied"), ({"oos_sharpe_score": 0.2}, "held")],
)
def test_a_version_that_the_gate_does_not_let_in_is_not_even_proposed(
    desk: ModelDesk, figures: dict[str, float], state: str
) -> None:
    challenger(desk, 1, figures)
    outcome = proposed_promotion(desk, asked())
    assert (outcome.state, outcome.champion, len(outcome.reasons)) == (state, None, 1)
    assert _kinds(desk)[-1] == "gate"


def test_a_trial_between_proposal_and_approval_shuts_the_gate(desk: ModelDesk) -> None:
    """SIG-02: the figures no longer count every trial."""
    challenger(desk)
    proposed_promotion(desk, asked())
    TrialLedger(desk.store, FAMILY, noon).recorded("later", {"depth": 99})
    outcome = approved_promotion(desk, asked(principal="bob"))
    assert outcome.state == "denied"
    assert "3 trials, the ledger holds 4" in outcome.reasons[0]


def test_only_a_challenger_can_be_proposed(desk: ModelDesk) -> None:
    model(desk.store)
    with pytest.raises(EdgeError, match="meta-label v1 is candidate, and only a challenger can be promoted"):
        proposed_promotion(desk, asked())


def test_nothing_is_approved_that_was_not_proposed(desk: ModelDesk) -> None:
    challenger(desk)
    with pytest.raises(EdgeError, match="no promotion of meta-label v1 waits; propose it first"):
        approved_promotion(desk, asked(principal="bob"))


def test_a_withdrawn_proposal_cannot_be_approved(desk: ModelDesk) -> None:
    challenger(desk)
    proposed_promotion(desk, asked())
    assert withdrawn_promotion(desk, asked(principal="bob", why="not now")).state == "withdrawn"
    with pytest.raises(EdgeError, match="no promotion of meta-label v1 waits"):
        approved_promotion(desk, asked(principal="bob"))


def test_a_proposal_against_another_champion_is_stale(desk: ModelDesk) -> None:
    for number in (1, 2):
        challenger(desk, number)
        proposed_promotion(desk, asked(number))
    approved_promotion(desk, asked(1, "bob"))
    with pytest.raises(EdgeError, match="no promotion of meta-label v2 waits"):
        approved_promotion(desk, asked(2, "bob"))


def test_whoever_saw_another_champion_is_refused(desk: ModelDesk) -> None:
    promoted(desk)
    challenger(desk, 2)
    with pytest.raises(EdgeError, match=r"champion of meta-label is meta-label v1 .*, another one than If-Match names"):
        proposed_promotion(desk, asked(2, if_match=b""))
    seen = model_standing(desk, FAMILY, 1).model.model_digest
    assert proposed_promotion(desk, asked(2, if_match=seen)).state == "proposed"


def test_a_rollback_takes_one_person_one_call_and_under_five_seconds(folder: LogFolder, desk: ModelDesk) -> None:
    """INF-04."""
    promoted(desk, 1)
    promoted(desk, 2)
    began_s = time.perf_counter()
    outcome = rolled_back_model(desk, asked(1, "oncall", "v2 trades on bad data"))
    took_s = time.perf_counter() - began_s
    assert (outcome.state, outcome.champion) == ("champion", 1)
    assert took_s < 5.0
    with desk.store.reader() as reader:
        event = model_log(reader, FAMILY).events[-1]
    facts = (event.kind, event.principal, event.because, event.facts["approved_by"], event.facts["dethroned"])
    assert facts == ("rollback", "oncall", "v2 trades on bad data", "bob", 2)
    assert folder.verification().findings == ()


def test_a_version_that_was_never_champion_is_nothing_to_go_back_to(desk: ModelDesk) -> None:
    promoted(desk)
    challenger(desk, 2)
    with pytest.raises(EdgeError, match="meta-label v2 was never champion in log 'paper'"):
        rolled_back_model(desk, asked(2))


def test_a_rollback_to_the_champion_that_decides_changes_nothing(desk: ModelDesk) -> None:
    promoted(desk)
    n_before = len(_kinds(desk))
    assert rolled_back_model(desk, asked(1)).state == "champion"
    assert len(_kinds(desk)) == n_before


def test_a_retired_champion_leaves_its_place_empty(desk: ModelDesk) -> None:
    promoted(desk)
    outcome = moved_model(desk, asked(1, why="the fund closed"), Stage.RETIRED)
    assert (outcome.state, outcome.champion) == ("retired", None)
    assert model_standing(desk, FAMILY, 1).champion is None


def test_the_memo_of_a_promotion_is_signed_by_the_log_and_its_digest_is_in_the_log(
    folder: LogFolder, desk: ModelDesk
) -> None:
    """GOV-02."""
    outcome = promoted(desk)
    assert outcome.memo_ref is not None
    with desk.store.reader() as reader:
        note = parsed_note(reader.body(outcome.memo_ref))
        record = reader.records(outcome.sequence, outcome.sequence + 1)[0]
    assert signers(note, [folder.key]) == {folder.key}
    assert record.entry.facts["memo_ref"] == outcome.memo_ref
    for words in ("proposed by | ada", "approved by | bob", "superior-ability | holds", "assay model rollback"):
        assert words in note.text


def test_a_gate_judged_again_from_the_log_is_identical(desk: ModelDesk) -> None:
    promoted(desk)
    with desk.store.reader() as reader:
        gates = [event for event in model_log(reader, FAMILY).events if event.kind == "gate"]
        records = [reader.records(event.sequence, event.sequence + 1)[0] for event in gates]
        assert [gate_replay(reader, record) for record in records] == ["identical"] * 2


def test_clockwork_promotes_by_itself_only_where_the_desk_is_direct(folder: LogFolder, desk: ModelDesk) -> None:
    challenger(desk)
    assert automatic_promotion(desk, asked(principal="assay")).state == "proposed"
    assert automatic_promotion(desk_of(folder, is_direct=True), asked(principal="assay")).state == "champion"


def test_a_proposal_ends_where_its_version_is_sent_back_to_the_shadow(desk: ModelDesk) -> None:
    """Who saw something and sent it back must not be passed over by an approval that waited."""
    row = challenger(desk)
    assert proposed_promotion(desk, asked(row.version)).state == "proposed"
    moved_model(desk, asked(row.version, "risk", "its live record is short"), Stage.SHADOW)
    with pytest.raises(EdgeError, match="is shadow, and only a challenger can be promoted"):
        approved_promotion(desk, asked(row.version, "bob", "I read the card"))


def test_figures_that_somebody_wrote_into_the_registry_open_no_gate(folder: LogFolder) -> None:
    """A gate is told what the version's entry says; a row that says better is a fault of the log."""
    desk = desk_of(folder)
    row = challenger(desk, figures={"pbo_frac": 0.9})
    with sqlite3.connect(folder.path / "log.db") as database:
        for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type='trigger'").fetchall():
            database.execute(f'DROP TRIGGER "{name}"')
        database.execute("UPDATE model_evidence SET value = 0.01 WHERE name = 'pbo_frac'")
    with pytest.raises(LogError, match="figures of meta-label v1 are others than its entry"):
        proposed_promotion(desk, asked(row.version))
