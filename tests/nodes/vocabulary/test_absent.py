"""Absence is a value that names its first cause."""

from __future__ import annotations

from dataclasses import FrozenInstanceError

import pytest

from nodes.vocabulary.absent import Absent

NO_VOLUME = Absent("adv_20_shares", "volume is missing")


def test_an_absence_says_why_and_where_it_began() -> None:
    assert str(NO_VOLUME) == "absent: volume is missing (at adv_20_shares)"


def test_absences_of_the_same_cause_are_equal() -> None:
    assert Absent("adv_20_shares", "volume is missing") == NO_VOLUME
    assert hash(Absent("adv_20_shares", "volume is missing")) == hash(NO_VOLUME)


@pytest.mark.parametrize("other", [None, 0, False, "", float("nan"), Absent("adv_20_shares", "zero")])
def test_an_absence_equals_nothing_else(other: object) -> None:
    assert other != NO_VOLUME


def test_an_absence_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError, match="cannot assign to field 'reason'"):
        NO_VOLUME.reason = "none"  # type: ignore[misc]  # what is refused
