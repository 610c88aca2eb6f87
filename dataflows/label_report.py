"""What the labels of a panel are like: how bets ended, what they share, and what scaling by volatility leaves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from dataflows.engine.evaluation import evaluated
from dataflows.engine.plan import Plan
from dataflows.labels import LabelSnapshot
from nodes.kernels.arrays import Array, array
from nodes.kernels.barriers import ENDED, LOWER, OPEN, UNKNOWN, UPPER, VERTICAL
from nodes.kernels.fractional import adjusted_log_levels, least_order
from nodes.kernels.regimes import CALM, TURBULENT, USUAL, variance_by_state, volatility_tercile
from nodes.vocabulary.errors import DataError

_OUTCOMES = {"upper": UPPER, "lower": LOWER, "time": VERTICAL, "ended": ENDED, "open": OPEN}
_STATES = {"calm": CALM, "usual": USUAL, "turbulent": TURBULENT}
_ORDERS, _MIN_WEIGHT = np.linspace(0.0, 1.0, 21), 1e-2
"""Orders of differentiation that are tried, and the weight that ends their window: as in the book's section 5.6."""


@dataclass(frozen=True)
class LabelReport:
    """The labels of a panel.

    Attributes:
        n_rows: bars.
        n_events: bars that are events with a target.
        outcomes: how many bets ended at which barrier, with the share, or not yet.
        n_gaps: bets that ended at an open beyond a barrier.
        n_ambiguous: bets whose last bar breached both barriers: taken as losses.
        mean_uniqueness_frac: of the labels; None without labels.
        variance_plain: of the forward return, by the third of the volatility that was known at its row.
        variance_scaled: the same of the scaled forward return.
        ratio_plain: variance in turbulent over calm times of the forward return; None where one is missing.
        ratio_scaled: the same of the scaled one: 1 where volatility foresees it in full.
        least_orders: the least order of fractional differentiation that makes each share's price stationary.
    """

    n_rows: int
    n_events: int
    outcomes: Mapping[str, int]
    n_gaps: int
    n_ambiguous: int
    mean_uniqueness_frac: float | None
    variance_plain: Mapping[str, float | None]
    variance_scaled: Mapping[str, float | None]
    ratio_plain: float | None
    ratio_scaled: float | None
    least_orders: Mapping[str, float | None]


def label_report(plan: Plan, snapshot: LabelSnapshot) -> LabelReport:
    """The report. Raises DataError when a node of the labels is absent.

    Args:
        plan: of the labels.
        snapshot: bars and calendar.
    """
    values = evaluated(plan, snapshot)
    exits, bets = (_present(values, name, pl.DataFrame) for name in ("barrier_exits", "label_bets"))
    ended = exits.filter(~exits["touch"].is_in([OPEN, UNKNOWN]))
    plain, scaled = (_variances(values, name) for name in ("forward_return_frac", "scaled_forward_return_score"))
    unique = _present(values, "label_uniqueness_frac", pl.Series).mean()
    return LabelReport(
        n_rows=exits.height,
        n_events=int((bets["side"] != 0.0).sum()),
        outcomes={name: int((exits["touch"] == code).sum()) for name, code in _OUTCOMES.items()},
        n_gaps=int(ended["is_gap"].sum()),
        n_ambiguous=int(ended["is_ambiguous"].sum()),
        mean_uniqueness_frac=unique if isinstance(unique, float) else None,
        variance_plain=plain,
        variance_scaled=scaled,
        ratio_plain=_ratio(plain),
        ratio_scaled=_ratio(scaled),
        least_orders=_least_orders(values),
    )


def _present(values: Mapping[str, Any], name: str, kind: type) -> Any:  # noqa: ANN401  # of the kind that is asked
    value = values[name]
    if not isinstance(value, kind):
        message = f"{name} of the labels is {value}; give the panel and the calendar that they need"
        raise DataError(message)
    return value


def _variances(values: Mapping[str, Any], name: str) -> dict[str, float | None]:
    """Variance of a target by the third of the volatility at its row."""
    volatility = array(_present(values, "volatility_frac", pl.Series))
    third = volatility_tercile(volatility, values["segments"], values["regime_sessions"])
    found = variance_by_state(array(_present(values, name, pl.Series)), third, tuple(_STATES.values()))
    return {state: _known(value) for state, value in zip(_STATES, found.tolist(), strict=True)}


def _ratio(variance: Mapping[str, float | None]) -> float | None:
    calm, turbulent = variance["calm"], variance["turbulent"]
    return None if not calm or turbulent is None else turbulent / calm


def _least_orders(values: Mapping[str, Any]) -> dict[str, float | None]:
    edges, names = values["segments"], values["symbol"]
    moves: Array = array(_present(values, "log_return_frac", pl.Series))
    found = {}
    for first, stop in zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        level = adjusted_log_levels(moves[first:stop])
        found[str(names[first])] = _known(least_order(level, _ORDERS, _MIN_WEIGHT))
    return found


def _known(value: float) -> float | None:
    return None if np.isnan(value) else value
