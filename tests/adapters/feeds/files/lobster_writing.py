"""Writes LOBSTER files from the columns of the shared excerpt."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from tests.adapters.feeds.files.lean_writing import csv_lines, deci_cents

STEM = "AAPL_2012-06-21_34200000_57600000"


def lobster_files(folder: Path, rows: pl.DataFrame) -> Path:
    """Both files of a day; the path of the message file."""
    ns = (pl.col("ts") - pl.col("ts").dt.truncate("1d")).dt.total_nanoseconds()
    second = 1_000_000_000
    seconds = (ns // second).cast(pl.String) + "." + (ns % second).cast(pl.String).str.pad_start(9, "0")
    whole = [pl.col(name).cast(pl.String) for name in ("type", "order_id", "size")]
    message = folder / f"{STEM}_message_10.csv"
    message.write_text(
        "\n".join(csv_lines(rows, seconds, *whole, deci_cents("price"), pl.col("dir").cast(pl.String))) + "\n"
    )
    levels = [
        column
        for level in range(1, 11)
        for side in ("ask", "bid")
        for column in (deci_cents(f"{side}_px_{level}"), pl.col(f"{side}_sz_{level}").cast(pl.String))
    ]
    (folder / f"{STEM}_orderbook_10.csv").write_text("\n".join(csv_lines(rows, *levels)) + "\n")
    return message
