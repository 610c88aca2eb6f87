"""Fixtures of the contract tests: the document, and one server that all of them ask."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from api.http.app import ROUTERS
from api.http.openapi import document as served_document
from tests.api.sample_lake import sample_store
from tests.api.server_process import Running, started

ACCOUNTS = ("paper", "journey", "answers")
"""Drawn requests are about the first; what is asked step by step is about accounts that they do not touch."""


@pytest.fixture(scope="session")
def document() -> dict[str, Any]:
    return served_document(ROUTERS)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server of a paper home and of a small lake. Its rate limits are out of the way: they are tested elsewhere."""
    home, lake = tmp_path_factory.mktemp("contract") / "home", tmp_path_factory.mktemp("lake")
    sample_store(lake)
    found = started(home, accounts=ACCOUNTS, ASSAY_RATE_LIMIT="100000/second", ASSAY_LAKE=str(lake))
    yield found
    assert found.stop() == 0, (home / "output").read_text()
