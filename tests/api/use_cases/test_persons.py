"""Names of persons: however they are written, the same person is the same."""

from __future__ import annotations

import pytest

from api.use_cases.persons import person


@pytest.mark.parametrize("name", ["Ada Lovelace", "ada lovelace", " ADA  LOVELACE ", "adalovelace", "ａｄａ lovelace"])  # noqa: RUF001
def test_case_spaces_and_width_do_not_make_another_person(name: str) -> None:
    """ENG-12."""
    assert person(name) == "adalovelace"


def test_other_letters_do() -> None:
    assert person("ada") != person("bob")
