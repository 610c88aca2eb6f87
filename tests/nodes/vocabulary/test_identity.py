"""Identities are texts at run time and apart for the type checker."""

from __future__ import annotations

from typing import NewType

import pytest

from nodes.vocabulary import identity
from nodes.vocabulary.units import unit_of

IDENTITIES = [item for item in vars(identity).values() if isinstance(item, NewType)]


def test_the_identities_are_those_that_the_words_list_names() -> None:
    names = {"Symbol", "AccountId", "OrderKey", "VenueId", "Origin", "DigestText"}
    assert {str(kind.__name__) for kind in IDENTITIES} == names


@pytest.mark.parametrize("kind", IDENTITIES)
def test_an_identity_is_a_text_with_a_unit_of_its_own(kind: NewType) -> None:
    assert type(kind("AAPL")) is str
    assert (unit_of(kind).name, unit_of(kind).base) == (kind.__name__, str)
