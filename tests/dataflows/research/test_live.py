"""What is archived of a study to watch its version by. Following a version over real bars: tests of `model_live`."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dataflows.research.live import (
    MAX_REFERENCE_ROWS,
    model_reference,
    reference_bytes,
    reference_from_bytes,
)
from dataflows.research.outcome import study_outcome
from nodes.vocabulary.canonical import encode
from nodes.vocabulary.errors import DataError
from tests.dataflows.research.small import POLICY, small_done, small_table

TABLE = small_table(edge=0.6)
WORK, DONE = small_done(TABLE)
OUTCOME = study_outcome(TABLE, WORK.data, WORK.design.book, DONE)
REFERENCE = model_reference(POLICY.encode(), TABLE, OUTCOME)


def test_a_reference_holds_the_rows_that_were_tested_with_what_was_said_of_them_out_of_sample() -> None:
    tested = np.flatnonzero(np.isfinite(OUTCOME.predictions))
    assert 0 < len(tested) <= MAX_REFERENCE_ROWS
    assert REFERENCE.sample.names == TABLE.samples.names
    assert (REFERENCE.sample.predictions == OUTCOME.predictions[tested]).all()
    assert (REFERENCE.sample.features == TABLE.samples.features[tested]).all()
    assert (REFERENCE.sample.sessions == TABLE.samples.spans.starts[tested]).all()


def test_a_reference_holds_the_record_that_was_promised_and_where_it_ends() -> None:
    assert REFERENCE.mean_return == OUTCOME.chosen.mean()
    assert REFERENCE.deviation == pytest.approx(OUTCOME.chosen.std(ddof=1))
    assert REFERENCE.centre == OUTCOME.final.result.centre
    assert REFERENCE.last_on == TABLE.market.sessions[-1]


def test_a_reference_is_read_from_its_bytes_as_it_was() -> None:
    data = reference_bytes(REFERENCE)
    again = reference_from_bytes(data)
    assert reference_bytes(again) == data
    assert (again.policy, again.last_on) == (REFERENCE.policy, REFERENCE.last_on)


def test_a_study_that_tested_nothing_has_no_reference() -> None:
    nothing = replace(OUTCOME, predictions=np.full(len(TABLE.samples), np.nan))
    with pytest.raises(DataError, match="no sample of the study was predicted"):
        model_reference(b"", TABLE, nothing)


@pytest.mark.parametrize(
    "data", [encode(None), encode({"sample": {}}), encode({"policy": b"", "sample": {"names": []}})]
)
def test_other_bytes_are_no_reference(data: bytes) -> None:
    with pytest.raises(DataError, match="bytes hold no reference"):
        reference_from_bytes(data)
