"""Skew: features as they were served, against the same features computed again from what is known now.

Exact mismatch is the alarm: one definition leaves no room for noise. The two distances say how much it matters: a
mismatch that shifts no distribution is a correction, one that does is another quantity under the same name.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np

from nodes.kernels.drift import greatest_distance, population_stability

N_BINS = 10


@dataclass(frozen=True, slots=True)
class Pair:
    """One feature of one share and session, served and recomputed; None where it had no value.

    Attributes:
        feature: name of the node.
        symbol: the share.
        session_on: the session.
        served: as it was served.
        recomputed: as it comes out now.
        cause: why they could differ: code, policy, late fact, correction, or "" where nothing is known to have changed.
    """

    feature: str
    symbol: str
    session_on: date
    served: float | None
    recomputed: float | None
    cause: str

    @property
    def differs(self) -> bool:
        """Whether the bits differ."""
        return self.served != self.recomputed


@dataclass(frozen=True, slots=True)
class FeatureSkew:
    """The skew of one feature.

    Attributes:
        feature: name of the node.
        n_compared: pairs.
        n_mismatched: pairs whose bits differ.
        mismatch_frac: the latter of the former.
        psi: population stability index of the recomputed values against the served ones; None without values.
        ks: greatest distance of their distribution functions; None without values.
        symbols: shares with a mismatch.
        since_on: the first session with one.
        causes: why, the commonest first.
    """

    feature: str
    n_compared: int
    n_mismatched: int
    mismatch_frac: float
    psi: float | None
    ks: float | None
    symbols: tuple[str, ...]
    since_on: date | None
    causes: tuple[str, ...]


def feature_skews(pairs: Iterable[Pair]) -> tuple[FeatureSkew, ...]:
    """The skew of each feature, the most mismatched first."""
    by_feature: dict[str, list[Pair]] = {}
    for pair in pairs:
        by_feature.setdefault(pair.feature, []).append(pair)
    skews = [_skew(name, found) for name, found in sorted(by_feature.items())]
    return tuple(sorted(skews, key=lambda skew: (-skew.mismatch_frac, skew.feature)))


def pairs_of(
    session_on: date,
    served: Mapping[str, Mapping[str, float | None]],
    recomputed: Mapping[str, Mapping[str, float | None]],
    cause: Callable[[str, str], str],
) -> list[Pair]:
    """The pairs of a session, of features and shares that were served; `cause` takes the names of both."""
    return [
        Pair(name, symbol, session_on, value, recomputed.get(name, {}).get(symbol), cause(name, symbol))
        for name, values in sorted(served.items())
        for symbol, value in sorted(values.items())
    ]


def _skew(feature: str, pairs: list[Pair]) -> FeatureSkew:
    wrong = [pair for pair in pairs if pair.differs]
    served, recomputed = (
        np.array([np.nan if value is None else value for value in values], dtype=np.float64)
        for values in ([pair.served for pair in pairs], [pair.recomputed for pair in pairs])
    )
    psi, ks = population_stability(served, recomputed, N_BINS), greatest_distance(served, recomputed)
    return FeatureSkew(
        feature=feature,
        n_compared=len(pairs),
        n_mismatched=len(wrong),
        mismatch_frac=len(wrong) / len(pairs),
        psi=psi if np.isfinite(psi) else None,
        ks=ks if np.isfinite(ks) else None,
        symbols=tuple(sorted({pair.symbol for pair in wrong})),
        since_on=min((pair.session_on for pair in wrong), default=None),
        causes=tuple(cause for cause, _ in Counter(pair.cause or "unknown" for pair in wrong).most_common()),
    )
