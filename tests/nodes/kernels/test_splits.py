"""No training span meets what is tested, embargoes hold, every sample is tested as often as it should be."""

from __future__ import annotations

from itertools import pairwise
from math import comb

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from purgedcv import CombinatorialPurgedCV

from nodes.kernels.spans import Spans, sorted_spans
from nodes.kernels.splits import Split, combinatorial_purged, held_out, purged_folds, walk_forward
from nodes.vocabulary.errors import DataError


@st.composite
def many_spans(draw: st.DrawFn) -> Spans:
    """60 to 100 spans of up to 6 times each, some of them starting together, and enough of them to be cut."""
    n_times = draw(st.integers(60, 100))
    draws = np.random.default_rng(draw(st.integers(0, 2**32)))
    starts = draws.integers(0, n_times, n_times)
    return sorted_spans(starts, starts + draws.integers(0, draw(st.integers(1, 6)), n_times))[0]


def leaks(spans: Spans, split: Split, embargo: int) -> list[tuple[int, int]]:
    """Pairs of a training and a tested sample that overlap, or where training starts within the embargo, by a loop."""
    return [
        (train, test)
        for train in split.train.tolist()
        for test in split.test.tolist()
        if spans.starts[train] <= spans.ends[test] + embargo and spans.ends[train] >= spans.starts[test]
    ]


def kept_needlessly_out(spans: Spans, split: Split, embargo: int) -> list[int]:
    """Samples that are neither learnt from nor tested though they meet no tested sample."""
    left = set(range(len(spans))) - set(split.train.tolist()) - set(split.test.tolist())
    alone = [Split(np.array([sample]), split.test) for sample in sorted(left)]
    return [int(one.train[0]) for one in alone if not leaks(spans, one, embargo)]


@settings(max_examples=25)
@given(many_spans(), st.integers(2, 5), st.integers(0, 4))
def test_no_purged_training_span_meets_a_tested_span_or_its_embargo(spans: Spans, n_folds: int, embargo: int) -> None:
    """ML-01: no test index overlaps a label's horizon."""
    splits = purged_folds(spans, n_folds, embargo)

    assert not [leaks(spans, split, embargo) for split in splits if leaks(spans, split, embargo)]
    assert not [sample for split in splits for sample in kept_needlessly_out(spans, split, embargo)]
    assert np.sort(np.concatenate([split.test for split in splits])).tolist() == list(range(len(spans)))


@settings(max_examples=25)
@given(many_spans(), st.integers(3, 5), st.data(), st.integers(0, 2))
def test_combinatorial_splits_leak_nothing_and_cover_every_path(
    spans: Spans, n_groups: int, data: st.DataObject, embargo: int
) -> None:
    """ML-01."""
    n_test = data.draw(st.integers(1, n_groups - 2))
    found = combinatorial_purged(spans, n_groups, n_test, embargo)

    assert not [leaks(spans, split, embargo) for split in found.splits if leaks(spans, split, embargo)]
    assert len(found.splits) == comb(n_groups, n_test)
    assert found.paths.shape == (comb(n_groups - 1, n_test - 1), n_groups)
    times_tested = np.bincount(np.concatenate([split.test for split in found.splits]), minlength=len(spans))
    assert set(times_tested.tolist()) == {len(found.paths)}
    pairs = [(split, group) for path in found.paths.tolist() for group, split in enumerate(path)]
    assert sorted(pairs) == sorted((split, group) for split, row in enumerate(found.tested) for group in row.tolist())


@settings(max_examples=25)
@given(many_spans(), st.integers(1, 3), st.integers(0, 2))
def test_walking_forward_learns_only_from_what_was_over_before(spans: Spans, n_folds: int, embargo: int) -> None:
    """ML-01."""
    splits = walk_forward(spans, n_folds, embargo)

    for split in splits:
        assert spans.ends[split.train].max() + embargo < spans.starts[split.test].min()
    assert all(spans.starts[one.test].max() < spans.starts[two.test].min() for one, two in pairwise(splits))
    assert len(np.concatenate([split.test for split in splits])) == len(set(np.concatenate([s.test for s in splits])))


@pytest.mark.parametrize(("n_groups", "n_test", "n_splits", "n_paths"), [(6, 2, 15, 5), (10, 8, 45, 36)])
def test_the_books_numbers_of_splits_and_paths_come_out(
    n_groups: int, n_test: int, n_splits: int, n_paths: int
) -> None:
    spans = Spans(np.arange(200), np.arange(200))
    found = combinatorial_purged(spans, n_groups, n_test)

    assert (len(found.splits), len(found.paths)) == (n_splits, n_paths)


def test_six_groups_give_the_books_first_path() -> None:
    """AFML figure 12.1 and 12.2: path 1 is (G1,S1), (G2,S1), (G3,S2), (G4,S3), (G5,S4), (G6,S5)."""
    found = combinatorial_purged(Spans(np.arange(60), np.arange(60)), 6, 2)

    assert found.paths[0].tolist() == [0, 0, 1, 2, 3, 4]
    assert found.paths[1].tolist() == [1, 5, 5, 6, 7, 8]


def test_a_path_takes_each_sample_from_the_split_that_its_group_says() -> None:
    found = combinatorial_purged(Spans(np.arange(12), np.arange(12)), 4, 2)
    values = found.path_values([np.full(len(split.test), float(number)) for number, split in enumerate(found.splits)])

    assert values.tolist() == [[float(path[group]) for group in found.group_of] for path in found.paths]


def test_splits_equal_those_of_purgedcv_where_labels_are_points() -> None:
    found = combinatorial_purged(Spans(np.arange(90), np.arange(90)), 6, 2)
    days = pd.Series(pd.date_range("2024-01-01", periods=90))
    peer = CombinatorialPurgedCV(6, 2, prediction_times=days, evaluation_times=days)
    theirs = [(train.tolist(), test.tolist()) for train, test in peer.split(np.zeros((90, 1)))]

    assert [(split.train.tolist(), split.test.tolist()) for split in found.splits] == theirs


def test_samples_that_start_together_are_tested_together() -> None:
    spans = Spans(np.repeat(np.arange(10), 3), np.repeat(np.arange(10), 3))
    for split in purged_folds(spans, 4):
        assert not set(spans.starts[split.test].tolist()) & set(spans.starts[split.train].tolist())


def test_a_training_span_that_ends_on_the_first_tested_bar_is_purged() -> None:
    spans = Spans(np.arange(6), np.array([0, 1, 3, 3, 4, 5]))
    assert purged_folds(spans, 2)[1].train.tolist() == [0, 1]


def test_a_rolling_walk_forgets_what_lies_further_back_than_its_length() -> None:
    split = walk_forward(Spans(np.arange(40), np.arange(40)), 3, train_length=5)[2]
    assert split.train.tolist() == [25, 26, 27, 28, 29]


@pytest.mark.parametrize("n_folds", [0, 1, 31])
def test_folds_that_cannot_be_made_are_refused(n_folds: int) -> None:
    with pytest.raises(DataError, match=f"30 distinct starts cannot be cut into {n_folds} groups"):
        purged_folds(Spans(np.arange(30), np.arange(30)), n_folds)


def test_labels_so_long_that_nothing_is_left_to_learn_from_are_refused() -> None:
    spans = Spans(np.arange(30), np.arange(30) + 29)
    with pytest.raises(DataError, match="fold 1 of 3 leaves no training sample: all spans meet its 10 tested ones"):
        purged_folds(spans, 3)


def test_an_empty_sample_a_negative_embargo_and_too_many_test_groups_are_refused() -> None:
    empty, some = Spans(np.empty(0, np.int64), np.empty(0, np.int64)), Spans(np.arange(9), np.arange(9))
    with pytest.raises(DataError, match="0 samples with 0 distinct starts"):
        walk_forward(empty, 3)
    with pytest.raises(DataError, match="an embargo of -1 would let tests"):
        walk_forward(some, 3, embargo=-1)
    with pytest.raises(DataError, match="3 test groups of 3 leave no split"):
        combinatorial_purged(some, 3, 3)


def test_predictions_that_do_not_match_their_splits_are_refused() -> None:
    found = combinatorial_purged(Spans(np.arange(9), np.arange(9)), 3, 1)
    with pytest.raises(DataError, match="2 predictions meet 3 splits"):
        found.path_values([np.zeros(3)] * 2)
    with pytest.raises(DataError, match="split 1 tests 3 samples and has 2 predictions"):
        found.path_values([np.zeros(3), np.zeros(2), np.zeros(3)])


@settings(max_examples=25)
@given(many_spans(), st.integers(0, 2**32))
def test_what_is_held_out_around_a_tested_start_is_what_no_training_span_meets(spans: Spans, seed: int) -> None:
    """LBL-02: measured on any choice of training samples, leaking ones too."""
    draws = np.random.default_rng(seed).random(len(spans))
    split = Split(np.flatnonzero(draws < 0.2), np.flatnonzero(draws > 0.8))
    first, last = held_out(spans, split)
    met = {time for row in split.train for time in range(int(spans.starts[row]), int(spans.ends[row]) + 1)}

    for at, since, until in zip(spans.starts[split.test].tolist(), first.tolist(), last.tolist(), strict=True):
        if at in met:
            assert until < since
            continue
        assert since <= at <= until
        assert not met & set(range(max(since, -5), min(until, 200) + 1))
        assert since - 1 in met or since < -5
        assert until + 1 in met or until > 200
