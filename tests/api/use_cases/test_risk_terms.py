"""The terms of risk that an installation names."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.use_cases.risk_terms import risk_terms
from nodes.vocabulary.errors import EdgeError
from policies.risk_terms import SHIPPED


def test_without_a_file_the_shipped_terms_hold_and_a_file_takes_their_place(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(SHIPPED.read_text(encoding="utf-8").replace("window_sessions: 500", "window_sessions: 250"))
    assert (risk_terms().window_sessions, risk_terms(file).window_sessions) == (500, 250)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(EdgeError, match=r"none\.yaml cannot be read"):
        risk_terms(tmp_path / "none.yaml")
