"""The terms of resilience of a server: its own file's, else the shipped ones."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.use_cases.resilience_terms import resilience_terms
from nodes.vocabulary.errors import EdgeError
from policies.resilience_terms import SHIPPED


def test_terms_of_a_file_take_the_place_of_the_shipped_ones(tmp_path: Path) -> None:
    file = tmp_path / "terms.yaml"
    file.write_text(SHIPPED.read_text(encoding="utf-8").replace("at_once: 4", "at_once: 2"), encoding="utf-8")
    assert (resilience_terms().lake.at_once, resilience_terms(file).lake.at_once) == (4, 2)


def test_a_file_that_is_not_there_is_refused_by_its_name(tmp_path: Path) -> None:
    with pytest.raises(EdgeError, match=r"none\.yaml"):
        resilience_terms(tmp_path / "none.yaml")
