"""Order nodes that compile, and then answer with what no trace can hold or no order can use."""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl

from nodes.vocabulary.units import Flag, Frac, Shares, Text


def gone_shares(adv_shares: Shares) -> Shares | None:
    """A cap without a value."""
    return None if adv_shares else Shares(0)


def surrogate_word(adv_shares: Shares) -> Text:
    """A text without UTF-8."""
    return Text(chr(0xD800 + adv_shares % 2))


def naive_at(adv_shares: Shares) -> datetime:
    """An instant without a time zone."""
    return datetime(2000 + adv_shares % 2, 1, 1)  # noqa: DTZ001  # the fault under test


def ancient_at(adv_shares: Shares) -> datetime:
    """An instant out of range."""
    return datetime(1 + adv_shares % 2, 1, 1, tzinfo=UTC)


def listed_column(adv_shares: Shares) -> pl.Series:
    """A column of lists."""
    return pl.Series([[adv_shares]])


def keyed_weights(adv_shares: Shares) -> dict[str, float]:
    """A mapping with a number for a key."""
    return {adv_shares: 1.0}  # type: ignore[dict-item]  # the fault under test


def spread_is_judged(large_spread_holds: Flag) -> Flag:
    """Reads a rule, whose outcome may be unknown."""
    return Flag(large_spread_holds is not None)


def unflagged_frac(adv_shares: Shares) -> Frac:
    """Sound."""
    return Frac(float(adv_shares))
