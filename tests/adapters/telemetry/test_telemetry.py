"""The telemetry of one process: what is counted under which name."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

from structlog.testing import capture_logs

from adapters.sql.sqlite import sqlite_log
from adapters.telemetry.lines import LineSink
from adapters.telemetry.logs import OrderLine
from adapters.telemetry.telemetry import MAX_UNCOUNTED, Telemetry
from tests.governance.examples import ORIGIN

LINE = OrderLine(datetime(2026, 11, 23, tzinfo=UTC), "ab", "paper", "ana", "AAPL", "deny", "deny", 0, 4.0)


def test_an_answered_order_is_counted_observed_and_written(tmp_path: Path) -> None:
    with LineSink(os.open(tmp_path / "lines", os.O_CREAT | os.O_WRONLY)) as sink:
        telemetry = Telemetry(sink)
        telemetry.ordered(lambda: LINE)
    value = telemetry.counted.registry.get_sample_value
    assert value("assay_decisions_total", {"verdict": "deny", "action": "deny"}) == 1
    assert value("assay_order_seconds_sum", {"hop": "total"}) == 0.004
    assert (tmp_path / "lines").read_bytes().count(b"\n") == 1


def test_orders_are_counted_and_told_together_before_there_are_too_many() -> None:
    telemetry = Telemetry()
    made: list[int] = []

    def line() -> OrderLine:
        made.append(1)
        return LINE

    for _ in range(MAX_UNCOUNTED - 1):
        telemetry.ordered(line)
    assert not made
    telemetry.ordered(line)
    assert len(made) == MAX_UNCOUNTED
    counted = telemetry.counted.registry.get_sample_value
    assert counted("assay_decisions_total", {"verdict": "deny", "action": "deny"}) == MAX_UNCOUNTED


def test_an_exposition_counts_every_order_that_was_answered_before_it(tmp_path: Path) -> None:
    telemetry = Telemetry()
    telemetry.ordered(lambda: LINE)
    text = telemetry.exposition(sqlite_log(tmp_path / "log.db", ORIGIN))
    assert b'assay_decisions_total{action="deny",verdict="deny"} 1.0' in text


def test_requests_and_refusals_are_counted_by_closed_lists() -> None:
    telemetry = Telemetry()
    for _ in range(2):
        telemetry.requested("/api/v1/plan", "GET", 401)
        telemetry.refused("unauthenticated", 401)
    telemetry.refused("rate-limited", 429)
    value = telemetry.counted.registry.get_sample_value
    assert value("assay_requests_total", {"route": "/api/v1/plan", "method": "GET", "status": "401"}) == 2
    assert value("assay_auth_refused_total", {"reason": "unauthenticated"}) == 2
    assert value("assay_problems_total", {"reason": "unauthenticated", "status": "401"}) == 2
    assert value("assay_rate_limited_total") == 1


def test_an_exposition_serves_whoever_asks_within_a_second(tmp_path: Path) -> None:
    telemetry, log = Telemetry(), sqlite_log(tmp_path / "log.db", ORIGIN)
    first = telemetry.exposition(log)
    telemetry.refused("not-found", 404)
    assert telemetry.exposition(log) is first
    assert b"assay_log_up 1.0" in first


def test_rounds_that_went_wrong_are_counted_and_ever_fewer_of_a_row_are_written() -> None:
    telemetry = Telemetry()
    with capture_logs() as lines:
        for n_failed in range(1, 9):
            telemetry.went_round("dispatcher", KeyError("lost"), n_failed)
        telemetry.went_round("dispatcher", None, 0)
    assert [line.get("n_failed") for line in lines] == [1, 2, 4, 8, None]
    assert isinstance(lines[0]["exc_info"], KeyError)
    value = telemetry.counted.registry.get_sample_value
    assert value("assay_background_failures_total", {"work": "dispatcher"}) == 8
