"""How long the told day plan takes: `python -m tests.benchmarks.plan` prints a table.

A made-up market of 500 shares, a paper home whose log holds its day plan, and requests over HTTP in process, each with
token, access and encoding, against one real log. Cold means that nothing of the plan is in memory: the session run is
read back from the log, every source is asked, evidence is joined, reasons are ablated, picks judged, orders previewed.
Warm means that another request was answered from the same plan before. `--shares` and `--picks` set the size. Processor
time of the process, client included, stands beside: on a machine that others use it says more than the clock.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import numpy as np
import polars as pl
from rich.console import Console
from rich.table import Table

from adapters.lake.calendar import xnys_calendar
from adapters.lake.lake import Lake
from nodes.vocabulary.absent import Absent
from tests.api.http.serving import Served, paper_settings, served

FIRST_ON, LAST_ON = date(2010, 1, 4), date(2013, 2, 28)
SEED = 20261123
MAX_COLD_MS, MAX_WARM_MS = 500.0, 20.0
PLAN = "/api/v1/plan"


def made_up_lake(n_shares: int) -> Lake:
    """A market of shares whose prices wander, from a seed."""
    calendar = xnys_calendar(FIRST_ON, LAST_ON)
    days, rng = calendar.session_ons, np.random.default_rng(SEED)
    market = 0.01 * rng.standard_normal(len(days))
    symbols = tuple(f"S{number:04d}" for number in range(n_shares))
    index = pl.DataFrame({"session_on": days, "close_usd": 1000.0 * np.exp(np.cumsum(market))})
    parts = [_bars(symbol, days, market, rng) for symbol in symbols]
    nothing = pl.DataFrame()
    absent = Absent("text_scores", "the made-up market has no texts")
    return Lake(symbols, pl.concat(parts), index, (), calendar, nothing, nothing, (), absent)


def _bars(symbol: str, days: tuple[date, ...], market: np.ndarray, rng: np.random.Generator) -> pl.DataFrame:
    own = rng.uniform(0.006, 0.03) * rng.standard_normal(len(days)) + rng.uniform(-2e-4, 6e-4)
    close = np.round(rng.uniform(30.0, 300.0) * np.exp(np.cumsum(rng.uniform(0.5, 1.5) * market + own)), 2)
    close = np.maximum(close, 20.0)
    first = np.round(close * (1.0 + 0.001 * rng.standard_normal(len(days))), 2)
    return pl.DataFrame(
        {
            "symbol": symbol,
            "session_on": days,
            "open_usd": first,
            "high_usd": np.round(np.maximum(first, close) * 1.004, 2),
            "low_usd": np.round(np.minimum(first, close) * 0.996, 2),
            "close_usd": close,
            "volume_shares": rng.integers(5_000_000, 30_000_000, len(days)),
            "adjustment_ratio": 1.0,
        }
    )


@contextmanager
def market(n_shares: int, n_picks: int) -> Iterator[Served]:
    """A served paper home on the made-up market, its first session run."""
    with tempfile.TemporaryDirectory() as folder:
        settings = paper_settings(Path(folder) / "home", accounts=("paper",))
        text = settings.policy.read_text(encoding="utf-8")
        settings.policy.write_text(text.replace("n_selected: 3", f"n_selected: {n_picks}"), encoding="utf-8")
        with served(settings, made_up_lake(n_shares)) as found:
            yield found


def asked_ms(found: Served, *, is_cold: bool) -> tuple[float, float]:
    """Milliseconds of one request for the plan, by the clock and of processor time."""
    if is_cold:
        found.application.state.pop("signals", None)
    headers = found.headers()
    started_s, spent_s = time.perf_counter(), time.process_time()
    answer = found.client.get(PLAN, headers=headers)
    took_ms = (time.perf_counter() - started_s) * 1e3, (time.process_time() - spent_s) * 1e3
    if answer.status_code != 200:  # OK
        raise SystemExit(answer.text)
    return took_ms


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shares", type=int, default=500)
    parser.add_argument("--picks", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=20)
    asked = parser.parse_args()
    with market(asked.shares, asked.picks) as found:
        cold = [asked_ms(found, is_cold=True) for _ in range(asked.rounds)]
        warm = [asked_ms(found, is_cold=False) for _ in range(5 * asked.rounds)]
        told = found.get(PLAN)
    table = Table(title=f"The told plan of {asked.shares} shares, {asked.picks} of them picked")
    for name in ("", "least", "median", "p95", "processor", "target p95", "met"):
        table.add_column(name)
    for name, times, most in (("cold", cold, MAX_COLD_MS), ("warm", warm, MAX_WARM_MS)):
        least, middle, p95 = np.percentile([clock for clock, _ in times], [0, 50, 95])
        spent = np.median([processor for _, processor in times])
        figures = (f"{each:.1f} ms" for each in (least, middle, p95, spent))
        table.add_row(name, *figures, f"{most:.0f} ms", "yes" if p95 <= most else "no")
    console = Console()
    console.print(table)
    signals = told.json()["signals"]
    console.print(
        f"{len(told.content):,} bytes, {len(signals['picks'])} picks, missing: {', '.join(signals['missing'])}"
    )


if __name__ == "__main__":
    main()
