"""Folds keep groups whole, are even, and are the same each time."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.kernels.grouped_folds import grouped_folds, linked_groups
from nodes.vocabulary.errors import DataError


@given(st.lists(st.integers(0, 12), min_size=20, max_size=60).filter(lambda groups: len(set(groups)) > 4))
def test_a_group_never_sits_in_two_folds_and_every_fold_is_used(groups: list[int]) -> None:
    folds = grouped_folds(groups, 5)

    assert len(set(zip(groups, folds.tolist(), strict=True))) == len(set(groups))
    assert set(folds.tolist()) == set(range(5))


def test_folds_are_as_even_as_whole_groups_allow() -> None:
    assert np.bincount(grouped_folds(list("aaabbcde"), 2)).tolist() == [4, 4]


def test_too_few_groups_are_refused() -> None:
    with pytest.raises(DataError, match="2 groups cannot make 5 folds; supply more labels"):
        grouped_folds(["a", "b", "a"], 5)


def test_rows_are_linked_over_any_key_and_over_each_other() -> None:
    headlines = ["x", "x", "y", "z", "w"]
    targets = ["Tesco", "BP", "BP", "Shell", "Aviva"]

    assert linked_groups(headlines, targets) == [0, 0, 0, 3, 4]


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=40))
def test_linked_groups_are_the_smallest_that_split_no_key(rows: list[tuple[int, int]]) -> None:
    graph = nx.Graph([(("l", left), ("r", right)) for left, right in rows])
    groups = linked_groups([left for left, _ in rows], [right for _, right in rows])

    assert len(set(groups)) == nx.number_connected_components(graph)
