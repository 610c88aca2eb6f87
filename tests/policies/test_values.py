"""Scalars: YAML 1.2's core schema, and types by the suffix of a name."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.document import Scalar
from policies.values import CoreValue, SlipError, base_of_name, core_value, exact_decimal, instant, named_value
from tests.strategies import decimals


def plain(text: str) -> Scalar:
    return Scalar(text, "", 0, 1, 1)


def in_quotes(text: str) -> Scalar:
    return Scalar(text, '"', 0, 1, 1)


@pytest.mark.parametrize("text", ["ON", "on", "NO", "No", "no", "yes", "YES", "off", "y", "n", "1_000", "0b11", "1:30"])
def test_words_that_older_yaml_converts_are_texts(text: str) -> None:
    assert core_value(plain(text)) == text


@pytest.mark.parametrize(
    "text", ["2026-11-23", "2026-11-23T14:30:00Z", "<<", "=", "nul", "TRue", "1e", "+", ".", "1,5"]
)
def test_what_the_core_schema_does_not_name_is_a_text(text: str) -> None:
    assert core_value(plain(text)) == text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True),
        ("True", True),
        ("FALSE", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("0", 0),
        ("-17", -17),
        ("+3", 3),
        ("010", 10),
        ("0o17", 15),
        ("0xfF", 255),
        ("1.5", 1.5),
        (".5", 0.5),
        ("5.", 5.0),
        ("1e3", 1000.0),
        ("-2.5E-1", -0.25),
        ("9223372036854775807", 2**63 - 1),
    ],
)
def test_plain_scalars_follow_the_core_schema(text: str, value: CoreValue) -> None:
    assert core_value(plain(text)) == value
    assert type(core_value(plain(text))) is type(value)


@pytest.mark.parametrize("text", ["true", "null", "5", "0.5", ".nan", ""])
def test_scalar_in_quotes_is_a_text(text: str) -> None:
    assert core_value(in_quotes(text)) == text


@pytest.mark.parametrize("text", [".nan", ".NaN", ".inf", "-.Inf", "+.INF", "1e400", "-1e999"])
@pytest.mark.parametrize("name", ["max_frac", "max_usd", "max_shares", "anything"])
def test_numbers_that_are_not_finite_are_refused_under_every_name(text: str, name: str) -> None:
    with pytest.raises(SlipError, match=r"is not a finite number|expected a whole number|has more than 28 digits"):
        named_value(name, plain(text))


@pytest.mark.parametrize("text", ["9223372036854775808", "-9223372036854775809", "0x1ffffffffffffffff", "9" * 5000])
def test_whole_numbers_over_64_bits_are_refused(text: str) -> None:
    with pytest.raises(SlipError, match=r"does not fit into 64 bits|too long for a number"):
        core_value(plain(text))


@pytest.mark.parametrize(
    ("name", "base"),
    [
        ("max_participation_frac", float),
        ("spread_bps", float),
        ("composite_score", float),
        ("order_shares", int),
        ("adv_sessions", int),
        ("staleness_s", int),
        ("n_names", int),
        ("orders_count", int),
        ("fee_usd", Decimal),
        ("close_price_usd", Decimal),
        ("signal_weights", dict),
        ("halted_at", datetime),
        ("known_utc", datetime),
        ("session_on", date),
        ("symbol", None),
    ],
)
def test_suffix_of_a_name_says_the_type(name: str, base: type | None) -> None:
    assert base_of_name(name) is base


@pytest.mark.parametrize("text", ["5", "5.0", "5.", "+5", "0.5e1", "0x5", "0o5"])
def test_every_spelling_of_a_fraction_is_one_float(text: str) -> None:
    value = named_value("max_frac", plain(text))
    assert (type(value), value) == (float, 5.0)


@pytest.mark.parametrize("text", ["2500", "2500.00", "2.5e3", "2500.", "+2500", "0x9c4"])
def test_every_spelling_of_an_amount_is_one_decimal_without_exponent(text: str) -> None:
    value = named_value("max_usd", plain(text))
    assert isinstance(value, Decimal)
    assert value.as_tuple() == Decimal(2500).as_tuple()


@pytest.mark.parametrize("text", ["0", "-0", "0.00", "-0.0", "0e5", "-.0e-99"])
@pytest.mark.parametrize(("name", "zero"), [("max_usd", "0"), ("max_frac", "0.0")])
def test_zero_has_one_form_and_no_sign(text: str, name: str, zero: str) -> None:
    assert str(named_value(name, plain(text))) == zero


def test_amount_is_exact_from_the_text_and_never_passes_through_a_float() -> None:
    assert named_value("fee_usd", plain("0.1000000000000000055511151")) == Decimal("0.1000000000000000055511151")


@pytest.mark.parametrize(
    "text",
    [
        "1e28",
        "12345678901234567890123456789",
        "1e999999999",
        "1e-70",
        "12345678901234.123456789012345",
        "1e99999999999999999999",
        "1" * 99,
    ],
)
def test_amount_that_is_too_long_is_refused(text: str) -> None:
    with pytest.raises(SlipError, match="has more than 28 digits"):
        named_value("fee_usd", plain(text))


@given(decimals())
def test_amount_is_normalised_without_changing_its_value(number: Decimal) -> None:
    try:
        exact = exact_decimal(str(number))
    except SlipError:
        return
    assert exact == number
    assert exact_decimal(str(exact)).as_tuple() == exact.as_tuple()
    assert exact.is_zero() or exact.as_tuple().digits[-1] != 0 or exact.as_tuple().exponent == 0


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_fraction_is_the_float_that_its_text_names(number: float) -> None:
    assert named_value("max_frac", plain(repr(number))) == number


@pytest.mark.parametrize(
    ("name", "scalar", "message", "mend"),
    [
        ("order_shares", plain("2.5"), "order_shares was 2.5, expected a whole number", "write digits only"),
        ("order_shares", plain("5.0"), "order_shares was 5.0, expected a whole number", "write 5"),
        ("order_shares", plain("1_000"), "was 1_000, expected a whole number", "write 1000"),
        ("max_usd", plain("2,500"), "was 2,500, expected an amount", "write 2500"),
        ("max_usd", in_quotes("2500"), "was '2500', expected an amount", "write 2500 without quotes"),
        ("max_frac", plain("five"), "max_frac was five, expected a number", "write it like 0.05"),
        ("max_frac", plain("5%"), "max_frac was 5%, expected a number", "write 0.05"),
        ("max_frac", plain("true"), "max_frac was true, expected a number", "write it like 0.05"),
        ("k_weights", plain("5"), "expected a mapping of weights", "write it like {momentum_frac: 1.0}"),
        ("known_at", plain("2026-11-23"), "known_at was 2026-11-23, expected an instant", "2026-11-23T14:30:00Z"),
        ("known_at", plain("2026-11-23T14:30:00"), "expected an instant", "2026-11-23T14:30:00Z"),
        ("session_on", plain("23.11.2026"), "session_on was 23.11.2026, expected a date", "write it like 2026-11-23"),
        ("session_on", plain("2026-02-30"), "session_on was 2026-02-30, expected a date", "write it like 2026-11-23"),
    ],
)
def test_value_that_does_not_fit_its_name_is_refused_with_a_mend(
    name: str, scalar: Scalar, message: str, mend: str
) -> None:
    with pytest.raises(SlipError, match=r"expected") as refused:
        named_value(name, scalar)
    assert message in refused.value.slip.what
    assert mend in refused.value.slip.mend


def test_instants_and_dates_are_typed_by_name() -> None:
    noon = datetime(2026, 11, 23, 12, tzinfo=UTC)
    assert named_value("known_at", plain("2026-11-23T13:00:00+01:00")) == noon
    assert named_value("session_on", plain("2026-11-23")) == date(2026, 11, 23)


@pytest.mark.parametrize("name", ["max_usd", "order_shares", "session_on", "symbol"])
def test_null_is_no_value_under_any_name(name: str) -> None:
    assert named_value(name, plain("null")) is None


@pytest.mark.parametrize("text", ["2263-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z"])
def test_an_instant_beyond_what_can_be_recorded_is_refused_where_it_stands(text: str) -> None:
    with pytest.raises(SlipError, match=r"out of the range of instants, 1677-09-22 to 2262-04-11"):
        instant(plain(text))
