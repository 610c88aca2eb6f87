"""Products of vectors and matrices whose additions have one order, whatever the memory they came in.

A BLAS library adds in an order of its own, which its version and the number of its threads change.
"""

from __future__ import annotations

import numpy as np

from nodes.kernels.arrays import Array


def inner_product(left: Array, right: Array) -> float:
    """Sum of the products of two vectors, added pairwise in their order."""
    return float(np.ascontiguousarray(left * right).sum())


def image(matrix: Array, vector: Array) -> Array:
    """The matrix times the vector: each row's products added pairwise from left to right."""
    return np.asarray(np.ascontiguousarray(matrix * vector).sum(axis=1), np.float64)


def quadratic_form(vector: Array, matrix: Array) -> float:
    """The vector times the matrix times the vector."""
    return inner_product(vector, image(matrix, vector))


def gram(left: Array, right: Array) -> Array:
    """Columns of one table times columns of another, summed over their rows from the first to the last."""
    total = np.zeros((left.shape[1], right.shape[1]))
    for one, other in zip(left, right, strict=True):
        total += one[:, None] * other[None, :]
    return total
