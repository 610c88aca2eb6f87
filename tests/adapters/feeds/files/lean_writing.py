"""Writes LEAN data folders, in LEAN's layout, from frames: what the reader of such folders is tested on."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable
from pathlib import Path

import polars as pl

PRICES = ("open", "high", "low", "close")


def zipped(path: Path, member: str, lines: Iterable[str]) -> Path:
    """A zip with one table."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(member, "\n".join(lines) + "\n")
    return path


def deci_cents(name: str) -> pl.Expr:
    """A price as LEAN writes it."""
    return (pl.col(name) * 10_000).round().cast(pl.Int64).cast(pl.String).fill_null("")


def csv_lines(frame: pl.DataFrame, *columns: pl.Expr) -> list[str]:
    """A line a row."""
    return frame.select(pl.concat_str(columns, separator=",")).to_series().to_list()


def daily_zip(root: Path, ticker: str, bars: pl.DataFrame, time: str = "date", folder: str = "daily") -> Path:
    """`daily/aapl.zip` or `hour/aapl.zip` of a frame with a time, prices and volume."""
    stamp = pl.col(time).dt.strftime("%Y%m%d %H:%M")
    lines = csv_lines(bars, stamp, *map(deci_cents, PRICES), pl.col("volume").cast(pl.String))
    name = ticker.lower()
    return zipped(root / "equity" / "usa" / folder / f"{name}.zip", f"{name}.csv", lines)


def milliseconds() -> pl.Expr:
    """The time of day of `ts` as LEAN writes it."""
    return (pl.col("ts") - pl.col("ts").dt.truncate("1d")).dt.total_milliseconds().cast(pl.String)


def day_zips(root: Path, ticker: str, rows: pl.DataFrame, of: str, columns: list[pl.Expr]) -> list[Path]:
    """`minute/aapl/20131007_trade.zip` and the like, a zip a day; `of` is "minute trade"."""
    name, made = ticker.lower(), []
    resolution, kind = of.split()
    for (day,), part in rows.group_by(pl.col("ts").dt.date().alias("day"), maintain_order=True):
        stem = f"{day:%Y%m%d}"
        path = root / "equity" / "usa" / resolution / name / f"{stem}_{kind}.zip"
        made.append(zipped(path, f"{stem}_{name}_{resolution}_{kind}.csv", csv_lines(part, milliseconds(), *columns)))
    return made


def minute_columns() -> list[pl.Expr]:
    """Of a bar of trades."""
    return [*map(deci_cents, PRICES), pl.col("volume").cast(pl.String)]


def quote_bar_columns() -> list[pl.Expr]:
    """Of a bar of quotes; a side that is not there is empty."""
    return [
        column
        for side in ("bid", "ask")
        for column in (
            *(deci_cents(f"{side}_{part}") for part in PRICES),
            pl.col(f"{side}_size").cast(pl.String).fill_null(""),
        )
    ]


def map_file(root: Path, name: str, rows: Iterable[tuple[str, str, str]]) -> Path:
    """`map_files/googl.csv`."""
    path = root / "equity" / "usa" / "map_files" / f"{name.lower()}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(f"{day},{ticker.lower()},{exchange}\n" for day, ticker, exchange in rows), encoding="utf-8")
    return path


def factor_file(root: Path, name: str, rows: Iterable[tuple[str, float, float, float]]) -> Path:
    """`factor_files/aapl.csv`."""
    path = root / "equity" / "usa" / "factor_files" / f"{name.lower()}.csv"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        "".join(f"{day},{price},{split},{close:g}\n" for day, price, split, close in rows), encoding="utf-8"
    )
    return path


def shared_folder(data: Path, root: Path, tickers: Iterable[str]) -> Path:
    """A LEAN folder with the daily bars, map and factor files of some file symbols of the shared data."""
    bars = pl.read_parquet(data / "a1_daily_raw_lean.parquet")
    for ticker in tickers:
        daily_zip(root, ticker, bars.filter(pl.col("file_symbol") == ticker))
    maps = pl.read_parquet(data / "a4_map_files_lean.parquet")
    for (name,), rows in maps.group_by("symbol", maintain_order=True):
        days = rows["date"].dt.strftime("%Y%m%d")
        map_file(root, str(name), zip(days, rows["ticker_until_date"], rows["exch"].fill_null(""), strict=True))
    factors = pl.read_parquet(data / "a3_factor_files_lean.parquet")
    for (name,), rows in factors.group_by("symbol", maintain_order=True):
        days = rows["date"].dt.strftime("%Y%m%d")
        factor_file(
            root, str(name), zip(days, rows["price_factor"], rows["split_factor"], rows["ref_close"], strict=True)
        )
    return root
