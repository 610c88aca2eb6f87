"""Searches: the same proposals after the same losses, inside of the space, and better as they learn."""

from __future__ import annotations

import math

import pytest

from adapters.models.tuning import OptunaSearch, optuna_search
from dataflows.research.design import Choice, ModelDesign, Range, Space
from dataflows.research.ports import Settings
from nodes.vocabulary.errors import DataError

SPACE: Space = {
    "n_leaves": Range(2, 64, is_log=True),
    "learning_rate": Range(0.01, 0.5, is_log=True),
    "row_share": Range(0.5, 1.0),
    "grown": Choice(("leaf", "depth")),
    "max_depth": Choice((4,)),
}


def loss(settings: Settings) -> float:
    return abs(math.log(float(settings["learning_rate"]) / 0.1)) + float(settings["row_share"])


def path(seed: int, n_trials: int = 20) -> list[Settings]:
    search, found = OptunaSearch(SPACE, n_trials, seed), []
    for _ in range(n_trials):
        found.append(search.proposed())
        search.told(loss(found[-1]))
    return found


def test_a_search_follows_from_its_seed_and_losses_alone() -> None:
    assert path(3) == path(3)
    assert path(3) != path(4)


def test_what_a_space_lists_first_changes_nothing() -> None:
    turned = OptunaSearch({name: SPACE[name] for name in sorted(SPACE, reverse=True)}, 5, 3)
    assert turned.proposed() == OptunaSearch(SPACE, 5, 3).proposed()


def test_proposals_stay_inside_of_the_space() -> None:
    for settings in path(5):
        assert isinstance(settings["n_leaves"], int)
        assert 2 <= settings["n_leaves"] <= 64
        assert 0.5 <= float(settings["row_share"]) <= 1.0
        assert settings["grown"] in {"leaf", "depth"}
        assert settings["max_depth"] == 4


def test_a_search_learns_where_losses_are_low() -> None:
    found = [loss(settings) for settings in path(1, 40)]
    assert sum(found[-10:]) < sum(found[:10])


def test_a_space_of_nothing_proposes_nothing() -> None:
    search = optuna_search(ModelDesign("linear", {}), 2, 0)
    assert search.proposed() == {}


def test_asking_twice_without_a_loss_is_refused() -> None:
    search = OptunaSearch(SPACE, 3, 0)
    search.proposed()
    with pytest.raises(DataError, match="wait for their loss; tell it before you ask"):
        search.proposed()


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_loss_that_is_no_number_is_refused(value: float) -> None:
    search = OptunaSearch(SPACE, 3, 0)
    search.proposed()
    with pytest.raises(DataError, match="tell one finite loss for each proposal"):
        search.told(value)


def test_a_loss_that_nobody_awaits_is_refused() -> None:
    with pytest.raises(DataError, match=r"loss 1.0 was told; tell one finite loss"):
        OptunaSearch(SPACE, 3, 0).told(1.0)
