"""What a log says of a family: who waits, who was champion, and where a rollback leads that names no version."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from api.use_cases.model_log import ModelEvent, ModelLog

AT = datetime(2026, 11, 20, tzinfo=UTC)


def _log(*said: tuple[str, int]) -> ModelLog:
    """A log of kinds and versions."""
    return ModelLog(
        tuple(
            ModelEvent(kind, place, b"", AT, {"version": version, "principal": "ada"})
            for place, (kind, version) in enumerate(said)
        )
    )


@pytest.mark.parametrize(
    ("said", "want"),
    [
        ((), None),
        ((("promotion", 1),), None),
        ((("promotion", 1), ("promotion", 2)), 1),
        ((("promotion", 1), ("promotion", 2), ("rollback", 1)), None),
        ((("promotion", 1), ("promotion", 2), ("promotion", 3), ("rollback", 2)), 1),
        ((("promotion", 1), ("retirement", 1), ("promotion", 2)), None),
        ((("promotion", 1), ("promotion", 2), ("rollback", 1), ("promotion", 3)), 1),
    ],
)
def test_a_rollback_leads_to_the_newest_champion_that_nobody_took_back(
    said: tuple[tuple[str, int], ...], want: int | None
) -> None:
    assert _log(*said).previous == want


def test_a_proposal_waits_until_it_is_taken_back_or_somebody_is_crowned() -> None:
    asked = (("promotion-proposal", 1), ("promotion-proposal", 2))
    assert [event.version for event in _log(*asked).proposals] == [1, 2]
    assert [event.version for event in _log(*asked, ("promotion-withdrawal", 1)).proposals] == [2]
    assert _log(*asked, ("promotion", 2)).proposals == ()
    assert _log(*asked).proposal(3) is None


def test_the_newest_crowning_of_a_version_is_found() -> None:
    log = _log(("promotion", 1), ("promotion", 2), ("rollback", 1))
    found = log.crowning(1)
    assert found is not None
    assert (found.sequence, log.crowning(9), len(log.of_version(1))) == (2, None, 2)
