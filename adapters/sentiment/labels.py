"""Labelled headlines in a user's file: FiQA's public shape, one row a headline and target.

    sentence                                   the headline
    target (optional)                          whom the label is about
    sentiment, sentiment_score or score        from -1 to 1

Labels nearer to zero than the neutral band say neither good nor bad, and are left out.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from nodes.kernels.grouped_folds import linked_groups
from nodes.vocabulary.errors import DataError, EdgeError

NEUTRAL_BAND = 0.1
_VALUES = ("sentiment", "sentiment_score", "score")
_MIN_EACH = 10


@dataclass(frozen=True)
class Labels:
    """Headlines with the tone that people gave them.

    Attributes:
        sentences: the headlines.
        targets: whom each label is about; None where the file does not say.
        is_positive: whether the label is positive; the others are negative.
        n_neutral: rows left out because they say neither.
        sha256: digest of the file.
        known_at: by when the labels were there.
    """

    sentences: tuple[str, ...]
    targets: tuple[str | None, ...]
    is_positive: NDArray[np.bool_]
    n_neutral: int
    sha256: str
    known_at: datetime

    @property
    def headline_groups(self) -> list[int]:
        """Rows with the same words in one group, whatever their case and spaces."""
        return linked_groups([" ".join(sentence.lower().split()) for sentence in self.sentences])

    @property
    def target_groups(self) -> list[int]:
        """Rows with the same words or the same target in one group: a company never sits on both sides."""
        headlines = [" ".join(sentence.lower().split()) for sentence in self.sentences]
        targets = [(at,) if target is None else target.lower() for at, target in enumerate(self.targets)]
        return linked_groups(headlines, targets)


def labels(path: Path, known_at: datetime) -> Labels:
    """The labels of a CSV or Parquet file.

    Raises:
        EdgeError: the file cannot be read.
        DataError: it is no table of labels, a row of it is no label, or there are too few of either kind.
    """
    content = _content(path)
    table = _table(path)
    value = next((name for name in _VALUES if name in table.columns), None)
    if "sentence" not in table.columns or value is None:
        message = f"{path} has columns {table.columns}; name one 'sentence' and one of {list(_VALUES)}"
        raise DataError(message)
    tone = table[value].cast(pl.Float64, strict=False)
    _refuse_bad_rows(path, table.with_columns(tone.alias(value)), table[value], value)
    kept = table.filter(tone.abs() >= NEUTRAL_BAND)
    is_positive = (tone.filter(tone.abs() >= NEUTRAL_BAND) > 0).to_numpy()
    _refuse_few(path, is_positive)
    targets = kept["target"] if "target" in kept.columns else pl.Series([None] * kept.height, dtype=pl.String)
    return Labels(
        sentences=tuple(kept["sentence"]),
        targets=tuple(targets),
        is_positive=is_positive,
        n_neutral=table.height - kept.height,
        sha256=hashlib.sha256(content).hexdigest(),
        known_at=known_at,
    )


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        message = f"{path} cannot be read: {error.strerror}; name a CSV or Parquet file of labels"
        raise EdgeError(message) from error


def _table(path: Path) -> pl.DataFrame:
    try:
        return pl.read_parquet(path) if path.suffix == ".parquet" else pl.read_csv(path, infer_schema=False)
    except pl.exceptions.PolarsError as error:
        message = f"{path} is no table: {error}; supply CSV with a header, or Parquet"
        raise DataError(message) from error


def _refuse_bad_rows(path: Path, table: pl.DataFrame, given: pl.Series, value: str) -> None:
    tone = pl.col(value)
    bad = table.with_row_index("row", 1).filter(
        tone.is_null() | tone.is_nan() | (tone.abs() > 1) | pl.col("sentence").fill_null("").str.strip_chars().eq("")
    )
    if bad.is_empty():
        return
    row = int(bad["row"][0])
    message = (
        f"{path} row {row} is no label: {value} was {given[row - 1]!r}, sentence {bad['sentence'][0]!r}"
        f" ({bad.height} such rows); give words and a number from -1 to 1, or leave the row out"
    )
    raise DataError(message)


def _refuse_few(path: Path, is_positive: NDArray[np.bool_]) -> None:
    n_positive = int(is_positive.sum())
    n_negative = len(is_positive) - n_positive
    if min(n_positive, n_negative) < _MIN_EACH:
        message = (
            f"{path} has {n_positive} positive and {n_negative} negative labels beyond {NEUTRAL_BAND};"
            f" supply at least {_MIN_EACH} of each"
        )
        raise DataError(message)
