"""The as-of join of a million facts beside pandas, polars and DuckDB: the same answers, asked the same way.

All contestants answer in full: the newest event's newest revision, ties by sequence. Their own as-of joins take the
revision that was known last, whatever period it is of, so each needs a running maximum of the events first. Feast, in
an environment of its own, is given what that running maximum leaves, on a smaller join: of the million it was not done
after five minutes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import polars as pl

from nodes.kernels.as_of import newest_known
from tests.benchmarks.peers import COMMAND, peer
from tests.benchmarks.timing import Effort, Row, figure_us, side_by_side

N_FACTS, N_QUESTIONS, N_SYMBOLS = 1_000_000, 200_000, 500
_DAY_NS = 86_400_000_000_000
_SECOND_NS = 1_000_000_000
_N_DAYS = 5000
_N_ROUNDS = 5
_MAX_LAG_S = 60 * 86_400
_START_NS = 1_000_000_000 * _SECOND_NS
N_FEAST_FACTS, N_FEAST_QUESTIONS = 50_000, 10_000
_FEAST = Path(__file__).with_name("feast_turns.py")
_FRAME = ["known_at", "event_at", "sequence"]
_DUCK = """
with running as (
    select *, max(event_at) over (partition by symbol order by known_at, event_at, sequence
                                  rows unbounded preceding) as newest_at from facts),
steps as (
    select * from running where event_at >= newest_at
    qualify row_number() over (partition by symbol, known_at order by event_at desc, sequence desc) = 1)
select value from questions asof left join steps
on questions.symbol = steps.symbol and questions.at >= steps.known_at order by number
"""


@dataclass(frozen=True)
class Workload:
    """Facts as the lake keeps them, by key and event, and questions in no order."""

    facts: pl.DataFrame
    questions: pl.DataFrame


def workload(n_facts: int = N_FACTS, n_questions: int = N_QUESTIONS) -> Workload:
    """Facts of daily events, each known within sixty days of it."""
    random = np.random.default_rng(7)
    names = pl.Series([f"S{number:04d}" for number in range(N_SYMBOLS)])
    event = random.integers(0, _N_DAYS, n_facts) * _DAY_NS + _START_NS
    known = event + random.integers(1, _MAX_LAG_S, n_facts) * _SECOND_NS
    instants = pl.col("event_at", "known_at").cast(pl.Datetime("ns", "UTC"))
    facts = pl.DataFrame(
        {
            "symbol": names[random.integers(0, N_SYMBOLS, n_facts)],
            "event_at": event,
            "known_at": known,
            "sequence": np.arange(n_facts),
            "value": random.normal(size=n_facts),
        }
    ).with_columns(instants)
    at = random.integers(0, _N_DAYS * 86_400, n_questions) * _SECOND_NS + _START_NS
    questions = pl.DataFrame({"symbol": names[random.integers(0, N_SYMBOLS, n_questions)], "at": at})
    return Workload(
        facts.sort("symbol", *_FRAME[1::-1], "sequence"),
        questions.with_columns(pl.col("at").cast(pl.Datetime("ns", "UTC"))),
    )


def contestants(work: Workload) -> dict[str, Callable[[], np.ndarray]]:
    """Each answers all questions, in their order."""
    return {
        "ours": partial(_ours, work),
        "pandas": _pandas(work),
        "polars": partial(_polars, work),
        "duckdb": _duckdb(work),
    }


def _ours(work: Workload) -> np.ndarray:
    return newest_known(work.facts, ["symbol"], work.questions, ["value"])["value"].to_numpy()


def _pandas(work: Workload) -> Callable[[], np.ndarray]:
    facts, questions = work.facts.to_pandas(), work.questions.to_pandas()

    def answered() -> np.ndarray:
        ordered = facts.sort_values(_FRAME)
        events = ordered["event_at"].astype("int64")
        steps = ordered[events >= events.groupby(ordered["symbol"]).cummax()]
        asked = questions.reset_index().sort_values("at")
        found = pd.merge_asof(asked, steps, left_on="at", right_on="known_at", by="symbol")
        values: np.ndarray = found.sort_values("index")["value"].to_numpy()
        return values

    return answered


def _polars(work: Workload) -> np.ndarray:
    ordered = work.facts.sort("symbol", *_FRAME)
    steps = ordered.filter(pl.col("event_at") >= pl.col("event_at").cum_max().over("symbol")).sort("known_at")
    asked = work.questions.with_row_index("number").sort("at")
    found = asked.join_asof(steps, left_on="at", right_on="known_at", by="symbol", check_sortedness=False)
    return found.sort("number")["value"].to_numpy()


def _duckdb(work: Workload) -> Callable[[], np.ndarray]:
    connection = duckdb.connect()
    facts, questions = work.facts.to_arrow(), work.questions.with_row_index("number").to_arrow()
    for name, table in (("facts", facts), ("questions", questions)):
        connection.register(f"{name}_given", table)
        connection.execute(f"create table {name} as select * from {name}_given")  # noqa: S608  # names of our own

    def answered() -> np.ndarray:
        return np.ma.filled(np.ma.asarray(connection.execute(_DUCK).fetchnumpy()["value"]), np.nan)

    return answered


def rows(effort: Effort, work: Workload | None = None) -> list[Row]:
    """The join's time beside each peer's."""
    given = work or workload()
    spent = side_by_side(contestants(given), replace(effort, n_rounds=min(effort.n_rounds, _N_ROUNDS)))
    what = f"as-of join of {given.facts.height:,} facts by {given.questions.height:,} questions"
    targets = {"pandas": 10.0, "polars": 1.0, "duckdb": 1.0}
    return [
        Row(
            what,
            figure_us(spent["ours"]),
            f"{name} {figure_us(spent[name])}",
            f"{spent[name] / spent['ours']:.1f}x",
            f"{target:.0f}x",
            spent[name] >= target * spent["ours"],
        )
        for name, target in targets.items()
    ]


def feast_rows(effort: Effort, python: Path | None, work: Workload | None = None) -> list[Row]:
    """The join beside Feast's, over each of two offline stores.

    Args:
        effort: how often we take our turn.
        python: interpreter of Feast's environment; without it the line says how to make it.
        work: what is joined.
    """
    given = work or workload(N_FEAST_FACTS, N_FEAST_QUESTIONS)
    what = f"as-of join of {given.facts.height:,} facts by {given.questions.height:,} questions"
    ours = side_by_side({"ours": partial(_ours, given)}, replace(effort, n_rounds=min(effort.n_rounds, _N_ROUNDS)))
    if python is None:
        return [Row(what, figure_us(ours["ours"]), f"feast: not here, see {COMMAND}", "", "1x")]
    rows = []
    with peer(python, _FEAST, _feast_data(given)) as feast:
        for kind in ("duckdb", "dask"):
            turn = feast.turn(kind)
            _require_same(kind, turn.found, _ours(given))
            beside, ratio = f"feast over {kind} {figure_us(turn.seconds * 1e6)}", turn.seconds * 1e6 / ours["ours"]
            rows.append(Row(what, figure_us(ours["ours"]), beside, f"{ratio:.0f}x", "1x", ratio >= 1.0))
    return rows


def _feast_data(work: Workload) -> dict[str, np.ndarray]:
    ordered = work.facts.sort("symbol", *_FRAME)
    steps = ordered.filter(pl.col("event_at") >= pl.col("event_at").cum_max().over("symbol"))
    steps = steps.unique(["symbol", "known_at"], keep="last", maintain_order=True)
    number, seconds = pl.col("symbol").str.slice(1).cast(pl.Int64), pl.col("known_at").dt.epoch("s")
    told = steps.select(number, seconds.alias("at"), "value")
    asked = work.questions.select(number.alias("asked_symbol"), pl.col("at").dt.epoch("s").alias("asked_at"))
    return {column.name: column.to_numpy() for frame in (told, asked) for column in frame.get_columns()}


def _require_same(name: str, theirs: np.ndarray, ours: np.ndarray) -> None:
    if not np.array_equal(theirs, ours, equal_nan=True):
        message = f"feast over {name} and we find different things, so that their times say nothing"
        raise AssertionError(message)
