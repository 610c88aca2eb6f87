"""SEC companyfacts.json: every number that a company's XBRL filings ever stated, with the filing that stated it.

One concept and period comes up several times: first as news, then as the comparative column of later filings, which
may have restated it. All of them are kept. `fy` and `fp` say which report a number stood in, never which period it is
of: the period is `start` and `end`. SEC's `frame` is left out, since it marks with hindsight the filing that came last.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl

from adapters.feeds.files.entries import Entry, day_of, json_object, optional_day_of, read_entries, text_of, whole_of
from adapters.feeds.files.parsed import Parsed
from adapters.lake.domains.fundamentals import FUNDAMENTALS
from adapters.lake.session_instants import ends_of_day, next_opens
from nodes.vocabulary.errors import DataError

_NAME, _SOURCE = "companyfacts.json", "sec-companyfacts"
_ACCESSION = re.compile(r"\d{10}-\d{2}-\d{6}", re.ASCII)
_EXACT = 2**53
_MAX_CIK = 10**10
_ROW = {**FUNDAMENTALS.keys, **FUNDAMENTALS.values}


def company_facts(text: bytes, symbol: str, filings: pl.DataFrame | None = None) -> Parsed:
    """The fundamentals of one company's file, in order of filing.

    A fact is known when its filing was (`filings`: facts of the domain `filings`); where that is not known, from the
    open of the session after the day it was filed.

    Args:
        text: the file.
        symbol: ticker of the company; the file has none.
        filings: what is known of its filings, by accession and known_at.

    Raises:
        DataError: the file is not of this kind at all.
    """
    content = json_object(text, _NAME)
    cik, facts = _cik(content), content.get("facts")
    if not isinstance(facts, dict):
        message = f"{_NAME} of CIK {cik} has no object `facts`, only {sorted(content)}; download it again"
        raise DataError(message)
    entries = read_entries(_NAME, _entries(facts), lambda row: _fact(row, cik, symbol), _ROW)
    return Parsed(FUNDAMENTALS, _SOURCE, _dated(entries.accepted, filings), entries.rejected)


def cik_text(cik: int | str) -> str:
    """A CIK as SEC writes it: ten digits. Raises DataError when it is none."""
    try:
        number = int(cik)
    except (TypeError, ValueError):
        number = -1
    if isinstance(cik, bool) or not 0 < number < _MAX_CIK:
        message = f"cik is {cik!r}, expected up to ten digits; download the file again"
        raise DataError(message)
    return f"{number:010d}"


def _cik(content: Mapping[str, Any]) -> str:
    return cik_text(content.get("cik", ""))


def _entries(facts: Mapping[str, Any]) -> Iterator[Entry]:
    for taxonomy, concept, body in _concepts(facts):
        units = body.get("units") if isinstance(body, dict) else None
        if not isinstance(units, dict):
            row = {"taxonomy": taxonomy, "concept": concept, "units": units}
            yield Entry(row, place=f"{taxonomy}/{concept}")
            continue
        for unit, rows in units.items():
            for number, row in enumerate(rows if isinstance(rows, list) else [rows]):
                fields = row if isinstance(row, dict) else {"entry": row}
                named = {**fields, "taxonomy": taxonomy, "concept": concept, "unit": unit}
                yield Entry(named, place=f"{taxonomy}/{concept}/{unit}[{number}]")


def _concepts(facts: Mapping[str, Any]) -> Iterator[tuple[str, str, Any]]:
    for taxonomy, concepts in facts.items():
        if isinstance(concepts, dict):
            for concept, body in concepts.items():
                yield taxonomy, concept, body
        else:
            yield taxonomy, "", concepts


def _fact(row: Mapping[str, Any], cik: str, symbol: str) -> dict[str, Any]:
    start_on, end_on = optional_day_of(row, "start"), day_of(row, "end")
    if start_on is not None and start_on > end_on:
        message = f"period goes from {start_on} to {end_on}, expected its start first; correct it at the source"
        raise DataError(message)
    return {
        "cik": cik,
        "taxonomy": text_of(row, "taxonomy"),
        "concept": text_of(row, "concept"),
        "unit": text_of(row, "unit"),
        "period_start_on": start_on,
        "period_end_on": end_on,
        "symbol": symbol,
        "value": _value(row),
        "accession": _accession(row),
        "form": text_of(row, "form"),
        "filed_on": day_of(row, "filed"),
        "fiscal_year": None if row.get("fy") is None else whole_of(row, "fy"),
        "fiscal_period": row["fp"] if isinstance(row.get("fp"), str) else None,
    }


def _value(row: Mapping[str, Any]) -> float:
    value = row.get("val")
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < float("inf"):
        message = f"val is {value!r}, expected a number; correct it at the source"
        raise DataError(message)
    if isinstance(value, int) and abs(value) > _EXACT:
        message = f"val is {value}, which a float cannot hold exactly; state it in a larger unit"
        raise DataError(message)
    return float(value)


def _accession(row: Mapping[str, Any]) -> str:
    accession = row.get("accn")
    if not isinstance(accession, str) or _ACCESSION.fullmatch(accession) is None:
        message = f"accn is {accession!r}, expected digits like 0001193125-09-153165; correct it at the source"
        raise DataError(message)
    return accession


def _dated(facts: pl.DataFrame, filings: pl.DataFrame | None) -> pl.DataFrame:
    known = facts.with_columns(event_at=ends_of_day(facts["period_end_on"]), opens_at=next_opens(facts["filed_on"]))
    if filings is None:
        known = known.rename({"opens_at": "known_at"})
    else:
        stated = filings.select("accession", stated_at="known_at").unique("accession", keep="first")
        known = known.join(stated, on="accession", how="left", maintain_order="left").with_columns(
            known_at=pl.coalesce("stated_at", "opens_at")
        )
    ordered = known.sort("filed_on", "accession", *FUNDAMENTALS.keys, maintain_order=True)
    return ordered.select(*_ROW, "event_at", "known_at")
