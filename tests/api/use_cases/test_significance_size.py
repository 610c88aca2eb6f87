"""Size and power are told with intervals, the same on any number of workers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from api.use_cases.significance_size import calibration
from nodes.kernels.significance.calibration import TESTS, Experiment

TINY = Experiment("normal", 60, 3, 0.0, 1.0, 0.05, 2.0, 39, 1)


def silent(_what: str, _done: int, _total: int) -> None:
    """Tells nobody."""


def test_size_says_whether_each_test_keeps_its_level_and_power_does_not(tmp_path: Path) -> None:
    size = calibration(TINY, 10, 1, silent, tmp_path / "kept.jsonl")
    power = calibration(replace(TINY, lead=1.0), 10, 1, silent, tmp_path / "kept.jsonl")
    assert [each.test for each in size.tests] == list(TESTS)
    assert {each.keeps_level for each in power.tests} == {None}
    assert all(each.keeps_level is (each.share.n_spoken <= size.nominal_to) for each in size.tests)
    assert power.tests[1].share.n_spoken > 8 > size.tests[1].share.n_spoken
    assert calibration(TINY, 10, 1, silent, tmp_path / "kept.jsonl") == size
