"""The alert board as metrics."""

from __future__ import annotations

from pathlib import Path

from adapters.sql.alert_board import AlertBoard
from adapters.telemetry.alert_facts import alert_collector
from adapters.telemetry.fact_collector import FactCollector
from tests.adapters.sql.board_samples import HandClock, armed, notice, telling


def shown(collector: FactCollector) -> dict[tuple[str, ...], float]:
    samples = (sample for family in collector.collect() for sample in family.samples)
    return {(each.name, *each.labels.values()): each.value for each in samples}


def test_the_board_is_shown_as_it_stands(tmp_path: Path) -> None:
    clock = HandClock()
    with AlertBoard(tmp_path / "board.db", clock) as board:
        board.armed(armed())
        board.raised(notice(), [telling(), telling("late", 500)])
        clock.move(40)
        found = shown(alert_collector(tmp_path / "board.db", clock))
    assert found == {
        ("assay_alert_board_up",): 1.0,
        ("assay_alert_delivery_late_seconds",): 40.0,
        ("assay_alert_conditions", "armed"): 1.0,
        ("assay_alert_deliveries", "desk", "waiting"): 1.0,
        ("assay_alert_deliveries", "late", "waiting"): 1.0,
        ("assay_alerts_active", "page"): 1.0,
    }


def test_a_home_without_a_board_shows_nothing(tmp_path: Path) -> None:
    assert shown(alert_collector(tmp_path / "board.db", HandClock())) == {}
    assert alert_collector(tmp_path / "board.db", HandClock()).describe() == []
    assert not list(tmp_path.iterdir()), "and makes none"


def test_a_board_that_cannot_be_read_says_so_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "board.db").write_bytes(b"no database at all, and long enough to be looked at" * 99)
    assert shown(alert_collector(tmp_path / "board.db", HandClock())) == {("assay_alert_board_up",): 0.0}
