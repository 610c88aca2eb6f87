"""What policies in the shadow made of decisions, as metrics (ENG-11)."""

from __future__ import annotations

from pathlib import Path

from adapters.sql.shadow_board import ShadowBoard
from adapters.telemetry.fact_collector import FactCollector
from adapters.telemetry.shadow_facts import shadow_collector
from tests.adapters.sql.test_shadow_board import compared, row


def shown(collector: FactCollector) -> dict[tuple[str, ...], float]:
    samples = (sample for family in collector.collect() for sample in family.samples)
    return {(each.name, *each.labels.values()): each.value for each in samples}


def test_each_shadow_is_shown_with_what_it_would_have_decided_otherwise(tmp_path: Path) -> None:
    with ShadowBoard(tmp_path / "shadows.db") as board:
        board.compared(7, lambda start: compared(start, row(9), row(10, verdict="pass", shares=4)))
    assert shown(shadow_collector(tmp_path / "shadows.db")) == {
        ("assay_shadow_board_up",): 1.0,
        ("assay_shadow_compared_total", "7"): 5.0,
        ("assay_shadow_diverged_total", "7", "pass>deny"): 1.0,
        ("assay_shadow_diverged_total", "7", "same verdict"): 1.0,
    }


def test_a_home_without_shadows_shows_nothing_and_makes_no_file(tmp_path: Path) -> None:
    collector = shadow_collector(tmp_path / "shadows.db")
    assert shown(collector) == {}
    assert collector.describe() == []
    assert not list(tmp_path.iterdir())


def test_a_file_that_cannot_be_read_says_so_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "shadows.db").write_bytes(b"no database at all, and long enough to be looked at" * 99)
    assert shown(shadow_collector(tmp_path / "shadows.db")) == {("assay_shadow_board_up",): 0.0}
