"""Alpha decay of the scores that the log archived: shapes on a short real log; a change is told once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import msgspec
import numpy as np
import pytest

from adapters.lake.lake import Lake
from api.bootstrap import open_models
from api.use_cases.attribution_decay import AlphaDecay, DecayChangeView, alpha_decay, decay_of, recorded_change
from api.use_cases.attribution_terms import attribution_terms
from api.use_cases.model_desk import ModelDesk
from dataflows.engine.recorded import recorded_run, recorded_values
from governance.entries import EntryKind
from nodes.vocabulary.errors import EdgeError
from tests.api.use_cases.attributions import ACCOUNT, Attributed
from tests.api.use_cases.homes import copied_home, home_settings

SHORT = {"decay_sessions": 15, "recent_sessions": 6, "decay_delays": (0, 1, 2), "change_block_sessions": 3}
TERMS = attribution_terms().model_copy(update=SHORT)


@pytest.fixture(scope="module")
def decayed(attributed: Attributed) -> AlphaDecay:
    return alpha_decay(attributed.reader, attributed.lake, TERMS, ACCOUNT)


@pytest.fixture(scope="module")
def desk(ran: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ModelDesk]:
    with open_models(home_settings(copied_home(ran, tmp_path_factory.mktemp("decay") / "home"))) as found:
        yield found


def test_scores_are_those_that_the_traces_archive(attributed: Attributed) -> None:
    record = attributed.reader.newest(EntryKind.PLAN, 1)[0]
    facts = record.entry.facts
    body, manifest = attributed.reader.body(facts["trace_ref"]), attributed.reader.body(facts["session_manifest_ref"])
    (scores,) = recorded_values(body, manifest, ("composite_score",))
    assert scores.equals(recorded_run(body, manifest).values["composite_score"])


def test_coefficients_come_by_horizon_and_delay_with_intervals(decayed: AlphaDecay) -> None:
    """MON-01."""
    assert [each.delay_sessions for each in decayed.by_delay] == [0, 1, 2]
    assert [each.horizon_sessions for each in decayed.by_horizon] == [1, 5, 21]
    first = decayed.by_delay[0]
    assert (decayed.n_sessions, first.n_sessions) == (15, 14)
    assert first.low is not None
    assert first.high is not None
    assert -1.0 <= first.low <= (first.value or 0.0) <= first.high
    assert decayed.by_horizon[2].value is None


def test_delay_costs_nothing_without_delay_and_has_an_interval_with_one(decayed: AlphaDecay) -> None:
    """MON-01: latency against performance, in money."""
    none, one = decayed.delay_costs[:2]
    assert (none.usd, none.low_usd, none.high_usd) == (0.0, 0.0, 0.0)
    assert one.low_usd is not None
    assert one.high_usd is not None
    assert one.low_usd < (one.usd or 0.0) < one.high_usd


def test_the_newest_sessions_are_held_against_those_before(decayed: AlphaDecay) -> None:
    """MON-01."""
    assert {each.what for each in decayed.changes} == {"fading-rate", "level"}
    assert {each.finding for each in decayed.changes} <= {"changed", "unchanged", "unknown"}
    assert decayed.has_changed == any(each.finding == "changed" for each in decayed.changes)


def test_a_score_that_no_run_has_says_nothing(attributed: Attributed) -> None:
    terms = TERMS.model_copy(update={"score": "no_such_score"})
    found = alpha_decay(attributed.reader, attributed.lake, terms, ACCOUNT)
    assert all(each.value is None for each in found.by_delay)
    assert not found.has_changed


def test_a_period_is_told_as_it_was_at_its_end(attributed: Attributed, decayed: AlphaDecay) -> None:
    """Nothing of later sessions reaches it."""
    window = replace(attributed.found.window, last=9)
    found = decay_of(attributed.reader, window, TERMS)
    assert (found.n_sessions, found.to_on) == (10, window.book.sessions[9])
    assert found.changes == ()
    assert decayed.to_on == window.book.sessions[-1]


def test_a_half_life_of_what_may_be_nothing_is_marked(decayed: AlphaDecay) -> None:
    first = decayed.by_delay[0]
    assert decayed.is_told == ((first.low or 0.0) > 0.0 or (first.high or 0.0) < 0.0)


def test_an_account_without_sessions_is_refused(attributed: Attributed) -> None:
    with pytest.raises(EdgeError, match="'nobody' was never valued"):
        alpha_decay(attributed.reader, attributed.lake, TERMS, "nobody")


def test_a_change_opens_one_incident(decayed: AlphaDecay, desk: ModelDesk) -> None:
    """MON-01: alert on half-life change."""
    changed = DecayChangeView("fading-rate", 0.1, 0.9, 0.2, 1.4, "changed")
    found = msgspec.structs.replace(decayed, changes=(changed,), has_changed=True)
    incident = recorded_change(found, desk, "watch")
    assert incident is not None
    assert "0.1000 before, 0.9000 of late" in incident.what
    assert recorded_change(found, desk, "watch") is None


def test_no_change_opens_none(decayed: AlphaDecay, desk: ModelDesk) -> None:
    assert recorded_change(msgspec.structs.replace(decayed, has_changed=False), desk, "watch") is None


def test_the_same_log_gives_the_same_answer(attributed: Attributed, decayed: AlphaDecay, lake: Lake) -> None:
    """Draws are seeded by the terms."""
    again = alpha_decay(attributed.reader, lake, TERMS, ACCOUNT)
    assert again == decayed
    assert np.isfinite([each.n_sessions for each in again.by_delay]).all()
