"""How much a label says that no other label of its share says too."""

from __future__ import annotations

from nodes.kernels.arrays import array, column, whole_column
from nodes.kernels.label_panels import concurrent_labels, return_weighted_labels, unique_labels
from nodes.vocabulary.units import CountColumn, FracColumn, Panel, ScoreColumn, Segments


def label_concurrency_count(barrier_exits: Panel, session_number_count: CountColumn, segments: Segments) -> CountColumn:
    """How many of the share's labels are made of each bar.

    Formula: sum over the share's labels of 1[event's session <= bar's session <= label's end]
    Unit: labels. Missing: never; 0 where no label is made of the bar.
    Source: Lopez de Prado (2018), Advances in Financial Machine Learning, snippet 4.1.
    """
    counts = concurrent_labels(barrier_exits, session_number_count.to_numpy(), segments)
    return CountColumn(whole_column(counts))


def label_uniqueness_frac(barrier_exits: Panel, session_number_count: CountColumn, segments: Segments) -> FracColumn:
    """Average uniqueness of a label: 1 when none of its bars is shared with another of the share's labels.

    Formula: mean over the label's bars of 1 / concurrency
    Unit: fraction. Missing: null on rows without a label.
    Source: Lopez de Prado (2018), snippet 4.2.
    """
    return FracColumn(column(unique_labels(barrier_exits, session_number_count.to_numpy(), segments)))


def label_weight_score(
    barrier_exits: Panel, log_return_frac: FracColumn, session_number_count: CountColumn, segments: Segments
) -> ScoreColumn:
    """Weight of a label by the size of the return that it has to itself; a share's weights average 1.

    Formula: |sum over the label's bars of log return / concurrency|, times labels / their sum
    Unit: ratio. Missing: null on rows without a label.
    Source: Lopez de Prado (2018), snippet 4.10.
    """
    session = session_number_count.to_numpy()
    return ScoreColumn(column(return_weighted_labels(barrier_exits, array(log_return_frac), session, segments)))
