"""Form 13F information tables: what institutions held at a quarter's end, as XML and as a CSV of several filings.

A holding is usable only once the filing was known: up to 45 days after the quarter.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import polars as pl

from adapters.feeds.files.edgar_xml import cells, xml_root
from adapters.feeds.files.entries import (
    Entries,
    Entry,
    day_of,
    read_csv_entries,
    read_entries,
    text_of,
    whole_of,
)
from adapters.feeds.files.parsed import Parsed
from adapters.lake.domains.ownership import OWNERSHIP_13F
from adapters.lake.knowledge import INSTANT, filing_knowledge
from adapters.lake.session_instants import ends_of_day
from nodes.vocabulary.errors import DataError

_DOLLARS_FROM_ON = date(2023, 1, 3)
_THOUSAND = 1000
_KINDS = frozenset({"SH", "PRN"})
_CUSIP_LENGTH = 9
_CSV_COLUMNS = ("accession", "period", "filing_date", "filer", "issuer", "title", "cusip", "value", "shares", "kind")
_CELLS = {
    "issuer": "nameOfIssuer",
    "title": "titleOfClass",
    "cusip": "cusip",
    "value": "value",
    "shares": "shrsOrPrnAmt/sshPrnamt",
    "kind": "shrsOrPrnAmt/sshPrnamtType",
    "putcall": "putCall",
}
_LINE: Mapping[str, pl.DataType] = {
    **OWNERSHIP_13F.keys,
    "issuer": pl.String(),
    "title": pl.String(),
    "shares": pl.Int64(),
    "value_usd": pl.Int64(),
    "accession": pl.String(),
    "filed_on": pl.Date(),
    "accepted_at": INSTANT,
}


@dataclass(frozen=True)
class Filing13F:
    """The cover of a 13F: what its information table does not say.

    Attributes:
        filer: name or CIK of the manager, the same in every quarter.
        accession: the filing.
        period_on: last day of the quarter.
        filed_on: filing date.
        accepted_at: acceptance, where it is known.
    """

    filer: str
    accession: str
    period_on: date
    filed_on: date
    accepted_at: datetime | None = None


def information_table(
    text: bytes, filing: Filing13F, symbols: Mapping[str, str], restates: pl.DataFrame | None = None
) -> Parsed:
    """Facts of the domain `ownership_13f` from the XML of one filing.

    Args:
        text: the document whose root is `informationTable`.
        filing: its cover.
        symbols: tickers by CUSIP, as far as they are known.
        restates: what was known of the same filer and quarter, when the filing is an amendment that restates it: a
            holding that it no longer names is then retracted.

    Raises:
        DataError: the bytes are no such document.
    """
    root = xml_root(text, f"information table {filing.accession}", "informationTable")
    cover: dict[str, str | None] = {
        "filer": filing.filer,
        "accession": filing.accession,
        "period": filing.period_on.isoformat(),
        "filing_date": filing.filed_on.isoformat(),
    }
    elements = enumerate(root.findall("infoTable"), start=1)
    lines = [Entry(cover | cells(element, **_CELLS), place=f"infoTable[{number}]") for number, element in elements]
    entries = read_entries("13F information table", lines, lambda row: _line(row, filing.accepted_at), _LINE)
    return _holdings(entries, symbols, restates)


def holdings_table(text: bytes, symbols: Mapping[str, str]) -> Parsed:
    """Facts of the domain `ownership_13f` from a CSV of the lines of several filings; dates as YYYYMMDD or YYYY-MM-DD.

    Raises:
        DataError: the file is not of this kind at all.
    """
    return _holdings(read_csv_entries("13F holdings", text, _CSV_COLUMNS, _line, _LINE), symbols, None)


def _holdings(lines: Entries, symbols: Mapping[str, str], restates: pl.DataFrame | None) -> Parsed:
    keys = list(OWNERSHIP_13F.keys)
    # Whole numbers: their sum does not depend on the order of addition.
    summed = lines.accepted.group_by([*keys, "accession", "filed_on", "accepted_at"], maintain_order=True).agg(
        pl.first("issuer", "title"), pl.sum("shares", "value_usd")
    )
    dated = summed.with_columns(
        symbol=pl.col("cusip").replace_strict(symbols, default=None, return_dtype=pl.String) if symbols else None,
        value_usd=pl.col("value_usd").cast(pl.Float64),
        event_at=ends_of_day(summed["period_on"]),
        known_at=filing_knowledge(summed),
        is_retracted=False,
    ).with_columns(pl.col("symbol").cast(pl.String))
    columns = (*keys, *OWNERSHIP_13F.values, "event_at", "known_at", "is_retracted")
    accepted = dated.sort("known_at", *keys).select(columns)
    return Parsed(OWNERSHIP_13F, "sec-13f", _with_retractions(accepted, restates), lines.rejected)


def _with_retractions(accepted: pl.DataFrame, restates: pl.DataFrame | None) -> pl.DataFrame:
    if restates is None or accepted.is_empty():
        return accepted
    newest = accepted.row(-1, named=True)
    dropped = restates.join(accepted, on=list(OWNERSHIP_13F.keys), how="anti").with_columns(
        known_at=pl.lit(newest["known_at"], INSTANT),
        accession=pl.lit(newest["accession"]),
        filed_on=pl.lit(newest["filed_on"]),
        is_retracted=True,
    )
    return pl.concat([accepted, dropped.select(accepted.columns)])


def _line(row: Mapping[str, Any], accepted_at: datetime | None = None) -> dict[str, Any]:
    cusip, kind = text_of(row, "cusip").upper(), text_of(row, "kind").upper()
    if len(cusip) != _CUSIP_LENGTH or not cusip.isalnum():
        message = f"cusip is {cusip!r}, expected nine letters and digits; correct it at the source"
        raise DataError(message)
    if kind not in _KINDS:
        message = f"kind is {kind!r}, expected SH or PRN; correct it at the source"
        raise DataError(message)
    filed_on = _day(row, "filing_date")
    scale = 1 if filed_on >= _DOLLARS_FROM_ON else _THOUSAND
    return {
        "filer": text_of(row, "filer"),
        "cusip": cusip,
        "kind": kind,
        "put_call": (row.get("putcall") or "").strip().lower(),
        "period_on": _day(row, "period"),
        "issuer": text_of(row, "issuer"),
        "title": text_of(row, "title"),
        "shares": whole_of(row, "shares"),
        "value_usd": whole_of(row, "value") * scale,
        "accession": text_of(row, "accession"),
        "filed_on": filed_on,
        "accepted_at": accepted_at,
    }


def _day(row: Mapping[str, Any], field: str) -> date:
    text = text_of(row, field)
    plain = f"{text[:4]}-{text[4:6]}-{text[6:]}" if text.isdigit() else text
    return day_of({field: plain}, field)
