"""Statements understood by a mapping: every record, or a fault with its place."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from adapters.statements.reading import Asked, read_statement
from nodes.vocabulary.errors import DataError
from nodes.vocabulary.statements import Movement, MovementKind, Statement
from policies.statements import StatementMapping, parsed_mapping, shipped_mapping
from tests.broker_statements import Told, execution, fix_message

ASKED = Asked("demo")
ON = date(2013, 1, 3)
HEAD = "record,date,account,symbol,quantity,price,fee,amount,currency,reference\n"
BROKERS = """
statement_mapping: broker
version: 1
owner: operations
why: a broker with its own ways
sources: [a file]
form: csv
delimiter: ";"
day_format: "%d.%m.%Y"
currency: EUR
symbols: {BRK/B: BRK.B}
accounts: {U123: demo}
fields: {on: Tag, account: Konto, symbol: Titel, quantity: Stueck, price: Kurs, fee: [Provision, Steuer]}
rows:
  - {when: {Art: [K, V]}, kind: trade, signs: {field: Art, plus: K, minus: V}, negated: [fee]}
  - {when: {Art: I}, kind: left-out}
"""


def _csv(text: str, asked: Asked = ASKED) -> Statement:
    return read_statement((HEAD + text).encode(), shipped_mapping("statement-csv").mapping, asked)


def test_movements_positions_and_balances_are_read() -> None:
    found = _csv(
        "trade,2013-01-03,demo,IBM,100,192.5,1.25,-19251.25,USD,e1\n"
        "dividend,2013-01-04,demo,IBM,,,,85,USD,d1\n"
        "position,,demo,IBM,100,,,,,\nposition,,demo,MSFT,0,,,,,\nbalance,,demo,,,,,10.50,EUR,\n"
    )
    first, second = found.movements
    numbers = (Decimal(100), Decimal("192.5"), Decimal("1.25"), Decimal("-19251.25"))
    assert (first.quantity, first.price, first.fee, first.amount) == numbers
    assert (second.kind, second.quantity, second.place) == (MovementKind.DIVIDEND, None, "line 3")
    assert second.amount == 85
    assert found.positions == (("IBM", Decimal(100)),)
    assert found.balances == (("EUR", Decimal("10.50")),)
    assert (found.since, found.until) == (ON, date(2013, 1, 4))


def test_what_is_not_told_is_none_and_never_zero() -> None:
    found = _csv("trade,2013-01-03,demo,IBM,100,,,,,\n")
    (trade,) = found.movements
    assert (trade.price, trade.fee, trade.amount, trade.currency) == (None, None, None, "USD")
    assert (found.positions, found.balances) == (None, None)


def test_records_of_other_accounts_are_left_out() -> None:
    found = _csv("fee,2013-01-03,demo,,,,,-1,USD,\nfee,2013-01-03,other,,,,,-2,USD,\n")
    assert [each.amount for each in found.movements] == [-1]


def test_a_brokers_own_words_signs_days_and_names_are_turned_into_ours() -> None:
    mapping = parsed_mapping(BROKERS.encode(), "broker.yaml").mapping
    text = (
        "Art;Tag;Konto;Titel;Stueck;Kurs;Provision;Steuer\nV;03.01.2013;U123;BRK/B;1,200;94.1;(1.10);-0.02\nI;;;;;;;\n"
    )
    (found,) = read_statement(text.encode(), mapping, ASKED).movements
    assert found == Movement(
        MovementKind.TRADE,
        ON,
        "BRK.B",
        Decimal(-1200),
        Decimal("94.1"),
        Decimal("1.12"),
        currency="EUR",
        place="line 2",
    )


def test_an_instant_belongs_to_the_day_of_the_exchange() -> None:
    text = (
        '[{"id": "1", "activity_type": "FILL", "symbol": "IBM", "qty": "5", "price": "190", "side": "sell_short",'
        ' "transaction_time": "2013-01-04T01:00:00.123Z", "order_id": "o"}]'
    )
    (found,) = read_statement(text.encode(), shipped_mapping("alpaca-activities").mapping, ASKED).movements
    assert (found.on, found.quantity, found.order) == (ON, Decimal(-5), "o")


def _fix(*messages: list[tuple[str, str]]) -> Statement:
    text = "\n".join(fix_message(each) for each in messages)
    days = Asked("demo", ON, ON)
    return read_statement(text.encode(), shipped_mapping("fix-drop-copy").mapping, days)


TRADE = Told("trade", ON, "IBM", Decimal(100), Decimal("192.5"), Decimal("1.25"), reference="e1", order="c1")


def test_a_bust_takes_its_trade_back() -> None:
    bust = [("35", "8"), ("34", "9"), ("150", "H"), ("17", "e2"), ("19", "e1")]
    assert _fix(execution(TRADE, 3), bust).movements == ()


def test_a_correction_puts_its_trade_right_under_the_name_that_the_books_know() -> None:
    right = Told("trade", ON, "IBM", Decimal(100), Decimal("192.4"), Decimal("1.25"), reference="e2", order="c1")
    (found,) = _fix(execution(TRADE, 3), [*execution(right, 4, "G"), ("19", "e1")]).movements
    assert (found.reference, found.price, found.fee) == ("e1", Decimal("192.4"), Decimal("1.25"))


def test_a_report_may_name_the_last_correction_of_a_trade() -> None:
    """Some brokers name the execution in ExecRefID, others the report that they sent last of it."""
    right = Told("trade", ON, "IBM", Decimal(100), Decimal("192.4"), Decimal("1.25"), reference="e2", order="c1")
    again = Told("trade", ON, "IBM", Decimal(90), Decimal("192.4"), Decimal("1.25"), reference="e3", order="c1")
    told = [execution(TRADE, 3), [*execution(right, 4, "G"), ("19", "e1")], [*execution(again, 5, "G"), ("19", "e2")]]
    (found,) = _fix(*told).movements
    assert (found.reference, found.quantity) == ("e1", Decimal(90))
    assert _fix(*told, [("35", "8"), ("34", "9"), ("150", "H"), ("17", "e4"), ("19", "e3")]).movements == ()


def test_days_that_end_before_they_begin_are_refused() -> None:
    with pytest.raises(DataError, match="covers 2013-01-04 to 2013-01-03, expected days"):
        _csv("trade,2013-01-03,demo,IBM,1,1,,,,\n", Asked("demo", date(2013, 1, 4), ON))


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("loan,2013-01-03,demo,IBM,1,1,,,,\n", "line 2 of the statement, record 'loan', is known to no row"),
        ("trade,2013-01-03,demo,,1,1,,,,\n", "line 2 of the statement, a trade, has no symbol in field 'symbol'"),
        ("trade,,demo,IBM,1,1,,,,\n", "has no on in field 'date'"),
        ("trade,03/01/2013,demo,IBM,1,1,,,,\n", "has day '03/01/2013', expected the form"),
        ("trade,2013-01-03,demo,IBM,1e5,1,,,,\n", "has quantity '1e5', expected a number"),
        ("trade,2013-01-03,demo,IBM,NaN,1,,,,\n", "has quantity 'NaN'"),
        ("trade,2013-01-03,demo,IBM,12,34,,,,\n".replace("12", '"1,2"'), "has quantity '1,2'"),
        ("trade,2013-01-03,demo,I\x07M,1,1,,,,\n", "correct the file"),
        (f"trade,2013-01-03,demo,{'I' * 200},1,1,,,,\n", "correct the file"),
        ("position,,demo,IBM,1,,,,,\n", "tells no movement and so no days"),
        ("trade,2013-01-03,demo,IBM,1,1,,,usd,\n", "line 2 of the statement has currency 'usd', expected three"),
        ("balance,,demo,,,,,1,Euro,\n", "line 2 of the statement has currency 'Euro', expected three"),
        ("trade,0001-01-05,demo,IBM,1,1,,,,\n", "statement covers 0001-01-05 to 0001-01-05, expected days of 1900"),
        ("trade,9999-12-31,demo,IBM,1,1,,,,\n", "statement covers 9999-12-31 to 9999-12-31, expected days of 1900"),
    ],
)
def test_what_cannot_be_understood_is_refused_with_its_place(line: str, words: str) -> None:
    with pytest.raises(DataError, match="statement") as found:
        _csv(line)
    assert words in str(found.value)


def test_a_side_without_a_sign_is_refused() -> None:
    told = [pair if pair[0] != "54" else ("54", "9") for pair in execution(TRADE, 3)]
    with pytest.raises(DataError, match="has 54 '9', which has no sign"):
        _fix(told)


def test_a_bust_of_what_was_never_told_is_refused() -> None:
    with pytest.raises(DataError, match="takes back 'e7', which no earlier record has"):
        _fix([("35", "8"), ("34", "9"), ("150", "H"), ("17", "e2"), ("19", "e7")])


def test_a_day_out_of_range_is_refused() -> None:
    mapping: StatementMapping = shipped_mapping("alpaca-activities").mapping
    text = '[{"activity_type": "FEE", "date": "0001-01-01T00:00:00+23:00", "net_amount": "1"}]'
    with pytest.raises(DataError, match="has day '0001-01-01T00:00:00"):
        read_statement(text.encode(), mapping, ASKED)
