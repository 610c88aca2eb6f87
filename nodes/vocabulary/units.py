"""Units: the NewTypes that nodes speak, and the suffixes that names carry.

A scalar unit is a NewType over Decimal, float, int, bool or str; a column unit is a NewType over
`polars.Series` whose rows line up with the rows of the panel (or, for `*Row` units, with the symbols
of the panel: one value a symbol, as of the run's session). Two names may be compared, and a value
passed to a parameter, only when their units are the same object here.

Money is Decimal (`Usd`, `UsdPerShare`). Panel columns of prices are float: they feed statistics,
never an account.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import UnionType
from typing import Any, NewType, get_args

import numpy as np
import polars as pl

from nodes.vocabulary.errors import PlanError

Usd = NewType("Usd", Decimal)
UsdPerShare = NewType("UsdPerShare", Decimal)
Shares = NewType("Shares", int)
Frac = NewType("Frac", float)
Bps = NewType("Bps", float)
Score = NewType("Score", float)
Sessions = NewType("Sessions", int)
Seconds = NewType("Seconds", int)
Days = NewType("Days", int)
Count = NewType("Count", int)
Flag = NewType("Flag", bool)
Text = NewType("Text", str)

UsdColumn = NewType("UsdColumn", pl.Series)
SharesColumn = NewType("SharesColumn", pl.Series)
FracColumn = NewType("FracColumn", pl.Series)
BpsColumn = NewType("BpsColumn", pl.Series)
ScoreColumn = NewType("ScoreColumn", pl.Series)
CountColumn = NewType("CountColumn", pl.Series)
DaysColumn = NewType("DaysColumn", pl.Series)
SymbolColumn = NewType("SymbolColumn", pl.Series)
DateColumn = NewType("DateColumn", pl.Series)
InstantColumn = NewType("InstantColumn", pl.Series)

FracRow = NewType("FracRow", pl.Series)
BpsRow = NewType("BpsRow", pl.Series)
SharesRow = NewType("SharesRow", pl.Series)
SessionsRow = NewType("SessionsRow", pl.Series)
ScoreRow = NewType("ScoreRow", pl.Series)
FlagRow = NewType("FlagRow", pl.Series)
UsdRow = NewType("UsdRow", pl.Series)
SymbolRow = NewType("SymbolRow", pl.Series)

Segments = NewType("Segments", np.ndarray)
"""First row of each symbol's block in the panel, then the panel's height: int64, shape (n_symbols + 1,)."""

FracMatrix = NewType("FracMatrix", np.ndarray)
"""float64, shape (n_symbols, n_symbols)."""

Panel = NewType("Panel", pl.DataFrame)
Features = NewType("Features", dict[str, pl.Series])
Weights = NewType("Weights", dict[str, float])
BpsByVenue = NewType("BpsByVenue", dict[str, float])
TextByVenue = NewType("TextByVenue", dict[str, str])
RoutedOrder = NewType("RoutedOrder", tuple[int, int, int, int, float, float, float])
"""Side, shares, limit in 1/10,000 USD, average daily volume; then how costs are estimated."""
Route = NewType("Route", tuple[tuple[str, int, int, str], ...])
"""What goes where: venue, shares, limit in 1/10,000 USD, and how: auction, take or post."""


@dataclass(frozen=True)
class Unit:
    """A unit as the engine sees it.

    Attributes:
        name: the NewType's name, e.g. "Frac"; the plain type's name when there is no NewType.
        base: the Python class that a value must have, exactly.
        is_optional: whether None is accepted (the consumer handles absence).
    """

    name: str
    base: type
    is_optional: bool = False


_SUFFIXES: Mapping[str, Any] = {
    "_price_usd": UsdPerShare,
    "_usd": Usd,
    "_shares": Shares,
    "_frac": Frac,
    "_bps": Bps,
    "_score": Score,
    "_sessions": Sessions,
    "_days": Days,
    "_s": Seconds,
    "_count": Count,
    "_weights": Weights,
}


def unit_of(annotation: Any) -> Unit:  # noqa: ANN401  # annotations are arbitrary objects
    """The unit that an annotation names. `X | None` is the unit X, optional.

    Raises PlanError when it names none: a union of several classes, a variable, a literal, None.
    """
    arguments = get_args(annotation)
    inner = [argument for argument in arguments if argument is not type(None)]
    if type(None) in arguments and len(inner) == 1:
        unit = unit_of(inner[0])
        return Unit(unit.name, unit.base, is_optional=True)
    base = annotation
    while hasattr(base, "__supertype__"):
        base = base.__supertype__
    base = getattr(base, "__origin__", base)
    if not isinstance(base, type) or base in (UnionType, type(None)):
        message = f"annotation {annotation} is no unit; annotate with one unit of nodes.vocabulary, or that unit | None"
        raise PlanError(message)
    return Unit(getattr(annotation, "__name__", str(annotation)), base)


def annotation_of_name(name: str) -> Any | None:  # noqa: ANN401  # NewTypes have no common type
    """The unit that a name's suffix declares (`max_participation_frac` is Frac), or None without one.

    `n_...` names are counts. The longest suffix wins.
    """
    if name.startswith("n_"):
        return Count
    matches = [suffix for suffix in _SUFFIXES if name.endswith(suffix)]
    return _SUFFIXES[max(matches, key=len)] if matches else None
