from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from adapters.lake.domains.identity import IDENTITY
from tests.adapters.lake.domains.keeping import set_aside

LEASE: dict[str, Any] = {"security_id": "X", "symbol": "X"}


@pytest.mark.parametrize(
    ("first", "last", "said"),
    [
        (date(2014, 4, 3), None, ""),
        (date(2014, 4, 3), date(2014, 4, 3), ""),
        (date(2014, 4, 3), date(2014, 4, 2), "ends before it begins"),
        (None, None, "no first day"),
    ],
)
def test_a_lease_begins_and_does_not_end_before_it(
    tmp_path: Path, first: date | None, last: date | None, said: str
) -> None:
    reason = set_aside(tmp_path, IDENTITY, {**LEASE, "valid_from_on": first, "valid_to_on": last})

    assert said in reason
    assert bool(said) == bool(reason)
