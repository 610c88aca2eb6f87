"""The turns of mlfinpy, taken by the interpreter of its own environment: see `tests.benchmarks.peers`.

Started with a file of arrays. Reads the name of a turn a line, answers a line of JSON: the seconds that it took, and
what it found. Imports nothing of ours: its numpy is older.
"""

from __future__ import annotations

import json
import logging
import sys
import time
import warnings
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from mlfinpy.filters import cusum_filter  # type: ignore[import-not-found]  # is in an environment of its own
from mlfinpy.labeling import add_vertical_barrier, get_bins, get_events  # type: ignore[import-not-found]
from mlfinpy.sampling.bootstrapping import get_ind_matrix, seq_bootstrap  # type: ignore[import-not-found]
from mlfinpy.util.frac_diff import frac_diff_ffd  # type: ignore[import-not-found]

_FIRST_BAR = "2000-01-01"


def turns(data: Mapping[str, Any]) -> dict[str, Callable[[], list[float]]]:
    """Each piece of work, over bars an hour apart."""
    close = pd.Series(data["close"], index=pd.date_range(_FIRST_BAR, periods=len(data["close"]), freq="h"))
    return {
        "triple-barrier": lambda: triple_barrier(close, data),
        "cusum": lambda: close.index.get_indexer(cusum_filter(close, float(data["threshold"]))).astype(float).tolist(),
        "fractional": lambda: fractional(close.iloc[: int(data["n_fractional"])], data),
        "bootstrap": lambda: bootstrap(close, data),
    }


def triple_barrier(close: pd.Series[float], data: Mapping[str, Any]) -> list[float]:
    """The return of each event's bet, NaN where it has no outcome."""
    at = close.index[data["row"]]
    target = pd.Series(data["target"], index=at)
    ends = add_vertical_barrier(at, close, num_hours=int(data["horizon"]))
    events = get_events(close, at, [1, 1], target, 0.0, 1, vertical_barrier_times=ends, verbose=False)
    return [float(value) for value in get_bins(events, close)["ret"].reindex(at)]


def fractional(close: pd.Series[float], data: Mapping[str, Any]) -> list[float]:
    """The fractionally differentiated log of the closes."""
    level = pd.DataFrame({"close": np.log(close)})
    found = frac_diff_ffd(level, float(data["order"]), float(data["min_weight"]))["close"]
    return [float(value) for value in found]


def bootstrap(close: pd.Series[float], data: Mapping[str, Any]) -> list[float]:
    """How many samples were drawn: two generators draw different ones."""
    bars = close.iloc[: int(data["n_bootstrap_bars"])]
    starts, ends = data["span_start"], data["span_end"]
    spans = pd.Series(bars.index[ends], index=bars.index[starts], name="t1")
    matrix = get_ind_matrix(spans, pd.DataFrame(bars))
    return [float(len(seq_bootstrap(matrix, random_state=np.random.RandomState(1))))]


def main() -> None:
    """Take turns until there is no further line."""
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    with np.load(sys.argv[1]) as arrays:
        work = turns({name: arrays[name] for name in arrays.files})
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for line in sys.stdin:
        began = time.perf_counter()
        found = work[line.strip()]()
        spent = time.perf_counter() - began
        sys.stdout.write(json.dumps({"seconds": spent, "found": found}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
