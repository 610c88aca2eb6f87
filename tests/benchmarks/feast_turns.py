"""Feast's turns at the as-of join, taken by the interpreter of its own environment: see `tests.benchmarks.peers`.

Speaks as `tests.benchmarks.peer_turns` does. A feature view over a Parquet file, its offline store once DuckDB and once
Dask, is asked for its historical features. Feast joins on the event's time alone and would answer with revisions that
nobody knew yet, so it is given steps that were made ready: knowledge as the time, newer events only.
"""

from __future__ import annotations

import json
import logging
import sys
import tempfile
import time
import warnings
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from feast import (  # type: ignore[import-not-found]  # is in an environment of its own
    Entity,
    FeatureStore,
    FeatureView,
    Field,
    FileSource,
    RepoConfig,
    ValueType,
)
from feast.types import Float64  # type: ignore[import-not-found]  # likewise

_FOR_EVER = timedelta(days=36_500)
_AT = "event_timestamp"


def store(folder: Path, kind: str, data: Mapping[str, Any]) -> FeatureStore:
    """A store of one feature view over the steps.

    Args:
        folder: where its files go.
        kind: its offline store.
        data: symbol, at (whole seconds) and value of each step.
    """
    at = pd.to_datetime(data["at"], unit="s", utc=True)
    path = str(folder / "steps.parquet")
    pd.DataFrame({"symbol": data["symbol"], _AT: at, "value": data["value"]}).to_parquet(path)
    config = RepoConfig(
        project="join",
        registry=str(folder / "registry.db"),
        provider="local",
        offline_store={"type": kind},
        online_store={"type": "sqlite", "path": str(folder / "online.db")},
        entity_key_serialization_version=3,
    )
    found = FeatureStore(config=config)
    entity = Entity(name="symbol", join_keys=["symbol"], value_type=ValueType.INT64)
    source = FileSource(path=path, timestamp_field=_AT)
    schema = [Field(name="value", dtype=Float64)]
    found.apply([entity, FeatureView(name="steps", entities=[entity], ttl=_FOR_EVER, schema=schema, source=source)])
    return found


def main() -> None:
    """Take turns until there is no further line: each names an offline store."""
    warnings.simplefilter("ignore")
    logging.disable(logging.CRITICAL)
    with np.load(sys.argv[1]) as arrays:
        data = {name: arrays[name] for name in arrays.files}
    asked = pd.DataFrame({"symbol": data["asked_symbol"], _AT: pd.to_datetime(data["asked_at"], unit="s", utc=True)})
    asked["number"] = np.arange(len(asked))
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for line in sys.stdin:
        with tempfile.TemporaryDirectory() as folder:
            ready = store(Path(folder), line.strip(), data)
            began = time.perf_counter()
            found = ready.get_historical_features(entity_df=asked, features=["steps:value"]).to_df()
            spent = time.perf_counter() - began
        values = found.set_index("number")["value"].reindex(range(len(asked)))
        sys.stdout.write(json.dumps({"seconds": spent, "found": [float(value) for value in values]}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
