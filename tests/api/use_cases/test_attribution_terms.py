"""Which terms gains are attributed by."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.use_cases.attribution_terms import attribution_terms
from nodes.vocabulary.errors import EdgeError
from policies.attribution_terms import SHIPPED


def test_without_a_file_the_shipped_terms_hold(tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    file.write_text(SHIPPED.read_text(encoding="utf-8").replace("version: 1", "version: 2"), encoding="utf-8")
    assert (attribution_terms().version, attribution_terms(file).version) == (1, 2)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EdgeError, match=r"none\.yaml"):
        attribution_terms(tmp_path / "none.yaml")
