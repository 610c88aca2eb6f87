from __future__ import annotations

from dataflows.research.identity import samples_digest, study_code_digest
from tests.dataflows.research.panels import small_plan
from tests.dataflows.research.small import small_table


def test_the_digest_of_samples_changes_with_any_of_their_values() -> None:
    table, again = small_table(), small_table()
    assert samples_digest(table) == samples_digest(again)
    again.samples.features[0, 0] += 1e-12
    assert samples_digest(table) != samples_digest(again)


def test_the_digest_of_the_code_is_the_same_each_time() -> None:
    assert study_code_digest(small_plan()) == study_code_digest(small_plan())
    assert len(study_code_digest(small_plan())) == 32
