"""Conviction: what several pieces of evidence say of each share, which of them said it, and how well they bear it.

The score of the day plan is taken apart into its features again, so that a reason is something that can be looked up.
A reason is neutral when it says nothing of the share: a feature or a forecast at the mean of the other shares, a tone
of zero. What a reason claims is its part of the conviction; whether that is so is found by making it neutral and
weighing all of the evidence again.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from nodes.kernels.arrays import Array
from nodes.kernels.cross_section import ordered_sum, z_scores

FORECAST, TONE = "forecast_return_frac", "tone_score"


@dataclass(frozen=True, eq=False)
class Evidence:
    """What is known of some shares. NaN where a value is not known.

    Attributes:
        features: the features of the score by name, one value a share.
        feature_weights: what the score gives each.
        bound: farthest that a value counts from the mean, in standard deviations.
        forecast: expected return of each share.
        tone: how kindly each is written of, from -1 to 1.
        score_weight: what the conviction gives the score.
        forecast_weight: what it gives the forecast.
        tone_weight: what it gives the tone.
    """

    features: Mapping[str, Array]
    feature_weights: Mapping[str, float]
    bound: float
    forecast: Array
    tone: Array
    score_weight: float
    forecast_weight: float
    tone_weight: float

    @property
    def weighed(self) -> dict[str, float]:
        """The features that have a weight, in the order of their names."""
        return {name: self.feature_weights[name] for name in sorted(self.feature_weights) if self.feature_weights[name]}

    @property
    def reasons(self) -> tuple[str, ...]:
        """Everything that may be a reason: these features, the forecast and the tone."""
        return (*self.weighed, FORECAST, TONE)

    @cached_property
    def complete(self) -> np.ndarray:
        """Which shares have every feature that has a weight: only they are compared."""
        columns = [np.isfinite(self.features[name]) for name in self.weighed]
        return np.asarray(np.all(columns, axis=0)) if columns else np.ones(len(self.forecast), dtype=np.bool_)


@dataclass(frozen=True, eq=False)
class Conviction:
    """What the evidence comes to.

    Attributes:
        score: of each share; NaN without a score of the day plan.
        parts: what each reason adds, by its name; they add up to the score. NaN where a reason says nothing.
        known_frac: how much of the evidence, by weight, is known of each share.
        positions: where each share stands by each reason, before weights.
    """

    score: Array
    parts: Mapping[str, Array]
    known_frac: Array
    positions: Mapping[str, Array]


def conviction(evidence: Evidence) -> Conviction:
    """What the evidence comes to, of what is known of each share.

    Formula: sum(weight * x) / sum(|weight|) over what is known of the share; x is the score, the z-score of the
    forecast across shares, and the tone; the score is that of `cross_section.weighted_score`
    Unit: standard deviations. Missing: NaN for a share without a score; other evidence that is not known takes no part
    and no weight.
    Source: Asness, Moskowitz, Pedersen (2013), J. Finance 68(3), for z-scores that are added up.
    """
    return _weighed(evidence, {name: _position(evidence, name) for name in evidence.reasons})


def _weighed(evidence: Evidence, positions: Mapping[str, Array]) -> Conviction:
    """What the positions of shares come to; of one share alone as of many."""
    features = evidence.weighed
    scale = sum(abs(weight) for weight in features.values())
    score = np.full(len(positions[FORECAST]), 0.0 if features else np.nan)
    for name, each in features.items():
        score = score + each * positions[name] / scale
    kinds = {FORECAST: evidence.forecast_weight, TONE: evidence.tone_weight}
    full = abs(evidence.score_weight) + sum(map(abs, kinds.values()))
    weight: Array = abs(evidence.score_weight) * np.where(np.isfinite(score), 1.0, np.nan)
    for name, each in kinds.items():
        weight = weight + abs(each) * np.isfinite(positions[name])
    parts = {name: evidence.score_weight * each * positions[name] / scale / weight for name, each in features.items()}
    parts |= {name: each * positions[name] / weight for name, each in kinds.items() if each}
    total = np.where(np.isfinite(score), 0.0, np.nan)
    for part in parts.values():
        total = total + np.nan_to_num(part)
    return Conviction(total, parts, weight / full, positions)


def _position(evidence: Evidence, reason: str) -> Array:
    """Where each share stands by one reason: from the mean of all shares, in deviations; a tone from zero."""
    if reason == TONE:
        return np.asarray(np.clip(evidence.tone, -evidence.bound, evidence.bound))
    if reason == FORECAST:
        return z_scores(evidence.forecast, evidence.bound)
    return z_scores(np.where(evidence.complete, evidence.features[reason], np.nan), evidence.bound)


def neutralised(evidence: Evidence, reason: str, place: int) -> Evidence:
    """The evidence with one reason neutral for one share: as the mean of the others, a tone as zero.

    Raises KeyError for a reason that is none.
    """
    if reason == TONE:
        return replace(evidence, tone=_put(evidence.tone, place, 0.0))
    if reason == FORECAST:
        return replace(evidence, forecast=_put(evidence.forecast, place, _mean_of_others(evidence.forecast, place)))
    values = np.where(evidence.complete, evidence.features[reason], np.nan)
    changed = _put(evidence.features[reason], place, _mean_of_others(values, place))
    return replace(evidence, features={**evidence.features, reason: changed})


def _mean_of_others(values: Array, place: int) -> float:
    others = np.delete(values, place)
    known = others[np.isfinite(others)]
    return ordered_sum(known) / len(known) if len(known) else float(values[place])


def _put(values: Array, place: int, value: float) -> Array:
    changed: Array = values.copy()
    changed[place] = value
    return changed


def ablated(evidence: Evidence, places: Sequence[int]) -> dict[str, Array]:
    """By how much the conviction about some shares falls when one reason is made neutral, and it is weighed again.

    Of each share alone, all others as they are; in the order of the places, NaN where the reason says nothing. Only the
    reason that changes is put beside the other shares again: by the others the share stands where it stood.
    """
    whole, chosen = conviction(evidence), np.array(places, dtype=np.int64)
    falls = {}
    for name, part in whole.parts.items():
        stands = whole.positions[name].copy()
        stands[chosen] = _neutral(evidence, name, places)
        without = _weighed(evidence, {**whole.positions, name: stands})
        falls[name] = np.where(np.isfinite(part), whole.score - without.score, np.nan)[chosen]
    return falls


def _neutral(evidence: Evidence, reason: str, places: Sequence[int]) -> Array:
    """Where shares stand by a reason that is made neutral for one at a time, as `neutralised` does."""
    if reason == TONE:
        return np.zeros(len(places))
    values = evidence.forecast if reason == FORECAST else evidence.features[reason]
    known = np.isfinite(values) if reason == FORECAST else evidence.complete
    return np.array([_stand(values, known, place, evidence.bound) for place in places])


def _stand(values: Array, known: np.ndarray, place: int, bound: float) -> float:
    """Where a share stands among those that are known, once its value is the mean of the others."""
    among = known.copy()
    among[place] = False
    others = values[among]
    if not known[place] or not len(others):
        return 0.0
    mean_of_others = _total(others) / len(others)
    present = np.append(others, mean_of_others)
    mean = _total(present) / len(present)
    deviation = math.sqrt(_total((present - mean) ** 2) / len(present))
    return min(max((mean_of_others - mean) / deviation, -bound), bound) if deviation > 0.0 else 0.0


def _total(values: Array) -> float:
    """The sum of the values, smallest first, one after the other: as `cross_section.ordered_sum` adds them."""
    return float(np.cumsum(np.sort(values))[-1])


def cited(claimed: Mapping[str, float], side: int, most: int) -> tuple[str, ...]:
    """The reasons that speak for a side, the strongest first, as many as may be cited."""
    speaking = [(-side * part, name) for name, part in claimed.items() if side * part > 0.0]
    return tuple(name for _, name in sorted(speaking)[:most])


def fitness(claimed: Mapping[str, float], observed: Mapping[str, float], side: int, most: int) -> float:
    """How well the reasons that are cited bear what is said: 1 when they are all there is and do what they claim.

    Formula: support * faithfulness; support = sum of |claimed| over the cited reasons / over all reasons;
    faithfulness = max(0, 1 - sum |claimed - observed| / sum |claimed|) over the cited; observed as `ablated` has it
    Unit: fraction. Missing: 0 where no reason speaks for the side.
    Source: DeYoung et al. (2020), ERASER: A Benchmark to Evaluate Rationalized NLP Models, section 4, for judging
    reasons by what is left when they are taken away.
    """
    named = cited(claimed, side, most)
    said = ordered_sum(np.array([abs(claimed[name]) for name in named]))
    if said <= 0.0:
        return 0.0
    wrong = ordered_sum(np.array([abs(claimed[name] - observed[name]) for name in named]))
    everything = ordered_sum(np.array([abs(part) for part in claimed.values()]))
    return said / everything * max(0.0, 1.0 - wrong / said)
