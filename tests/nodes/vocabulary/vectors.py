"""The values of the frozen vectors in tests/golden/canonical_vectors.json, by name.

The file was written once and is never rewritten: its bytes are what old logs hold. `python -m
tests.nodes.vocabulary.vectors` adds the vectors of new names and refuses to change one that is there.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import polars as pl

from nodes.vocabulary.absent import Absent
from nodes.vocabulary.canonical import digest, encode
from nodes.vocabulary.verdict import Outcome, Verdict

GOLDEN = Path(__file__).resolve().parents[2] / "golden" / "canonical_vectors.json"


class Side(StrEnum):
    """A member that is also the text "buy"."""

    BUY = "buy"


class Rank(IntEnum):
    """A member that is also the integer 1."""

    FIRST = 1


class Colour(Enum):
    """A plain enum whose value is a tuple, so that only the name can matter."""

    RED = ("#f00", 1)


@dataclass(frozen=True)
class Quote:
    """Fields out of alphabetical order on purpose."""

    symbol: str
    bid_usd: Decimal
    ask_usd: Decimal | None = None


class Fill(msgspec.Struct, frozen=True):
    """The same, as a msgspec struct."""

    symbol: str
    filled_shares: int
    at: datetime


_NEW_YORK = timezone(timedelta(hours=-5))
_CLOSE_AT = datetime(2005, 1, 3, 16, 0, tzinfo=_NEW_YORK)

VALUES: Mapping[str, Any] = {
    "none": None,
    "true": True,
    "false": False,
    "int 0": 0,
    "int 1": 1,
    "int -1": -1,
    "int 2**63-1": 2**63 - 1,
    "int -2**63": -(2**63),
    "int 2**63": 2**63,
    "int -2**63-1": -(2**63) - 1,
    "int -2**71": -(2**71),
    "int 10**40": 10**40,
    "float 0.0": 0.0,
    "float -0.0": -0.0,
    "float 1.0": 1.0,
    "float 0.1": 0.1,
    "float 5e-324": 5e-324,
    "float infinity": float("inf"),
    "float -infinity": float("-inf"),
    "float nan": float("nan"),
    "decimal 1": Decimal(1),
    "decimal 1.0": Decimal("1.0"),
    "decimal 0": Decimal(0),
    "decimal -0": Decimal("-0"),
    "decimal 0E+5": Decimal("0E+5"),
    "decimal -12.50": Decimal("-12.50"),
    "decimal 1E+3": Decimal("1E+3"),
    "text empty": "",
    "text 1": "1",
    "text accents": "Zürich 東京 🚀",
    "text with nul": "a\x00b",
    "text e and combining accent": "e\u0301",
    "text e acute": "\u00e9",
    "bytes empty": b"",
    "bytes 1": b"1",
    "bytes 00ff": b"\x00\xff",
    "instant epoch": datetime(1970, 1, 1, tzinfo=UTC),
    "instant close in New York": _CLOSE_AT,
    "instant close in UTC": _CLOSE_AT.astimezone(UTC),
    "instant one microsecond before the epoch": datetime(1969, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC),
    "date epoch": date(1970, 1, 1),
    "date 1969-12-31": date(1969, 12, 31),
    "date 2005-01-03": date(2005, 1, 3),
    "enum Verdict.WARN": Verdict.WARN,
    "enum Outcome.UNKNOWN": Outcome.UNKNOWN,
    "int enum Rank.FIRST": Rank.FIRST,
    "text enum Side.BUY": Side.BUY,
    "enum Colour.RED": Colour.RED,
    "absent": Absent("adv_20_shares", "volume is missing"),
    "sequence empty": (),
    "sequence mixed": (1, 1.0, True, Decimal(1), "1", b"1"),
    "sequence nested": ((), ((1,), 2)),
    "struct empty": {},
    "struct sorted": {"b": 1, "a": None, "é": 2, "B": 3},
    "dataclass": Quote("AAPL", Decimal("64.78")),
    "msgspec struct": Fill("AAPL", -100, _CLOSE_AT),
    "set empty": frozenset(),
    "set of texts": frozenset({"beta", "alpha", "gamma"}),
    "set of sequences": frozenset({(1, "a"), (1,), ()}),
    "column float64": pl.Series([1.5, None, float("nan"), -0.0, float("inf")]),
    "column float32": pl.Series([1.5, None, float("nan")], dtype=pl.Float32),
    "column int64": pl.Series([1, None, -(2**63)], dtype=pl.Int64),
    "column int32": pl.Series([1, None, -1], dtype=pl.Int32),
    "column int16": pl.Series([1, None, -1], dtype=pl.Int16),
    "column int8": pl.Series([1, None, -1], dtype=pl.Int8),
    "column uint64": pl.Series([1, None, 2**64 - 1], dtype=pl.UInt64),
    "column uint32": pl.Series([1, None, 2**32 - 1], dtype=pl.UInt32),
    "column uint16": pl.Series([1, None, 2**16 - 1], dtype=pl.UInt16),
    "column uint8": pl.Series([1, None, 255], dtype=pl.UInt8),
    "column boolean of 9": pl.Series([True, None, False] * 3),
    "column date": pl.Series([date(2005, 1, 3), None, date(1969, 12, 31)]),
    "column instant": pl.Series([_CLOSE_AT.astimezone(UTC), None], dtype=pl.Datetime("us", "UTC")),
    "column text": pl.Series(["AAPL", None, "", "é"]),
    "column categorical": pl.Series(["AAPL", None, "", "é"], dtype=pl.Categorical),
    "column float64 empty": pl.Series([], dtype=pl.Float64),
    "column text empty": pl.Series([], dtype=pl.String),
    "frame": pl.DataFrame({"symbol": ["AAPL", "IBM"], "close_usd": [64.78, None]}),
    "frame without rows": pl.DataFrame(schema={"symbol": pl.String, "session_on": pl.Date}),
    "frame without columns": pl.DataFrame(),
    "array float64": np.array([[1.0, -0.0], [float("nan"), 2.0]]),
    "array int64": np.array([0, 2, 5]),
    "array bool": np.array([True, False]),
    "array of no dimension": np.array(3.5),
    "array without items": np.zeros((0, 3)),
}


def vector(name: str) -> dict[str, str]:
    """The vector of one value: its bytes, and their digest in the domain "vector"."""
    data = encode(VALUES[name])
    return {"bytes": data.hex(), "digest": digest("vector", data).hex()}


def frozen() -> dict[str, dict[str, str]]:
    """The committed vectors."""
    vectors: dict[str, dict[str, str]] = json.loads(GOLDEN.read_text())
    return vectors


def _main() -> None:
    vectors = frozen() if GOLDEN.exists() else {}
    changed = [name for name in vectors if vector(name) != vectors[name]]
    if changed:
        sys.exit(f"{changed} would change: the scheme has changed, which takes a new scheme number and an ADR")
    vectors |= {name: vector(name) for name in VALUES if name not in vectors}
    GOLDEN.write_text(json.dumps(vectors, indent=1) + "\n")


if __name__ == "__main__":
    _main()
