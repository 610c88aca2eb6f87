"""The first state of a session, and what a state says of itself."""

from __future__ import annotations

import pytest

from nodes.kernels.market_rules.luld_state import Phase, first_luld_state
from nodes.kernels.market_rules.price_bands import Bands
from nodes.vocabulary.errors import DataError
from tests.nodes.kernels.market_rules.replays import OPENS_NS, Setting

FRAME = Setting(1, 1_000_000, 100, "2020", is_half_day=False).frame


def test_a_session_begins_without_bands() -> None:
    state = first_luld_state(FRAME, OPENS_NS - 1)
    assert (state.phase, state.bands, state.due_ns, state.stops) == (Phase.BEFORE, None, OPENS_NS, ())


def test_a_state_cannot_begin_after_the_opening() -> None:
    with pytest.raises(DataError, match="start earlier"):
        first_luld_state(FRAME, OPENS_NS + 1)


@pytest.mark.parametrize(
    ("bid", "ask", "wanted"),
    [(94, 100, True), (95, 105, False), (100, 106, True), (None, 100, False), (96, None, False)],
)
def test_a_straddle_is_a_quote_outside_the_bands(bid: int | None, ask: int | None, *, wanted: bool) -> None:
    trading = first_luld_state(FRAME, OPENS_NS)._replace(phase=Phase.TRADING, bands=Bands(95, 105))
    assert trading._replace(bid_e4=bid, ask_e4=ask).is_straddled is wanted
    assert not trading._replace(bid_e4=bid, ask_e4=ask, phase=Phase.LIMIT).is_straddled
