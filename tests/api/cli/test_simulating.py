"""`assay simulate` tries orders in markets that were recorded or made up."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from tests.api.cli.invoking import answer, invoked


@pytest.fixture
def market(tmp_path: Path) -> Path:
    """A bid of 10.00 behind which 100 shares are, an offer of 10.01, and sellers of 80, 30 and 50."""
    second = 1_000_000_000
    rows = {
        "at_ns": [0, 0, 2 * second, 3 * second, 4 * second, 5 * second],
        "kind": [8, 8, 10, 10, 10, 10],
        "side": [1, -1, 1, 1, 1, 0],
        "price_e4": [100_000, 100_100, 100_000, 100_000, 100_000, 100_050],
        "shares": [100, 100, 80, 30, 50, -1],
    }
    path = tmp_path / "market.csv"
    pl.DataFrame(rows).write_csv(path)
    return path


def test_an_order_shows_its_fills_and_what_the_recording_left_out(market: Path) -> None:
    """EXE-01: the documented queue, from a file."""
    words = f"simulate order {market} --side buy --shares 50 --type limit --limit 10 --latency-ms 0 --after 1 --json"
    found = json.loads(answer(*words.split()))
    assert [fill["shares"] for fill in found["fills"]] == [10, 40]
    assert (found["orders"][0]["ahead_shares"], found["counts"]) == (100, {"size": 1})
    shown = answer(*words.removesuffix(" --json").split())
    assert "50 shares in 2 fills, rebates $0.1000, position 50" in shown


def test_quotes_and_latencies_need_no_recording() -> None:
    assert json.loads(answer(*["simulate", "quotes", "--latency-ms", "5", "--json"]))["n_fills"] > 100
    shown = answer(*["simulate", "latency", "--side", "sell", "--shares", "1500", "--at-ms", "0,900"])
    assert "the same order, slower and slower" in shown


@pytest.mark.parametrize(
    ("words", "fault"),
    [
        ("--type limit", "limit_e4 of a LIMIT order was None"),
        ("--latency-ms 1:2:3", "--latency-ms was 1:2:3, expected one figure or two"),
        ("--latency-ms soon", "soon holds no numbers"),
        ("--tick 0", "--tick was 0.0, expected at least 0.0001"),
    ],
)
def test_what_makes_no_order_or_market_says_why(words: str, fault: str) -> None:
    ended = invoked(*f"simulate order --side buy --shares 5 {words}".split())
    assert ended.exit_code == 11
    assert fault in " ".join(ended.stderr.split())
