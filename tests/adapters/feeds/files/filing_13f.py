"""Complete submissions of Form 13F as EDGAR writes them, made for tests."""

from __future__ import annotations

LABELS = """<SEC-DOCUMENT>0001951757-25-000093.txt : 20250122
<ACCEPTANCE-DATETIME>20250122151500
ACCESSION NUMBER:\t\t0001951757-25-000093
CONFORMED SUBMISSION TYPE:\t13F-HR
CONFORMED PERIOD OF REPORT:\t20241231
FILED AS OF DATE:\t\t20250122
FILER:
\tCOMPANY DATA:
\t\tCOMPANY CONFORMED NAME:\t\t\tA MANAGER LLC
\t\tCENTRAL INDEX KEY:\t\t\t0001951757
"""
TAGS = """<SUBMISSION>
<ACCESSION-NUMBER>0001951757-25-000093
<TYPE>13F-HR
<PERIOD>20241231
<FILING-DATE>20250122
<FILER>
<COMPANY-DATA>
<CONFORMED-NAME>A MANAGER LLC
<CIK>0001951757
</COMPANY-DATA>
</FILER>
"""


def submission(table: str, header: str = LABELS, amendment: str = "") -> bytes:
    """A submission with a cover document and an information table."""
    said = f"<amendmentType>{amendment}</amendmentType>" if amendment else ""
    cover = _document("13F-HR", f"<edgarSubmission>{said}</edgarSubmission>")
    holdings = _document("INFORMATION TABLE", table)
    return f"{header}{cover}{holdings}".encode()


def _document(kind: str, xml: str) -> str:
    return f"<DOCUMENT>\n<TYPE>{kind}\n<TEXT>\n<XML>\n{xml}\n</XML>\n</TEXT>\n</DOCUMENT>\n"
