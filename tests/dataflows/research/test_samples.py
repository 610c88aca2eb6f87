from __future__ import annotations

import numpy as np

from tests.dataflows.research.small import small_table


def test_some_rows_keep_all_that_belongs_to_them() -> None:
    samples = small_table().samples
    places = np.array([3, 7, 20], np.int64)
    some = samples.rows(places)
    assert len(some) == 3
    assert some.keys.rows() == [samples.keys.row(place) for place in places.tolist()]
    assert some.features.tolist() == samples.features[places].tolist()
    assert (some.target.tolist(), some.weights.tolist()) == (samples.target[places].tolist(), [1.0] * 3)
    assert some.returns.tolist() == samples.returns[places].tolist()
    assert some.spans.ends.tolist() == samples.spans.ends[places].tolist()
    assert (some.names, some.kind) == (samples.names, samples.kind)
