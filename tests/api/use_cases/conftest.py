"""Fixtures of the use cases: the bundled lake, and a home whose log was made once."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.lake.lake import Lake, bundled_lake
from tests.api.use_cases.homes import run_home


@pytest.fixture(scope="session")
def lake() -> Lake:
    return bundled_lake()


@pytest.fixture(scope="session")
def ran(tmp_path_factory: pytest.TempPathFactory, lake: Lake) -> Path:
    """A home that was run; copy it before you append to its log."""
    return run_home(tmp_path_factory.mktemp("ran") / "home", lake)
