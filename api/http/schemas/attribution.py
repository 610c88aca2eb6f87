"""What clients read of the decisions behind a line of an attribution."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import msgspec

from api.use_cases.attribution_decisions import DecisionPart

_ZERO = Decimal(0)


class DecisionPartView(msgspec.Struct, frozen=True):
    """What one decision brought of a line.

    Attributes:
        decision_id: the decision; null for what no decision brought, as charges for holding.
        symbol: the share.
        usd: what it brought; costs are negative.
    """

    decision_id: str | None
    symbol: str
    usd: Decimal


class AttributionDecisionsView(msgspec.Struct, frozen=True):
    """The decisions behind a line of an attribution.

    Attributes:
        account_id: whose.
        from_on: first session that counts.
        to_on: last one.
        line: which line.
        usd: what all of its decisions brought.
        n_decisions: how many stand behind it.
        decisions: those that brought or cost most, as many as were asked for.
    """

    account_id: str
    from_on: date
    to_on: date
    line: str
    usd: Decimal
    n_decisions: int
    decisions: tuple[DecisionPartView, ...]


def part_views(parts: Sequence[DecisionPart]) -> tuple[DecisionPartView, ...]:
    """Parts of a line for clients."""
    return tuple(DecisionPartView(part.decision_id.hex() or None, part.symbol, part.usd) for part in parts)


def parts_usd(parts: Sequence[DecisionPart]) -> Decimal:
    """What parts of a line come to."""
    return sum((part.usd for part in parts), _ZERO)
