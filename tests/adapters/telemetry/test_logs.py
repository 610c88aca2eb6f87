"""Structured logs: what a line holds, and what it never holds."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import structlog

from adapters.telemetry.lines import LineSink
from adapters.telemetry.logs import HIDDEN, OrderLine, OrderLog, configured_logs, hidden

AT = datetime(2026, 11, 23, 14, 30, tzinfo=UTC)
LINE = OrderLine(AT, "ab" * 32, "paper", "ana", "AAPL", "pass", "act", 100, 3.25, trace_id="4bf92f35")
JWT = "eyJhbGciOiJFZERTQSJ9.eyJzdWIiOiJhbmEifQ.c2lnbmF0dXJl"


@pytest.fixture
def sink(tmp_path: Path) -> Iterator[LineSink]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    with LineSink(os.open(tmp_path / "log", os.O_CREAT | os.O_WRONLY | os.O_APPEND), flush_s=60) as sink:
        yield sink
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()


@pytest.fixture
def lines(sink: LineSink, tmp_path: Path) -> Callable[[], list[dict[str, Any]]]:
    def read() -> list[dict[str, Any]]:
        sink.flush()
        return [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]

    return read


Lines = Callable[[], list[dict[str, Any]]]


def test_a_line_is_one_json_object_with_level_instant_and_what_is_bound(sink: LineSink, lines: Lines) -> None:
    """OPS-05."""
    configured_logs(sink, "info")
    with structlog.contextvars.bound_contextvars(trace_id="4bf92f35", span_id="00f067aa", principal="ana"):
        structlog.get_logger().info("policy activated", sequence=7)
    (line,) = lines()
    assert line.pop("timestamp").endswith("Z")
    assert line == {
        "event": "policy activated",
        "level": "info",
        "sequence": 7,
        "trace_id": "4bf92f35",
        "span_id": "00f067aa",
        "principal": "ana",
    }


def test_lines_below_the_level_are_not_written(sink: LineSink, lines: Lines) -> None:
    configured_logs(sink, "warning")
    structlog.get_logger().info("quiet")
    logging.getLogger("granian").info("quiet too")
    OrderLog(sink, "warning").write(LINE)
    structlog.get_logger().warning("loud")
    assert [line["event"] for line in lines()] == ["loud"]


def test_lines_of_the_standard_library_come_out_in_the_same_form(sink: LineSink, lines: Lines) -> None:
    configured_logs(sink, "info")
    logging.getLogger("granian").warning("worker %d with token %s", 2, JWT)
    (line,) = lines()
    assert (line["event"], line["logger"], line["level"]) == (f"worker 2 with token {HIDDEN}", "granian", "warning")


def test_an_exception_is_told_in_the_line(sink: LineSink, lines: Lines) -> None:
    configured_logs(sink, "info")
    try:
        raise KeyError("AAPL")  # noqa: TRY301  # an exception with a traceback is what is logged
    except KeyError:
        structlog.get_logger().exception("failed")
    (line,) = lines()
    assert "KeyError: 'AAPL'" in line["exception"]


def test_the_line_of_an_order_says_who_what_and_how_long(sink: LineSink, lines: Lines) -> None:
    OrderLog(sink, "info").write(LINE)
    (line,) = lines()
    assert line == {
        "event": "order",
        "level": "info",
        "timestamp": "2026-11-23T14:30:00Z",
        "decision_id": "ab" * 32,
        "account_id": "paper",
        "principal": "ana",
        "symbol": "AAPL",
        "verdict": "pass",
        "action": "act",
        "order_shares": 100,
        "took_ms": 3.25,
        "trace_id": "4bf92f35",
    }


@pytest.mark.parametrize(
    "name",
    [
        "authorization",
        "Authorization",
        "token",
        "access_token",
        "key",
        "signing_key",
        "X-Api-Key",
        "password",
        "salt_key",
    ],
)
def test_a_field_named_like_a_secret_is_hidden(name: str) -> None:
    assert hidden(None, "info", {name: "value"}) == {name: HIDDEN}


@pytest.mark.parametrize(
    "text",
    [
        f"Bearer {JWT}",
        f"refused {JWT} of ana",
        "bearer abc.def/ghi==",
        "PRIVATE+KEY+paper+1a2b3c4d+AAAA",
        "-----BEGIN PRIVATE KEY-----\nMC4CAQ\n-----END PRIVATE KEY-----",
        "postgresql://assay:pa55@localhost/assay",
        "secret whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw was refused",
    ],
)
def test_a_text_that_looks_like_a_secret_is_hidden_wherever_it_stands(text: str) -> None:
    event = hidden(None, "info", {"event": text, "headers": [("x", {"deep": text})], "raised": ValueError(text)})
    for secret in (JWT, "abc.def", "AAAA", "MC4CAQ", "pa55", "MfKQ9r8G"):
        assert secret not in json.dumps(event)


def test_what_is_no_secret_stays() -> None:
    event = {"idempotency_key": "k-1", "symbol": "KEY", "n": 3, "share": 0.5, "none": None, "digest": b"\x01\xff"}
    assert hidden(None, "info", dict(event)) == {**event, "digest": "01ff"}
