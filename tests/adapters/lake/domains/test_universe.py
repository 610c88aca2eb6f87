from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from adapters.lake.domains.universe import MEMBERSHIP, UNIVERSE
from tests.adapters.lake.domains.keeping import set_aside


@pytest.mark.parametrize(
    ("end_on", "said"), [(None, ""), (date(2014, 4, 4), ""), (date(2014, 4, 3), "ends before it begins")]
)
def test_a_stay_does_not_end_before_it_begins(tmp_path: Path, end_on: date | None, said: str) -> None:
    row: dict[str, Any] = {"index": "sp500", "symbol": "X", "start_on": date(2014, 4, 3), "end_on": end_on}

    assert said in (reason := set_aside(tmp_path, MEMBERSHIP, row))
    assert bool(said) == bool(reason)


def test_a_name_that_is_gone_is_kept(tmp_path: Path) -> None:
    assert set_aside(tmp_path, UNIVERSE, {"security_id": "LEH:1994-05-31", "session_on": date(2008, 9, 12)}) == ""
