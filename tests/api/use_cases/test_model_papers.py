"""Cards and memos: everything in them is from the registry and the log, and every figure has its digest."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.log_folder import LogFolder
from api.use_cases.model_reading import card, memo
from api.use_cases.promotions import rolled_back_model
from governance.notes import parsed_note
from nodes.vocabulary.canonical import digest_text
from tests.api.use_cases.model_desks import asked, desk_of, opened, promoted
from tests.governance.model_examples import FAMILY, model


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> LogFolder:
    """A log whose first version decides again after the second was taken back."""
    found = opened(Path(tmp_path_factory.mktemp("papers")))
    desk = desk_of(found)
    promoted(desk, 1)
    promoted(desk, 2)
    rolled_back_model(desk, asked(1, "oncall", "bad data"))
    return found


def test_a_card_leads_to_data_code_policy_trials_and_artefact(folder: LogFolder) -> None:
    """GOV-01."""
    with folder.store.reader() as reader:
        text = card(reader, FAMILY, 1).markdown
        row = reader.registry.models(FAMILY)[0]
    digests = ("data", "code", "policy", "trials", "artefact", "model", "evidence")
    assert [name for name in digests if digest_text(getattr(row, f"{name}_digest")) not in text] == []
    assert "| dsr_frac | 0.97 | probability that its Sharpe ratio beats" in text
    assert "| 1 | momentum_frac |" in text
    assert "| oncall | bad data; now champion |" in text
    assert "promotion: act" in text


def test_a_card_says_what_is_not_known(tmp_path: Path) -> None:
    found = opened(tmp_path)
    model(found.store, evidence={"dsr_frac": 0.5})
    with found.store.reader() as reader:
        text = card(reader, FAMILY, 1).markdown
    assert "Not known: spa_p_frac, pbo_frac. Without them it cannot become champion." in text


def test_the_memo_of_a_rollback_names_what_it_rests_on(folder: LogFolder) -> None:
    """GOV-02."""
    with folder.store.reader() as reader:
        text = parsed_note(memo(reader, FAMILY, 1)).text
    assert "# Rollback memo: meta-label v1" in text
    assert "decides again in place of meta-label v2" in text
    assert "| rolled back by | oncall: bad data |" in text
    assert "| approved before by | bob |" in text
