"""What every long-only portfolio needs first."""

from __future__ import annotations

import numpy as np
import pytest

from nodes.kernels.portfolio.room import require_room, volatilities
from nodes.vocabulary.errors import DataError


def test_caps_that_hold_the_target_have_room_and_others_say_how_much_they_hold() -> None:
    require_room(4, 1.0, 0.25)
    require_room(0, 1.0, 0.25)
    with pytest.raises(DataError, match=r"3 assets of at most max_target_weight_frac 0\.25 hold 0\.75, under"):
        require_room(3, 1.0, 0.25)


def test_volatilities_are_roots_of_variances_that_are_there() -> None:
    np.testing.assert_allclose(volatilities(np.diag([0.04, 0.09])), [0.2, 0.3])
    with pytest.raises(DataError, match="asset 1 of 2 has variance nan, so it has no risk to share; leave it out"):
        volatilities(np.diag([0.04, np.nan]))
