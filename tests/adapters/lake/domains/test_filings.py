"""What can be no filing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from adapters.lake.domains.filings import FILINGS
from tests.adapters.lake.domains.keeping import STAMP, set_aside
from tests.adapters.lake.views.holding import at

ROW: dict[str, Any] = {"cik": "0000320193", "accession": "a", "accepted_at": STAMP, "acceptance_law": "utc"}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, ""),
        ({"accepted_at": None, "acceptance_law": "date-only"}, ""),
        ({"accepted_at": at("2014-06-07 20:00")}, "known before it was accepted"),
        ({"acceptance_law": "eastern"}, "acceptance_law is no law"),
    ],
)
def test_a_filing_is_not_known_before_its_acceptance(tmp_path: Path, change: dict[str, Any], said: str) -> None:
    reason = set_aside(tmp_path, FILINGS, ROW | change)
    assert said in reason
    assert bool(said) == bool(reason)
