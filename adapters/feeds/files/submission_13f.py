"""A Form 13F as EDGAR keeps it: one text file with a header and the filing's documents in it.

EDGAR offers it as `<accession>.txt`, whose header is a page of labels, and in its feed as `<accession>.nc`, whose
header is a list of tags. Acceptance times in both are New York wall-clock.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from zoneinfo import ZoneInfo

from adapters.feeds.files.ownership import Filing13F
from adapters.lake.knowledge import NEW_YORK
from nodes.vocabulary.errors import DataError

_HEADER_CHARS = 20_000
_LABELS = {
    "accession": (r"ACCESSION NUMBER:\s*(\S+)", r"<ACCESSION-NUMBER>(\S+)"),
    "period": (r"CONFORMED PERIOD OF REPORT:\s*(\d{8})", r"<PERIOD>(\d{8})"),
    "filing date": (r"FILED AS OF DATE:\s*(\d{8})", r"<FILING-DATE>(\d{8})"),
    "filer's CIK": (r"CENTRAL INDEX KEY:\s*(\d{1,10})", r"<CIK>(\d{1,10})"),
}
_ACCEPTED = re.compile(r"<ACCEPTANCE-DATETIME>(\d{14})")
_IS_TABLE = re.compile(r"<TYPE>INFORMATION TABLE\b", re.IGNORECASE)
_IS_RESTATEMENT = re.compile(r"<(?:\w+:)?amendmentType>\s*RESTATEMENT\b", re.IGNORECASE)
_CIK_DIGITS = 10


def cover_13f(text: bytes, name: str) -> Filing13F:
    """What the header of a filing says of it; its filer is the CIK, which stays when a manager changes his name.

    Raises:
        DataError: a part of the header is missing or is no day.
    """
    header = text[:_HEADER_CHARS].decode("utf-8", errors="replace")
    said = {label: _said(header, label, name) for label in _LABELS}
    accepted = _ACCEPTED.search(header)
    return Filing13F(
        filer=said["filer's CIK"].zfill(_CIK_DIGITS),
        accession=said["accession"],
        period_on=_day(said["period"], "period", name),
        filed_on=_day(said["filing date"], "filing date", name),
        accepted_at=None if accepted is None else _instant(accepted[1], name),
    )


def table_13f(text: bytes, name: str) -> bytes:
    """The information table in a filing. Raises DataError when there is none."""
    for document in text.decode("utf-8", errors="replace").split("<DOCUMENT>")[1:]:
        before, _, rest = document.partition("<XML>")
        xml, end, _ = rest.partition("</XML>")
        if end and _IS_TABLE.search(before):
            return xml.strip().encode()
    message = f"{name} holds no document of type INFORMATION TABLE; take the complete submission of a 13F-HR"
    raise DataError(message)


def is_restatement(text: bytes) -> bool:
    """Whether a filing is an amendment that takes the place of what was filed before."""
    return _IS_RESTATEMENT.search(text.decode("utf-8", errors="replace")) is not None


def _said(header: str, label: str, name: str) -> str:
    for pattern in _LABELS[label]:
        found = re.search(pattern, header)
        if found is not None:
            return found[1]
    message = f"the header of {name} does not say its {label}; take the complete submission text file"
    raise DataError(message)


def _day(digits: str, label: str, name: str) -> date:
    try:
        return datetime.strptime(digits, "%Y%m%d").date()  # noqa: DTZ007  # a date has no zone
    except ValueError as error:
        message = f"the {label} of {name} is {digits!r}, expected a day like 20250122; download it again"
        raise DataError(message) from error


def _instant(digits: str, name: str) -> datetime:
    try:
        return datetime.strptime(digits, "%Y%m%d%H%M%S").replace(tzinfo=ZoneInfo(NEW_YORK))
    except ValueError as error:
        message = f"the acceptance of {name} is {digits!r}, expected a time like 20250122161500; download it again"
        raise DataError(message) from error
