"""The comparison of simulators runs small, and without its peers says so."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.benchmarks.simulator import ABSENT, Work, rows

TINY = Work(n_bars=3000, n_events=1500, n_decisions=5, n_flow=3000, n_repeats=1)


@pytest.mark.slow
def test_without_peers_our_own_rows_are_measured_and_theirs_are_absent(tmp_path: Path) -> None:
    """EXE-01, and the promise of rates reported apart."""
    found = rows(tmp_path, TINY, tmp_path / "nowhere")
    texts = [row.what for row in found]
    assert [row.measured for row in found if row.measured == ABSENT] == [ABSENT]
    assert [row.target for row in found if row.target] == [
        "1,000,000 bars/s",
        "300,000 events/s",
        "30,000 decisions/s",
    ]
    assert sum("queue" in text for text in texts) == 4
