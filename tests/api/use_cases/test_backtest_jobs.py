"""Backtests as jobs: asked once, kept with page and tables, told to programs."""

from __future__ import annotations

import io
import json
from pathlib import Path

import msgspec
import polars as pl
import pytest

from adapters.sql.jobs import JobBox
from api.bootstrap import shell_clock
from api.use_cases.backtest_jobs import asked_backtest, backtest_result, formatted, result_tables
from nodes.vocabulary.canonical import digest_text
from nodes.vocabulary.errors import EdgeError, PolicyError
from tests.api.backtest_samples import asked, ran_backtest


def test_the_result_has_every_figure_with_its_ids() -> None:
    ran = ran_backtest()
    assert ran.result == msgspec.convert(msgspec.to_builtins(backtest_result(ran.found)), type(ran.result))
    assert set(ran.result.figures) == {figure.name for figure in ran.found.figures}
    assert ran.result.assumptions_digest == digest_text(ran.found.assumptions.digest)
    assert len(ran.result.figures["max_drawdown_frac"].traced) == 2
    assert [each.name for each in ran.result.comparisons] == list(asked().changes)


def test_a_table_is_written_in_every_format() -> None:
    ran = ran_backtest()
    frame = pl.read_parquet(io.BytesIO(ran.orders))
    assert frame.equals(result_tables(ran.found)["orders"])
    assert formatted(ran.orders, "parquet") == ran.orders
    assert formatted(ran.orders, "csv").decode().splitlines()[0].split(",")[0] == "decision_id"
    assert len(json.loads(formatted(ran.orders, "json"))) == frame.height
    with pytest.raises(EdgeError, match="format 'xlsx' is unknown; take one of parquet, csv, json"):
        formatted(ran.orders, "xlsx")


def test_a_backtest_is_asked_once_and_refused_where_it_cannot_be(tmp_path: Path) -> None:
    wanted = asked()
    with JobBox(tmp_path / "jobs.db", shell_clock) as box:
        first = asked_backtest(box, wanted, "quant")
        assert asked_backtest(box, wanted, "quant") == first
        with pytest.raises(PolicyError, match="expected a number"):
            asked_backtest(box, msgspec.structs.replace(wanted, changes=("spread_frac=wide",)), "quant")
        with pytest.raises(EdgeError, match="9 changes were asked for, at most 8 may be"):
            asked_backtest(box, msgspec.structs.replace(wanted, changes=("seed=1",) * 9), "quant")
        faulty = msgspec.structs.replace(wanted, assumptions=wanted.assumptions.replace("seed:", "sead:"))
        with pytest.raises(PolicyError, match="sead is no parameter"):
            asked_backtest(box, faulty, "quant")
