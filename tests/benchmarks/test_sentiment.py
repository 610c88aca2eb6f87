"""The contestants over headlines are measured on the same work; how fast they are is for `make bench` to say."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters.sentiment.labels import labels
from tests.adapters.sentiment.made import LABELLED_AT
from tests.benchmarks import sentiment
from tests.benchmarks.timing import Effort


def test_every_contestant_reads_every_headline() -> None:
    for read in sentiment.readers().values():
        assert len(read(sentiment.HEADLINES)) == len(sentiment.HEADLINES)


def test_the_lines_are_printed() -> None:
    """SVC-SNT-04."""
    rows = sentiment.rows(Effort(n_rounds=1, batch_s=0.0001), n_single=3)
    assert [row.measured.rpartition(" ")[2] for row in rows[::2]] == ["texts/s", "texts/s"]
    assert all(" / " in row.measured for row in rows[1::2])


def test_the_peer_is_as_right_as_the_design_says(shared_data: Path) -> None:
    """DESIGN section 8: VADER 43.8 % on the shared headlines; our lexicon is beyond it."""
    found = labels(shared_data / "f2_fiqa_headlines_train.parquet", LABELLED_AT)
    assert sentiment.peer_measure(found).accuracy_frac == pytest.approx(0.438, abs=0.001)
