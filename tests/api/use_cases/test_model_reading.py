"""The registry for readers."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.log_folder import LogFolder
from api.use_cases.model_reading import families, family_view, memo, model_events, model_view, trials
from api.use_cases.promotions import proposed_promotion
from nodes.vocabulary.errors import EdgeError
from tests.api.use_cases.model_desks import asked, challenger, desk_of, opened, promoted
from tests.governance.model_examples import FAMILY, tried


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> LogFolder:
    """A champion, a version that waits, and a family with nothing but trials."""
    found = opened(Path(tmp_path_factory.mktemp("reading")))
    desk = desk_of(found)
    tried(found.store, 2, "another")
    promoted(desk, 1)
    proposed_promotion(desk, asked(challenger(desk, 2).version))
    return found


def test_families_are_listed_with_their_champions_and_newest_versions_first(folder: LogFolder) -> None:
    with folder.store.reader() as reader:
        another, found = families(reader)
    assert (another.family, another.n_trials, another.champion, another.versions) == ("another", 2, None, ())
    assert (found.champion, [view.row.version for view in found.versions]) == (1, [2, 1])
    assert found.champion_digest == found.versions[1].row.model_digest


def test_a_version_that_waits_for_a_person_says_so(folder: LogFolder) -> None:
    with folder.store.reader() as reader:
        assert [model_view(reader, FAMILY, number).waits for number in (1, 2)] == [False, True]
        assert model_view(reader, FAMILY, 1).features == ("momentum_frac", "beta_frac")
        assert [event.kind for event in model_events(reader, FAMILY, 2)][-2:] == ["gate", "promotion-proposal"]


def test_trials_are_read_with_what_was_tried(folder: LogFolder) -> None:
    with folder.store.reader() as reader:
        found = trials(reader, FAMILY, 1, 1)
    assert [(each.number, each.study, dict(each.settings)) for each in found] == [(2, "study", {"depth": 1})]


def test_what_is_not_there_is_told_with_what_is(folder: LogFolder) -> None:
    with folder.store.reader() as reader:
        with pytest.raises(EdgeError, match="model family 'nobody' is not known here, only another, meta-label"):
            family_view(reader, "nobody")
        with pytest.raises(EdgeError, match="meta-label v2 was never champion, so that there is no memo"):
            memo(reader, FAMILY, 2)
