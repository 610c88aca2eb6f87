"""Which decisions stand behind a line of an attribution, and how much of it each one brought.

What a cost came to is told by the fill of the decision that was carried out. What holding brought belongs to the
decisions whose shares were in the book, oldest closed first, each in proportion to its shares.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

import numpy as np

from api.use_cases.attribution_lines import FINE, REST, Window, timed_series
from nodes.kernels.arrays import Array
from nodes.kernels.attribution.gains import Cost
from nodes.kernels.attribution.parting import timed
from nodes.vocabulary.errors import EdgeError

_SECTOR, _FACTOR = "sector:", "factor:"
_ZERO = Decimal(0)
_TIMED = {
    "market": ("market", "static"),
    "timing": ("market", "active"),
    "selection": ("own", "static"),
    "alpha": ("own", "active"),
}
"""Line: whether it is about the market or the shares' own returns, and which part of it."""


@dataclass(frozen=True, slots=True)
class DecisionPart:
    """What one decision brought of a line.

    Attributes:
        decision_id: the decision; empty for what no decision brought, as charges for holding.
        symbol: the share.
        usd: what it brought; costs are negative.
    """

    decision_id: bytes
    symbol: str
    usd: Decimal


def decision_parts(window: Window, line: str, symbol: str | None = None) -> tuple[DecisionPart, ...]:
    """What each decision brought of a line, largest first; together they are the line, of one share or of all.

    Raises:
        EdgeError: no line of an attribution has that name.
    """
    require_line(window, line)
    found: list[DecisionPart] = []
    totals = next((each.by_symbol for each in window.lines if each.name == line), {})
    for each in window.symbols:
        if symbol in (None, each):
            amounts = _fitted(_amounts(window, line, each), totals.get(each, _ZERO))
            found += [DecisionPart(decision, each, usd) for decision, usd in amounts.items() if usd]
    return tuple(sorted(found, key=lambda part: (-abs(part.usd), part.symbol, part.decision_id)))


def _fitted(amounts: dict[bytes, Decimal], total: Decimal) -> dict[bytes, Decimal]:
    """Amounts that come to a total to the last digit: what rounding left goes to the largest."""
    left = total - sum(amounts.values(), _ZERO)
    if left:
        largest = max(amounts, key=lambda decision: (abs(amounts[decision]), decision), default=b"")
        amounts[largest] = amounts.get(largest, _ZERO) + left
    return amounts


def require_line(window: Window, line: str) -> None:
    """Raises EdgeError that lists them all when no line of an attribution has that name."""
    known = (*_modelled(window), *REST, *Cost)
    if line not in known:
        message = f"line {line[:80]!r} is none of an attribution; ask for one of {', '.join(known)}"
        raise EdgeError(message, reason="invalid")


def _modelled(window: Window) -> tuple[str, ...]:
    """The lines that the model of returns explains."""
    sectors = (f"{_SECTOR}{name}" for name in window.model.sector_names)
    factors = (f"{_FACTOR}{name}" for name in window.model.parts.styles)
    return (*_TIMED, *sectors, *factors)


def _amounts(window: Window, line: str, symbol: str) -> dict[bytes, Decimal]:
    if line in set(Cost):
        found: dict[bytes, Decimal] = defaultdict(Decimal)
        for row in window.rows_of(symbol):
            for decision, amount in row.decision_costs(Cost(line)):
                found[decision] -= amount
        return found
    if line == "cash":
        return {b"": sum((row.gain.paper_usd for row in window.rows_of(symbol)), _ZERO)} if not symbol else {}
    if not symbol:
        return {}
    if line == "unmodelled":
        return _paper(window, symbol, is_parted=False)
    if line == "residue":
        found = _paper(window, symbol, is_parted=True)
        for name in _modelled(window):
            for decision, amount in _explained(window, name, symbol).items():
                found[decision] -= amount
        return found
    return _explained(window, line, symbol)


def _paper(window: Window, symbol: str, *, is_parted: bool) -> dict[bytes, Decimal]:
    """Paper gains of one share by decision, of the sessions that the model parts, or of the others."""
    found: dict[bytes, Decimal] = defaultdict(Decimal)
    for row in window.rows_of(symbol):
        if window.is_parted(row) is not is_parted or not row.gain.paper_usd:
            continue
        held, left = sum((shares for _, shares in row.lots), _ZERO), row.gain.paper_usd
        for decision, shares in row.lots:
            amount = (row.gain.paper_usd * shares / held).quantize(FINE)
            found[decision] += amount
            left -= amount
        found[row.lots[-1][0] if row.lots else b""] += left
    return found


def _explained(window: Window, line: str, symbol: str) -> dict[bytes, Decimal]:
    """What each decision's shares made of a line of the model."""
    place = window.model.past.places.get(symbol)
    if place is None:
        return {}
    decisions, shares = window.lot_share(symbol)
    known = np.repeat(window.is_known[:, place][:, np.newaxis], shares.shape[1], axis=1)
    if line in _TIMED:
        part, name = _TIMED[line]
        exposures, returns = timed_series(window, part)
        made = np.repeat(returns[:, place][:, np.newaxis], shares.shape[1], axis=1)
        amounts: Array = getattr(timed(exposures[:, place][:, np.newaxis] * shares, made, known), name)
    else:
        held = window.exposure[:, place] * window.of_model(_part_of(window, line, place))[:, place]
        amounts = np.add.accumulate(np.where(known, held[:, np.newaxis] * shares, 0.0), axis=0)[-1]
    return {each: Decimal(value).quantize(FINE) for each, value in zip(decisions, amounts.tolist(), strict=True)}


def _part_of(window: Window, line: str, place: int) -> Array:
    """The part of returns that a line of a sector or factor is about; nothing for a share of another sector."""
    parts = window.model.parts
    if line.startswith(_FACTOR):
        return parts.styles[line.removeprefix(_FACTOR)]
    number = window.model.sector_names.index(line.removeprefix(_SECTOR))
    return parts.sector if int(window.model.sectors[place]) == number else np.zeros(parts.sector.shape)
