"""Fixtures of the HTTP tests: one served home a session. Tests that change what others read take another account."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from adapters.lake.lake import Lake, bundled_lake
from tests.api.http.serving import Served, paper_settings, served


@pytest.fixture(scope="session")
def http_lake() -> Lake:
    return bundled_lake()


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory, http_lake: Lake) -> Iterator[Served]:
    """A served paper home."""
    with served(paper_settings(tmp_path_factory.mktemp("http") / "home"), http_lake) as found:
        yield found
