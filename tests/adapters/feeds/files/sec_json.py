"""SEC's JSON files, built again from the development data in the shape in which SEC serves them."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import polars as pl


def companyfacts_of(entries: list[dict[str, Any]], concept: str = "Assets", unit: str = "USD") -> bytes:
    """A companyfacts.json of one concept."""
    body = {"label": concept, "description": "", "units": {unit: entries}}
    return json.dumps({"cik": 320193, "entityName": "Apple Inc.", "facts": {"us-gaap": {concept: body}}}).encode()


def submissions_of(rows: list[dict[str, str]], cik: str = "320193", ticker: str = "AAPL") -> bytes:
    """A submissions.json of some filings."""
    names = ("accessionNumber", "form", "filingDate", "acceptanceDateTime", "reportDate", "items")
    recent = {name: [row.get(name, "") for row in rows] for name in names}
    filings = {"recent": recent, "files": [{"name": f"CIK{cik}-submissions-001.json", "filingCount": 3}]}
    return json.dumps({"cik": cik, "name": ticker, "tickers": [ticker], "filings": filings}).encode()


@lru_cache
def companyfacts_json(shared_data: Path, ticker: str) -> bytes:
    """The file of a company in the development data."""
    facts: dict[str, Any] = {}
    table = pl.read_parquet(shared_data / "c1_companyfacts.parquet").filter(pl.col("ticker") == ticker)
    for row in table.iter_rows(named=True):
        body = facts.setdefault(row["taxonomy"], {}).setdefault(row["concept"], {"units": {}})
        body["units"].setdefault(row["unit"], []).append(_fact(row))
    return json.dumps({"cik": table["cik"][0], "entityName": table["entity"][0], "facts": facts}).encode()


@lru_cache
def submissions_json(shared_data: Path, ticker: str) -> bytes:
    """The file of a company in the development data."""
    table = pl.read_parquet(shared_data / "c2_submissions.parquet").filter(pl.col("ticker") == ticker)
    rows = table.select(
        "accessionNumber",
        "form",
        "reportDate",
        "items",
        filingDate=pl.col("filing_date").dt.strftime("%Y-%m-%d"),
        acceptanceDateTime="acceptance_raw",
    )
    return submissions_of(rows.to_dicts(), table["cik"][0], ticker)


def csv_of(shared_data: Path, name: str, *columns: pl.Expr) -> bytes:
    """A table of the development data as CSV."""
    return pl.read_parquet(shared_data / name).with_columns(*columns).write_csv().encode()


def _fact(row: dict[str, Any]) -> dict[str, Any]:
    value = row["val"]
    fact = {
        "end": row["end"],
        "val": int(value) if value == int(value) else value,
        "accn": row["accn"],
        "fy": None if row["fy"] is None else int(row["fy"]),
        "fp": row["fp"],
        "form": row["form"],
        "filed": row["filed"].date().isoformat(),
    }
    return fact | {key: row[key] for key in ("start", "frame") if row[key] is not None}
