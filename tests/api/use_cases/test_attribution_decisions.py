"""Every line leads to its decisions, and they come to it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from api.use_cases.attribution_decisions import decision_parts
from governance.entries import EntryKind
from nodes.vocabulary.errors import EdgeError
from tests.api.use_cases.attributions import Attributed

LINES = ("market", "timing", "selection", "alpha", "spread", "slippage", "commission", "unmodelled", "residue")


@pytest.mark.parametrize("line", LINES)
def test_decisions_come_to_their_line(attributed: Attributed, line: str) -> None:
    """JRN-02: every number leads to its decisions."""
    wanted = sum((each.usd for each in attributed.report.lines if each.line == line), Decimal(0))
    assert sum((part.usd for part in decision_parts(attributed.found.window, line)), Decimal(0)) == wanted


def test_every_decision_named_is_one_of_the_log(attributed: Attributed) -> None:
    known = {record.decision_id for record in attributed.reader.of_kind(EntryKind.DECISION)}
    named = {part.decision_id for line in LINES for part in decision_parts(attributed.found.window, line)}
    assert named <= known | {b""}
    assert len(named) > 1


def test_sectors_and_factors_are_told_share_by_share(attributed: Attributed) -> None:
    window = attributed.found.window
    line = next(each for each in attributed.report.lines if each.line.startswith("sector:computers"))
    for symbol, wanted in line.by_symbol.items():
        found = decision_parts(window, line.line, symbol)
        assert {part.symbol for part in found} == {symbol}
        assert sum((part.usd for part in found), Decimal(0)) == wanted
    assert decision_parts(window, "factor:momentum") == ()


def test_what_brought_most_comes_first(attributed: Attributed) -> None:
    found = [abs(part.usd) for part in decision_parts(attributed.found.window, "spread")]
    assert found == sorted(found, reverse=True)


def test_a_line_that_is_none_is_refused_with_those_there_are(attributed: Attributed) -> None:
    with pytest.raises(EdgeError, match=r"line 'luck' is none of an attribution; ask for one of market, timing"):
        decision_parts(attributed.found.window, "luck")
