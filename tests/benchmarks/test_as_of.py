"""The contestants of the as-of join give the same answers."""

from __future__ import annotations

import numpy as np

from tests.benchmarks.as_of import contestants, feast_rows, rows, workload
from tests.benchmarks.timing import Effort


def test_every_contestant_gives_the_same_answers() -> None:
    found = {name: np.asarray(answer()) for name, answer in contestants(workload(5_000, 1_000)).items()}
    assert np.isfinite(found["ours"]).any()
    for answer in found.values():
        np.testing.assert_array_equal(answer, found["ours"])


def test_rows_say_what_each_peer_took() -> None:
    made = rows(Effort(n_rounds=1, batch_s=0.0001), workload(500, 100))
    assert [row.beside.split()[0] for row in made] == ["pandas", "polars", "duckdb"]


def test_without_its_environment_feast_is_said_to_be_missing() -> None:
    (row,) = feast_rows(Effort(n_rounds=1, batch_s=0.0001), None, workload(500, 100))
    assert row.beside == "feast: not here, see python -m tests.benchmarks.peers"
