"""A log opened to be read, and only if it is there."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.log_parts import log_to_read, require_log
from api.settings import Settings
from nodes.vocabulary.errors import EdgeError


def test_a_home_without_a_log_is_refused_and_not_made(tmp_path: Path) -> None:
    home = tmp_path / "none"
    with pytest.raises(EdgeError, match="holds no decision log; run `assay demo` first"), log_to_read(Settings(home)):
        pass
    assert not home.exists()


def test_a_log_in_a_database_is_not_looked_for_in_the_home(tmp_path: Path) -> None:
    require_log(Settings(tmp_path / "none", database_url="postgresql://nowhere/none"))
