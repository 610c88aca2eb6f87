"""Forms 3, 4 and 5: what insiders own and trade, as the XML of one form and as a CSV of holdings after each form.

Only transactions on the open market say what an insider thinks: purchases (code P) and sales (S). Grants, exercises
and gifts change what is owned and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from xml.etree.ElementTree import Element  # the type only; defusedxml reads

import polars as pl

from adapters.feeds.files.edgar_xml import cell, xml_root
from adapters.feeds.files.entries import (
    Entries,
    Entry,
    day_of,
    number_of,
    optional_number_of,
    read_csv_entries,
    read_entries,
    text_of,
)
from adapters.feeds.files.parsed import Parsed
from adapters.lake.domains.ownership import INSIDER_HOLDINGS
from adapters.lake.knowledge import INSTANT, filing_knowledge
from adapters.lake.session_instants import ends_of_day
from nodes.vocabulary.errors import DataError

_FORMS = frozenset({"3", "3/A", "4", "4/A", "5", "5/A"})
_FLAGS = ("is_director", "is_officer", "is_ten_percent_owner", "is_other")
_TRUE, _FALSE = frozenset({"1", "true"}), frozenset({"0", "false", ""})
_CSV_COLUMNS = (
    "ticker", "insider_cik", "filing_date", "period_of_report", "accession_number", "form", "shares_owned", *_FLAGS,
    "transaction_codes",
)  # fmt: skip
_ROW: Mapping[str, pl.DataType] = {**INSIDER_HOLDINGS.keys, **INSIDER_HOLDINGS.values, "accepted_at": INSTANT}
_OWNER_FLAGS = {
    "is_director": "isDirector",
    "is_officer": "isOfficer",
    "is_ten_percent_owner": "isTenPercentOwner",
    "is_other": "isOther",
}


@dataclass(frozen=True)
class FiledForm:
    """What a form's own text does not say.

    Attributes:
        accession: the filing.
        filed_on: filing date.
        accepted_at: acceptance, where it is known.
    """

    accession: str
    filed_on: date
    accepted_at: datetime | None = None


def ownership_document(text: bytes, filed: FiledForm) -> Parsed:
    """Facts of the domain `insider_holdings` from the XML of one form: one for each of its owners.

    Raises:
        DataError: the bytes are no such document.
    """
    root = xml_root(text, f"form {filed.accession}", "ownershipDocument")
    owners = root.findall("reportingOwner")
    rows = [Entry({"owner": number}, place=f"reportingOwner[{number}]") for number in range(len(owners))]
    return _known(
        read_entries(
            "ownershipDocument",
            rows,
            lambda row: _holding(_owner_row(root, owners[row["owner"]], filed)) | {"accepted_at": filed.accepted_at},
            _ROW,
        )
    )


def holdings_after_forms(text: bytes) -> Parsed:
    """Facts of the domain `insider_holdings` from a CSV with one row a form. Raises DataError for another kind of file.

    It says what is owned after each form and, as codes, what kind of transactions led there, but not how many shares
    were bought or sold: those stay missing.
    """
    return _known(read_csv_entries("insider holdings", text, _CSV_COLUMNS, _holding, _ROW))


def _known(entries: Entries) -> Parsed:
    rows = entries.accepted
    dated = rows.with_columns(event_at=ends_of_day(rows["period_on"]), known_at=filing_knowledge(rows))
    ordered = dated.sort("known_at", "symbol", "insider_cik", "accession")
    facts = ordered.select(*INSIDER_HOLDINGS.keys, *INSIDER_HOLDINGS.values, "event_at", "known_at")
    return Parsed(INSIDER_HOLDINGS, "sec-ownership-forms", facts, entries.rejected)


def _holding(row: Mapping[str, Any]) -> dict[str, Any]:
    form = text_of(row, "form")
    if form not in _FORMS:
        message = f"form is {form!r}, expected 3, 4 or 5; take the ownership forms only"
        raise DataError(message)
    period_on, filed_on = day_of(row, "period_of_report"), day_of(row, "filing_date")
    if filed_on < period_on:
        message = f"filing_date {filed_on} is before period_of_report {period_on}; correct it at the source"
        raise DataError(message)
    return {
        "symbol": text_of(row, "ticker"),
        "insider_cik": text_of(row, "insider_cik").zfill(10),
        "accession": text_of(row, "accession_number"),
        "period_on": period_on,
        "filed_on": filed_on,
        "form": form,
        "shares_owned": optional_number_of(row, "shares_owned"),
        "bought_shares": optional_number_of(row, "bought_shares"),
        "sold_shares": optional_number_of(row, "sold_shares"),
        **{flag: _flag(row, flag) for flag in _FLAGS},
        "transaction_codes": str(row.get("transaction_codes") or ""),
    }


def _flag(row: Mapping[str, Any], field: str) -> bool:
    text = str(row.get(field) or "").strip().lower()
    if text not in _TRUE | _FALSE:
        message = f"{field} is {text!r}, expected 1 or 0; correct it at the source"
        raise DataError(message)
    return text in _TRUE


def _owner_row(root: Element, owner: Element, filed: FiledForm) -> dict[str, Any]:
    transactions = root.findall("nonDerivativeTable/nonDerivativeTransaction")
    codes = sorted({cell(each, "transactionCoding/transactionCode") or "" for each in transactions} - {""})
    relationship = {flag: cell(owner, f"reportingOwnerRelationship/{tag}") for flag, tag in _OWNER_FLAGS.items()}
    return {
        "ticker": cell(root, "issuer/issuerTradingSymbol"),
        "insider_cik": cell(owner, "reportingOwnerId/rptOwnerCik"),
        "accession_number": filed.accession,
        "filing_date": filed.filed_on.isoformat(),
        "period_of_report": cell(root, "periodOfReport"),
        "form": cell(root, "documentType"),
        "shares_owned": _owned_after(root),
        "bought_shares": _traded(transactions, "P"),
        "sold_shares": _traded(transactions, "S"),
        **relationship,
        "transaction_codes": ",".join(codes),
    }


def _owned_after(root: Element) -> float | None:
    """Shares after the form: the last figure of each class and way of holding, added up."""
    last: dict[tuple[str | None, str | None, str | None], float] = {}
    for line in root.findall("nonDerivativeTable/*"):
        owned = cell(line, "postTransactionAmounts/sharesOwnedFollowingTransaction")
        if owned is not None:
            way = cell(line, "ownershipNature/directOrIndirectOwnership")
            title, nature = cell(line, "securityTitle"), cell(line, "ownershipNature/natureOfOwnership")
            last[title, way, nature] = number_of({"shares after it": owned}, "shares after it")
    return sum(last.values()) if last else None


def _traded(transactions: list[Element], code: str) -> float:
    amounts = [
        number_of({"transactionShares": cell(each, "transactionAmounts/transactionShares")}, "transactionShares")
        for each in transactions
        if cell(each, "transactionCoding/transactionCode") == code
    ]
    return sum(amounts, start=0.0)
