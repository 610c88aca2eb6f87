"""`python -m tests.dataflows.twenty_years`: every feature on twenty years at once, and on its last window, bit for bit.

Three ways to the same row: the whole history in one run, the last windows alone (`Refresh`), and a session served on
top of the history before it (`Serving`). Prints how many features agree, over how many rows.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
import polars as pl

from adapters.lake.calendar import xnys_calendar
from api.use_cases.leak_audit import feature_plan
from dataflows.audit.leaks import audited_names
from dataflows.audit.made_up import made_up_tables
from dataflows.engine.evaluation import guarded
from dataflows.engine.plan import Plan
from dataflows.engine.refresh import Refresh
from dataflows.engine.serving import Serving
from dataflows.feature_serving import feature_keeping, feature_news
from dataflows.feature_snapshots import feature_snapshot
from nodes.vocabulary.canonical import encode

_YEARS = (date(1999, 1, 4), date(2018, 12, 31))
N_SHARES = 10
_N_SERVED = 3


@dataclass(frozen=True)
class Agreement:
    """What was compared.

    Attributes:
        n_features: how many features.
        n_rows: rows of the panel.
        windowed: features whose last window gives another last row.
        served: features whose served rows differ.
    """

    n_features: int
    n_rows: int
    windowed: tuple[str, ...]
    served: tuple[str, ...]


def twenty_years() -> list[datetime]:
    """The closes of twenty years of sessions."""
    calendar = xnys_calendar(*_YEARS)
    return [calendar.close(day) for day in calendar.between(*_YEARS)]


def agreement(plan: Plan, closes: Sequence[datetime], n_shares: int) -> Agreement:
    """The three ways compared over made-up facts of every domain."""
    tables = made_up_tables(closes, symbols=[f"S{number:03d}" for number in range(n_shares)])
    whole = feature_snapshot(tables, closes[-1])
    values, _ = guarded(plan, whole)
    names = audited_names(plan)
    ends = np.asarray(values["segments"])[1:] - 1
    online = Refresh(plan).latest(whole)
    windowed = tuple(name for name in names if encode(_lasts(online[name], n_shares)) != encode(values[name][ends]))
    start = closes[-_N_SERVED - 1]
    serving = Serving(plan, feature_snapshot(tables, start), start, feature_keeping(plan))
    differing: set[str] = set()
    for before, close in zip(closes[-_N_SERVED - 1 :], closes[-_N_SERVED:], strict=False):
        row = serving.advanced(feature_news(feature_snapshot(tables, close), before), close).values
        differing |= _differing(names, row, values, whole.panel["closed_at"] == close)
    return Agreement(len(names), whole.panel.height, windowed, tuple(sorted(differing)))


def _lasts(column: pl.Series, n_shares: int) -> pl.Series:
    """The last row of each share, which all have as many rows."""
    each = len(column) // n_shares
    return column[np.arange(n_shares) * each + each - 1]


def _differing(names: Sequence[str], row: Mapping[str, Any], values: Mapping[str, Any], rows: pl.Series) -> set[str]:
    return {name for name in names if encode(row[name]) != encode(values[name].filter(rows))}


def main() -> None:
    """Compare and tell."""
    n_shares = int(sys.argv[1]) if len(sys.argv) > 1 else N_SHARES
    found = agreement(feature_plan(), twenty_years(), n_shares)
    wrong = {*found.windowed, *found.served}
    sys.stdout.write(
        f"{found.n_features - len(wrong)} of {found.n_features} features agree bit for bit: {found.n_rows} bars of "
        f"{n_shares} shares over twenty years at once, their last windows, and {_N_SERVED} sessions served\n"
    )
    for name in sorted(wrong):
        sys.stdout.write(f"  differs: {name}\n")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
