"""Text slots: a bare name with a numeric format, and nothing that reaches further."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodes.vocabulary.absent import Absent
from nodes.vocabulary.errors import PolicyError
from policies.texts import Slot, Text, format_fits, parsed_text, rendered
from tests.strategies import scalars


def test_text_is_cut_at_its_slots() -> None:
    text = parsed_text("Order is {participation_frac:.1%} of {{adv}} {adv_shares}")
    assert text == Text(
        ("Order is ", Slot("participation_frac", ".1%", 9), " of ", "{", "adv", "}", " ", Slot("adv_shares", "", 45))
    )
    assert [slot.name for slot in text.slots] == ["participation_frac", "adv_shares"]


@pytest.mark.parametrize(
    ("text", "values", "shown"),
    [
        ("{x_frac:.1%}", {"x_frac": 0.0512}, "5.1%"),
        ("{x_usd:,.2f}", {"x_usd": Decimal("1234567.5")}, "1,234,567.50"),
        ("{x_shares:,d}", {"x_shares": 5000}, "5,000"),
        ("{x_shares:,}", {"x_shares": 5000}, "5,000"),
        ("{x_frac:+.2f}", {"x_frac": 0.5}, "+0.50"),
        ("{symbol}", {"symbol": "ON"}, "ON"),
        ("{is_halted}", {"is_halted": True}, "yes"),
        ("{is_halted}", {"is_halted": False}, "no"),
        ("{x_frac:.1%}", {"x_frac": None}, "(not known)"),
        ("{x_frac:.1%}", {"x_frac": Absent("x_frac", "no bar")}, "(not known)"),
        ("{x_frac:.1%}", {}, "(not known)"),
        ("{symbol:.1%}", {"symbol": "ON"}, "ON"),
        ("{x_frac:d}", {"x_frac": 0.5}, "0.5"),
        ("{{x}} 100 %", {}, "{x} 100 %"),
    ],
)
def test_slots_show_values_and_say_when_there_is_none(text: str, values: dict[str, object], shown: str) -> None:
    assert rendered(text, values) == shown
    assert rendered(parsed_text(text), values) == shown


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("{x.real}", "reaches into a value"),
        ("{x.__class__.__mro__}", "reaches into a value"),
        ("{x[0]}", "reaches into a value"),
        ("{x!r}", "reaches into a value"),
        ("{}", "names no value"),
        ("{0}", "names no value"),
        ("{:.1f}", "names no value"),
        ("{x y}", "names no value"),
        ("{X}", "names no value"),
        ("{x:>10}", "format that is not numeric"),
        ("{x:1000000000d}", "format that is not numeric"),
        ("{x:.999999f}", "format that is not numeric"),
        ("{x:s}", "format that is not numeric"),
        ("{x:%Y}", "format that is not numeric"),
        ("{x:n}", "format that is not numeric"),
        ("{x:{y}}", "has no partner"),
        ("{x", "{ has no partner; close the slot, or write {{ for the character"),
        ("x}", "} has no partner"),
    ],
)
def test_slots_that_reach_further_are_refused(text: str, message: str) -> None:
    with pytest.raises(PolicyError, match=r"slot|partner") as refused:
        parsed_text(text, "v3.yaml", 4, 10)
    assert message in str(refused.value)
    assert str(refused.value).startswith("v3.yaml:4:1")


def test_every_bad_slot_of_a_text_is_told_at_its_place() -> None:
    with pytest.raises(PolicyError, match="reaches") as refused:
        parsed_text("ab {x.y} {z} {w!r}", "v3.yaml", 4, 10)
    assert [fault.column for fault in refused.value.faults] == [13, 23]


def test_text_over_1000_characters_is_refused() -> None:
    with pytest.raises(PolicyError, match="has 1001 characters, expected at most 1000; shorten it"):
        parsed_text("x" * 1001)


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=40))
def test_any_text_is_cut_or_refused(text: str) -> None:
    try:
        parsed = parsed_text(text)
    except PolicyError:
        return
    assert rendered(parsed, {}) == rendered(text, {})


@given(scalars(), st.sampled_from(["", ",", ".2f", "+,.1%", "d", ",d", "e", ".3e"]))
def test_any_value_can_be_shown_in_any_format(value: object, slot_format: str) -> None:
    assert isinstance(rendered(f"{{x:{slot_format}}}" if slot_format else "{x}", {"x": value}), str)


@pytest.mark.parametrize(
    ("slot_format", "base", "fits"),
    [
        ("", str, True),
        (".1%", float, True),
        (".2f", Decimal, True),
        ("d", int, True),
        ("d", float, False),
        ("d", Decimal, False),
        (".2d", int, False),
        (".2", int, False),
        (".2", float, True),
        (",.2", Decimal, True),
        ("+,.1e", int, True),
        (".1%", str, False),
        (",", bool, False),
    ],
)
def test_format_fits_the_classes_it_can_show(slot_format: str, base: type, fits: bool) -> None:  # noqa: FBT001  # a column of the table
    assert format_fits(slot_format, base) is fits
