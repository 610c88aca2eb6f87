"""Trials as rows: numbered without a gap, chained, known by what was tried."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from governance.trials import TrialRow, next_trial, trial_chain, trial_digest
from nodes.vocabulary.chain import CHAIN_START


def test_the_first_trial_is_number_one_and_the_next_follows_it() -> None:
    first = next_trial(None, "f", "monday", b"a", 5)
    second = next_trial(first, "f", "monday", b"b", 6)
    assert (first.number, second.number) == (1, 2)
    assert first.chain == trial_chain(CHAIN_START, first)
    assert second.chain == trial_chain(first.chain, second)


@given(st.sampled_from(["family", "number", "trial_digest", "study", "settings", "recorded_at_ns"]))
def test_a_chain_covers_every_column(name: str) -> None:
    row = next_trial(None, "f", "monday", b"a", 5)
    other = {"family": "g", "number": 2, "recorded_at_ns": 9}.get(name, b"x" if name != "study" else "tuesday")
    changed = TrialRow._make(other if field == name else value for field, value in row._asdict().items())
    assert trial_chain(CHAIN_START, changed) != row.chain


def test_the_same_settings_are_the_same_trial_in_any_study_of_their_family() -> None:
    assert next_trial(None, "f", "monday", b"a", 1).trial_digest == trial_digest("f", b"a")
    assert trial_digest("f", b"a") != trial_digest("g", b"a")
