"""Made-up returns with a market, common shocks and events: for the tests of event studies and for their table."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nodes.kernels.significance.abnormal_returns import EventWindows

WINDOWS = EventWindows(estimation=(-100, -11), event=(-1, 1), min_sessions=60)


@dataclass(frozen=True)
class MadeUp:
    """Returns of shares, of the market, and events as rows and columns."""

    returns: np.ndarray
    market: np.ndarray
    events: tuple[np.ndarray, np.ndarray]


def made_up(seed: int, n_dates: int, n_each: int, common: float, effect: float = 0.0) -> MadeUp:
    """`n_each` shares have an event on each of `n_dates`; all shares share a shock that the market does not explain.

    Args:
        seed: of the draws.
        n_dates: dates, ten sessions apart, after 110 sessions of quiet.
        n_each: shares with an event on each date; each share has one event.
        common: correlation of the shares' own returns.
        effect: abnormal return of the event's session.
    """
    draws = np.random.default_rng(seed)
    sessions, shares = 110 + 10 * n_dates, n_dates * n_each
    market = draws.normal(0.0003, 0.01, sessions)
    shock = draws.normal(0.0, 1.0, (sessions, 1))
    own = np.sqrt(common) * shock + np.sqrt(1.0 - common) * draws.normal(0.0, 1.0, (sessions, shares))
    returns = draws.uniform(0.5, 1.5, shares) * market[:, None] + draws.uniform(0.01, 0.03, shares) * own
    rows, columns = np.repeat(105 + 10 * np.arange(n_dates), n_each), np.arange(shares)
    returns[rows, columns] += effect
    return MadeUp(returns, market, (rows, columns))
