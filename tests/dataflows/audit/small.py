"""Nodes small enough to know by heart: an honest one, two that know the future, one without any value."""

from __future__ import annotations

import polars as pl

from nodes.vocabulary.units import Panel, UsdColumn


def last_usd(panel: Panel) -> UsdColumn:
    """The close."""
    return UsdColumn(panel["close_usd"])


def next_usd(panel: Panel) -> UsdColumn:
    """The close after."""
    return UsdColumn(panel["close_usd"].shift(-1))


def heard_usd(panel: Panel, rumours: Panel) -> UsdColumn:
    """The last rumour there is, whenever it was heard."""
    heard = rumours["value"].tail(1)
    return UsdColumn(pl.Series([heard[0] if heard.len() else None] * panel.height, dtype=pl.Float64))


def never_usd(panel: Panel) -> UsdColumn:
    """Nothing, ever."""
    return UsdColumn(pl.repeat(None, panel.height, dtype=pl.Float64, eager=True))
