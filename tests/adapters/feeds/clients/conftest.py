"""Libraries that keep files in the user's home keep them in a folder of the tests instead."""

from __future__ import annotations

from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True, scope="session")
def _edgartools_keeps_its_cache_here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EDGAR_LOCAL_DATA_DIR", str(tmp_path_factory.mktemp("edgar")))
        patch.delenv("EDGAR_IDENTITY", raising=False)
        yield
