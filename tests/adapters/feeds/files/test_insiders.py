"""Forms 3, 4 and 5: what insiders own and trade."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from adapters.feeds.files.insiders import FiledForm, holdings_after_forms, ownership_document
from nodes.vocabulary.errors import DataError
from tests.adapters.feeds.files.sec_json import csv_of

FILED = FiledForm("0001005229-20-000063", date(2020, 2, 20))
OWNER = """<reportingOwner><reportingOwnerId><rptOwnerCik>{cik}</rptOwnerCik></reportingOwnerId>
  <reportingOwnerRelationship><isDirector>1</isDirector><isOfficer>false</isOfficer></reportingOwnerRelationship>
  </reportingOwner>"""
TRADE = """<nonDerivativeTransaction><securityTitle><value>{title}</value></securityTitle>
  <transactionCoding><transactionCode>{code}</transactionCode></transactionCoding>
  <transactionAmounts><transactionShares><value>{shares}</value></transactionShares></transactionAmounts>
  <postTransactionAmounts><sharesOwnedFollowingTransaction><value>{owned}</value></sharesOwnedFollowingTransaction>
  </postTransactionAmounts><ownershipNature><directOrIndirectOwnership><value>D</value></directOrIndirectOwnership>
  </ownershipNature></nonDerivativeTransaction>"""
HEAD = (
    "ticker,insider_cik,filing_date,period_of_report,accession_number,form,shares_owned,is_director,is_officer,"
    "is_ten_percent_owner,is_other,transaction_codes\n"
)


def trade(code: str, shares: object, owned: object, title: str = "Common Stock") -> str:
    """One transaction as the form writes it."""
    return TRADE.format(code=code, shares=shares, owned=owned, title=title)


def form(*trades: str, owners: str = OWNER.format(cik="0001140108"), ticker: str = "CMCO", kind: str = "4") -> bytes:
    """A form."""
    return f"""<?xml version="1.0"?><ownershipDocument><documentType>{kind}</documentType>
      <periodOfReport>2020-02-18</periodOfReport><issuer><issuerTradingSymbol>{ticker}</issuerTradingSymbol></issuer>
      {owners}<nonDerivativeTable>{"".join(trades)}</nonDerivativeTable></ownershipDocument>""".encode()


def test_only_trades_on_the_open_market_are_bought_or_sold() -> None:
    """SVC-FND-03: a grant (A) and a tax payment (F) are no opinion."""
    facts = ownership_document(
        form(trade("P", 100, 1100), trade("P", 50, 1150), trade("S", 30, 1120), trade("A", 500, 1620)), FILED
    ).facts
    row = facts.row(0, named=True)
    assert (row["bought_shares"], row["sold_shares"], row["shares_owned"]) == (150.0, 30.0, 1620.0)
    assert (row["transaction_codes"], row["is_director"], row["is_officer"]) == ("A,P,S", True, False)


def test_a_form_is_known_from_the_opening_after_its_filing() -> None:
    row = ownership_document(form(trade("P", 1, 1)), FILED).facts.row(0, named=True)
    assert row["known_at"] == datetime(2020, 2, 21, 14, 30, tzinfo=UTC)
    assert row["event_at"].date() == date(2020, 2, 18)


def test_what_is_owned_is_added_up_over_classes() -> None:
    facts = ownership_document(form(trade("P", 1, 10, "Class A"), trade("P", 1, 20, "Class B")), FILED).facts
    assert facts["shares_owned"].to_list() == [30.0]


def test_a_form_without_holdings_owns_an_unknown_number() -> None:
    facts = ownership_document(form(kind="3"), FILED).facts
    assert facts.select("shares_owned", "bought_shares").rows() == [(None, 0.0)]


def test_a_form_of_two_owners_is_two_facts() -> None:
    owners = OWNER.format(cik="1140108") + OWNER.format(cik="0001207269")
    facts = ownership_document(form(trade("P", 1, 1), owners=owners), FILED).facts
    assert facts["insider_cik"].to_list() == ["0001140108", "0001207269"]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (form(kind="13D"), "form is '13D', expected 3, 4 or 5"),
        (form(ticker=""), "ticker is None, expected text"),
        (form(trade("P", "many", 1)), "transactionShares is 'many', expected a finite number"),
        (form(owners=OWNER.format(cik="1").replace(">1</isDirector", ">maybe</isDirector")), "is_director is 'maybe'"),
    ],
)
def test_a_malformed_form_is_set_aside(text: bytes, reason: str) -> None:
    parsed = ownership_document(text, FILED)
    assert parsed.facts.is_empty()
    assert parsed.rejected["reason"].item().startswith(reason)


def test_a_document_of_another_kind_is_refused() -> None:
    with pytest.raises(DataError, match="has the root <a>, expected <ownershipDocument>"):
        ownership_document(b"<a/>", FILED)


def test_a_ticker_that_looks_like_nothing_is_a_ticker() -> None:
    rows = "NA,1,2020-02-20,2020-02-18,a,4,10,1,0,0,0,\nTRUE,2,2020-02-20,2020-02-18,b,4,,0,1,0,0,\n"
    facts = holdings_after_forms((HEAD + rows).encode()).facts
    assert facts.select("symbol", "shares_owned", "bought_shares").rows() == [("NA", 10.0, None), ("TRUE", None, None)]


def test_a_form_filed_before_its_own_day_is_set_aside() -> None:
    parsed = holdings_after_forms((HEAD + "A,1,2020-02-17,2020-02-18,a,4,10,1,0,0,0,\n").encode())
    assert parsed.rejected["reason"].item().startswith("filing_date 2020-02-17 is before")


@pytest.mark.shared_data
def test_every_form_of_the_sample_is_read(shared_data: Path) -> None:
    parsed = holdings_after_forms(csv_of(shared_data, "c8_insider_holdings.parquet"))
    assert (parsed.facts.height, parsed.rejected.height) == (6013, 0)
    assert parsed.facts["shares_owned"].null_count() == 1226
    assert (parsed.facts["known_at"] > parsed.facts["event_at"]).all()
