"""Draws of sessions: in blocks, the same for a seed and a path."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from dataflows.scenarios.draws import drawn_sessions
from policies.scenario import Bootstrap

FIRST, LAST = date(2008, 1, 2), date(2008, 12, 31)


def test_a_path_is_the_same_whatever_the_number_of_paths() -> None:
    few = Bootstrap(kind="bootstrap", drawn_from=FIRST, drawn_to=LAST, n_paths=2, seed=5)
    assert drawn_sessions(few, 100, 50, 1) == drawn_sessions(few.model_copy(update={"n_paths": 9}), 100, 50, 1)
    assert drawn_sessions(few, 100, 50, 1) != drawn_sessions(few, 100, 50, 0)


def test_blocks_are_as_long_as_asked_on_average() -> None:
    change = Bootstrap(kind="bootstrap", drawn_from=FIRST, drawn_to=LAST, mean_block_sessions=8.0)
    places = np.array(drawn_sessions(change, 500, 20_000, 0))
    breaks = np.count_nonzero((places[1:] - places[:-1]) % 500 != 1)
    assert 20_000 / breaks == pytest.approx(8.0, rel=0.05)
