"""The forward that calls and puts of one expiry agree on: put-call parity read backwards.

For American options the difference of call and put holds some of the value of early exercise: only strikes near the
forward, where it is smallest, are read.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from nodes.kernels.arrays import Array, Index
from nodes.kernels.options.quotes import Quotes, groups, pairs


@dataclass(frozen=True)
class ImpliedForwards:
    """What put-call parity says of the forward, one entry an expiry.

    Attributes:
        expiry: the expiries that have a call and a put with both sides at one strike or more, and a forward over zero.
        forward_usd: median of the forwards of the strikes read.
        low_usd: the highest forward at which one can sell it by call and put.
        high_usd: the lowest forward at which one can buy it; under `low_usd` the quotes break parity.
        n_strikes: how many strikes were read.
    """

    expiry: Index
    forward_usd: Array
    low_usd: Array
    high_usd: Array
    n_strikes: Index


def implied_forwards(quotes: Quotes, discount: Array, strikes: int) -> ImpliedForwards:
    """Forward of each expiry: K + (call - put) / discount at the strikes where call and put are worth nearly the same.

    Args:
        quotes: the chain.
        discount: value now of one dollar at the contract's expiry, one a contract.
        strikes: at most how many strikes are read.

    Source: Hull, Options, Futures, and Other Derivatives, 10th edition, section 18.4; Cboe VIX methodology, step 1, for
    the strike where call and put differ least.
    """
    with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
        call, put = pairs(quotes)
        bid, ask = quotes.sides
        gap = quotes.middle_usd[call] - quotes.middle_usd[put]
        usable = np.flatnonzero(np.isfinite(gap) & np.isfinite(discount[call]))
        call, put, gap = call[usable], put[usable], gap[usable]
        strike, value = quotes.strike_usd[call], discount[call]
        lows, highs = strike + (bid[call] - ask[put]) / value, strike + (ask[call] - bid[put]) / value
        rows = [nearest[:strikes] for nearest in groups(quotes.expiry[call], np.abs(gap))]
        medians = [_median(strike[near] + gap[near] / value[near]) for near in rows]
        sound = [at for at, level in enumerate(medians) if 0.0 < level < math.inf]
        rows, forward = [rows[at] for at in sound], [medians[at] for at in sound]
        return ImpliedForwards(
            np.array([quotes.expiry[call[near[0]]] for near in rows], dtype=np.int64),
            np.array(forward, dtype=np.float64),
            np.array([lows[near].max() for near in rows], dtype=np.float64),
            np.array([highs[near].min() for near in rows], dtype=np.float64),
            np.array([len(near) for near in rows], dtype=np.int64),
        )


def _median(values: Array) -> float:
    ordered = np.sort(values)
    middle = len(ordered) // 2
    return float(ordered[middle] if len(ordered) % 2 else 0.5 * (ordered[middle - 1] + ordered[middle]))
