"""What explains the returns of a lake's shares, session by session, under the terms of attribution."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np

from adapters.lake.lake import Lake
from api.use_cases.risk_book import History, history
from nodes.kernels.arrays import Array, Index
from nodes.kernels.attribution.parting import Parted, Returns, Terms, of_sectors, parted
from nodes.kernels.panels import lagged
from nodes.kernels.rolling import window_growth, window_std
from policies.attribution_terms import AttributionTerms, StyleTerms

_MEASURES = {"growth": window_growth, "deviation": window_std}


@dataclass(frozen=True)
class ReturnModel:
    """The returns of all shares, parted.

    Attributes:
        past: the returns, sessions by shares.
        market: what the index made, by session; NaN where it has no level.
        parts: of each return.
        sectors: for each share the number of its sector, -1 without one.
        sector_names: by number.
    """

    past: History
    market: Array
    parts: Parted
    sectors: Index
    sector_names: tuple[str, ...]

    def rows(self, sessions: tuple[date, ...]) -> Index:
        """The row of each session; -1 for one that the lake does not have."""
        found = [self.past.row(day) for day in sessions]
        return np.array([-1 if row is None else row for row in found], dtype=np.int64)


def return_model(lake: Lake, terms: AttributionTerms) -> ReturnModel:
    """The returns of a lake, parted under some terms."""
    past = history(lake)
    market = _market(lake, past)
    sectors, names = of_sectors(past.symbols, terms.sectors)
    styles = {style.name: _exposures(past.returns, style) for style in terms.styles}
    how = Terms(terms.beta_sessions, terms.min_sector_shares, terms.min_style_shares)
    return ReturnModel(past, market, parted(Returns(past.returns, market, sectors, styles), how), sectors, names)


def _market(lake: Lake, past: History) -> Array:
    levels: Mapping[date, float] = dict(
        zip(lake.index_panel["session_on"].to_list(), lake.index_panel["close_usd"].to_list(), strict=True)
    )
    path = np.array([levels.get(day, np.nan) for day in past.days], dtype=np.float64)
    made = np.full(len(path), np.nan)
    made[1:] = path[1:] / path[:-1] - 1.0
    return made


def _exposures(returns: Array, style: StyleTerms) -> Array:
    """A style's measure of each share at each close."""
    whole = np.array([0, len(returns)], dtype=np.int64)
    found = np.full(returns.shape, np.nan)
    if len(returns) < style.window_sessions:
        return found
    for place in range(returns.shape[1]):
        shifted = lagged(np.ascontiguousarray(returns[:, place]), whole, style.skipped_sessions)
        found[:, place] = _MEASURES[style.measure](shifted, whole, style.window_sessions)
    return found
