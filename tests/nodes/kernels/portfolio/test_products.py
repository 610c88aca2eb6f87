"""Products in one order of addition."""

from __future__ import annotations

import numpy as np

from nodes.kernels.portfolio.products import gram, image, inner_product, quadratic_form

RNG = np.random.default_rng(1)
MATRIX, VECTOR = RNG.normal(size=(7, 7)), RNG.normal(size=7)


def test_products_are_those_of_linear_algebra() -> None:
    np.testing.assert_allclose(image(MATRIX, VECTOR), MATRIX @ VECTOR)
    np.testing.assert_allclose(gram(MATRIX[:, :3], MATRIX), MATRIX[:, :3].T @ MATRIX)
    assert np.isclose(inner_product(VECTOR, VECTOR), VECTOR @ VECTOR)
    assert np.isclose(quadratic_form(VECTOR, MATRIX), VECTOR @ MATRIX @ VECTOR)


def test_the_layout_of_memory_leaves_no_mark() -> None:
    other = np.asfortranarray(MATRIX)
    assert image(MATRIX, VECTOR).tobytes() == image(other, VECTOR).tobytes()
    assert gram(MATRIX, MATRIX).tobytes() == gram(other, other).tobytes()
    spread = np.repeat(VECTOR, 2)[::2]
    assert inner_product(VECTOR, VECTOR) == inner_product(spread, spread)
