"""From predictions to holdings and from holdings to returns: the same arithmetic for every trial of a study.

A bet is a sample that was predicted: it is entered some sessions after its features were known and held until its
label is decided. Holdings of a share are the mean of the bets that are open in it, so that they change slowly while
bets overlap (Lopez de Prado 2018, Advances in Financial Machine Learning, chapter 10).
"""

from __future__ import annotations

import numpy as np
from scipy.special import ndtr

from nodes.kernels.arrays import Array, Index
from nodes.kernels.spans import Spans
from nodes.vocabulary.errors import DataError

_SESSIONS_A_YEAR = 252.0


def bet_sizes(probability: Array, prior: float) -> Array:
    """How much to bet on each prediction, from -1 to 1: 0 where it says no more than the prior does.

    Formula: 2 Phi(z) - 1 with z = (p - prior) / sqrt(prior (1 - prior))
    Unit: fraction of a full holding. Missing: NaN where the probability is.
    Source: Lopez de Prado (2018), snippet 10.1 for two outcomes, measured from the prior rather than from one half.
    """
    if not 0.0 < prior < 1.0:
        message = f"prior was {prior}, so that one class was never seen; give training samples of both classes"
        raise DataError(message)
    return np.asarray(2.0 * ndtr((probability - prior) / np.sqrt(prior * (1.0 - prior))) - 1.0, np.float64)


def value_sizes(value: Array, centre: float, spread: float) -> Array:
    """The same for predicted values: how many of the training targets' standard deviations from their mean.

    Formula: 2 Phi((value - centre) / spread) - 1
    Unit: fraction of a full holding. Missing: NaN where the value is.
    """
    if not spread > 0.0:
        message = f"spread of the training targets was {spread}; give targets that differ"
        raise DataError(message)
    return np.asarray(2.0 * ndtr((value - centre) / spread) - 1.0, np.float64)


def open_bets(spans: Spans, shares: Index, sizes: Array, shape: tuple[int, int], delay: int) -> tuple[Array, Index]:
    """The mean size of the bets that are open in each share over each session, and how many are.

    A bet whose features were known at the close of session s is entered at the close of s + delay, and left at the
    close of its span's end + delay, at least one session later; it is open over the sessions between.

    Args:
        spans: of the bets.
        shares: column of each bet's share.
        sizes: of the bets; NaN is no bet.
        shape: sessions and shares.
        delay: sessions from knowing to trading.

    Returns:
        Sizes and counts, one row a session, one column a share; the size is 0 where nothing is open.
    """
    n_sessions = shape[0]
    sums, counts = np.zeros((n_sessions + 1, shape[1])), np.zeros((n_sessions + 1, shape[1]), np.int64)
    made = np.flatnonzero(np.isfinite(sizes))
    first = np.minimum(spans.starts[made] + delay + 1, n_sessions)
    stop = np.minimum(np.maximum(spans.ends[made] + delay + 1, first + 1), n_sessions)
    columns, bet = shares[made], sizes[made]
    np.add.at(sums, (first, columns), bet)
    np.add.at(sums, (stop, columns), -bet)
    np.add.at(counts, (first, columns), 1)
    np.add.at(counts, (stop, columns), -1)
    held, n_open = np.cumsum(sums, axis=0)[:-1], np.cumsum(counts, axis=0)[:-1]
    means = np.divide(held, n_open, out=np.zeros(shape), where=n_open > 0)
    return means, n_open


def neutral_holdings(means: Array, n_open: Index) -> Array:
    """Holdings without a net position: each share's bet less the mean bet, over the number of shares.

    Formula: w_s = (b_s - mean of b over the shares with an open bet) / number of shares; 0 where none is open
    Unit: fraction of the equity. Missing: none.
    """
    is_open = n_open > 0
    n_held = is_open.sum(axis=1)
    mean = np.divide(means.sum(axis=1), n_held, out=np.zeros(len(means)), where=n_held > 0)
    return np.where(is_open, (means - mean[:, None]) / means.shape[1], 0.0)


def long_holdings(means: Array, n_open: Index) -> Array:
    """Holdings that are never short: half of a full one without an opinion, all or nothing at the extremes.

    Formula: w_s = (1 + b_s) / 2 / number of shares; 0 where no bet is open
    Unit: fraction of the equity. Missing: none.
    """
    return np.where(n_open > 0, (1.0 + means) / 2.0 / means.shape[1], 0.0)


def equal_holdings(n_open: Index) -> Array:
    """What a long-only book is judged against: half of a full holding of each share with an open bet."""
    return np.where(n_open > 0, 0.5 / n_open.shape[1], 0.0)


def book_returns(holdings: Array, returns: Array, cost_bps: float, borrow_fee_frac: float) -> Array:
    """What holdings earn over each session after costs.

    Formula: sum w_s r_s - cost_bps / 10000 sum |w_s - w_s before| - borrow_fee_frac / 252 sum max(-w_s, 0)
    Unit: fraction of the equity, per session. Missing: a share without a return in a session moved nothing in it.
    Source: proportional costs on what is traded; the drift of weights between sessions is not traded here.

    Args:
        holdings: held over each session, one column a share.
        returns: total return of each share over each session.
        cost_bps: of what is traded, each way.
        borrow_fee_frac: of what is short, a year of 252 sessions.
    """
    earned = (holdings * np.where(np.isfinite(returns), returns, 0.0)).sum(axis=1)
    before = np.vstack((np.zeros((1, holdings.shape[1])), holdings[:-1]))
    traded = np.abs(holdings - before).sum(axis=1)
    short = np.maximum(-holdings, 0.0).sum(axis=1)
    return np.asarray(earned - cost_bps / 1e4 * traded - borrow_fee_frac / _SESSIONS_A_YEAR * short, np.float64)
