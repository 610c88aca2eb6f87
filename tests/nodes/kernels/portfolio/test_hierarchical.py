"""Hierarchical risk parity: against the listing of the paper, and every corner."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.cluster.hierarchy as sch

from nodes.kernels.arrays import Array
from nodes.kernels.portfolio.hierarchical import hrp_weights
from nodes.vocabulary.errors import DataError
from tests.nodes.kernels.portfolio.test_risk_budgeting import PAPER, made


def listing(matrix: Array) -> Array:
    """The oracle: Lopez de Prado (2016), snippets 1 to 4: the tree walked by its links, the bisection by lists."""
    volatility = np.sqrt(np.diagonal(matrix))
    distance = np.sqrt(np.maximum(1.0 - matrix / np.outer(volatility, volatility), 0.0) / 2.0)
    apart = np.array([[np.sqrt(((one - other) ** 2).sum()) for other in distance] for one in distance])
    link = sch.linkage(apart[np.triu_indices(len(matrix), 1)], "single")
    order = [2 * len(matrix) - 2]
    while max(order) >= len(matrix):
        order = [
            int(leaf) for node in order for leaf in (link[node - len(matrix), :2] if node >= len(matrix) else [node])
        ]
    weights, clusters = np.ones(len(matrix)), [order]
    while clusters:
        clusters = [
            part[start:end]
            for part in clusters
            for start, end in ((0, len(part) // 2), (len(part) // 2, len(part)))
            if len(part) > 1
        ]
        for left, right in zip(clusters[::2], clusters[1::2], strict=True):
            risks = []
            for half in (left, right):
                block = matrix[np.ix_(half, half)]
                inverse = 1.0 / np.diagonal(block)
                inverse /= inverse.sum()
                risks.append(inverse @ block @ inverse)
            to_left = 1.0 - risks[0] / (risks[0] + risks[1])
            weights[left] *= to_left
            weights[right] *= 1.0 - to_left
    return weights


@pytest.mark.parametrize("size", [2, 3, 5, 8, 13])
def test_weights_agree_with_the_listing_of_the_paper(size: int) -> None:
    matrix = made(size, seed=size)
    np.testing.assert_allclose(hrp_weights(matrix, 1.0), listing(matrix), rtol=1e-12)


def test_weights_add_up_to_the_target_and_are_positive() -> None:
    weights = hrp_weights(PAPER, 0.9)
    assert weights.sum() == pytest.approx(0.9)
    assert weights.min() > 0.0


def test_uncorrelated_assets_are_weighed_by_inverse_variance() -> None:
    found = hrp_weights(np.diag([0.01, 0.04]), 1.0)
    np.testing.assert_allclose(found, [0.8, 0.2])


def test_no_asset_has_no_weight_and_one_has_all() -> None:
    assert hrp_weights(np.empty((0, 0)), 0.9).tolist() == []
    assert hrp_weights(np.array([[0.04]]), 0.9).tolist() == [0.9]


def test_identical_assets_share_alike() -> None:
    np.testing.assert_allclose(hrp_weights(np.full((4, 4), 0.04), 1.0), 0.25)


def test_an_asset_without_risk_and_a_target_of_nothing_are_refused() -> None:
    with pytest.raises(DataError, match=r"asset 1 of 2 has variance 0\.0"):
        hrp_weights(np.diag([0.04, 0.0]), 1.0)
    with pytest.raises(DataError, match=r"target_gross_frac 0\.0 must be positive; raise it"):
        hrp_weights(PAPER, 0.0)
