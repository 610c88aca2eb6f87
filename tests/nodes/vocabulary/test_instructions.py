"""Instructions narrow what the policy lets out, and survive being written down."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from nodes.vocabulary.canonical import decode, encode
from nodes.vocabulary.errors import DataError
from nodes.vocabulary.instructions import PLAIN, Instructions, instructions_from_content
from nodes.vocabulary.trading import TimeInForce

AT = datetime(2013, 1, 3, 16, tzinfo=UTC)
GTD = Instructions(TimeInForce.GTD, Decimal("27.60"), AT)
STOP = Instructions(stop_price_usd=Decimal("26.00"))
PEG = Instructions(is_pegged=True)
POST = Instructions(limit_price_usd=Decimal("27.00"), is_post_only=True)


@pytest.mark.parametrize(
    "asked", [PLAIN, GTD, STOP, PEG, POST, Instructions(TimeInForce.FOK), Instructions(TimeInForce.CLS)]
)
def test_instructions_are_read_back_as_they_were_written(asked: Instructions) -> None:
    assert instructions_from_content(decode(encode(asked.content))) == asked
    assert asked.fault == ""


def test_of_two_limits_the_tighter_one_holds() -> None:
    assert GTD.tighter_usd(Decimal("27.80"), 1) == Decimal("27.60") == GTD.tighter_usd(Decimal("27.60"), 1)
    assert GTD.tighter_usd(Decimal("27.50"), 1) == Decimal("27.50")
    assert GTD.tighter_usd(Decimal("27.50"), -1) == Decimal("27.60")
    assert PLAIN.tighter_usd(Decimal("27.50"), -1) == Decimal("27.50")


@pytest.mark.parametrize(
    ("asked", "fault"),
    [
        (Instructions(stop_price_usd=Decimal(-1)), "stop price was -1, expected a positive one"),
        (replace(STOP, is_pegged=True), "an order was stop and pegged, expected one of them"),
        (replace(STOP, time_in_force=TimeInForce.FOK), "time in force of a stop order was FOK, expected DAY or GTD"),
        (replace(PEG, time_in_force=TimeInForce.CLS), "time in force of a pegged order was CLS, expected DAY or GTD"),
        (replace(POST, limit_price_usd=None), "limit price of a post-only order was None, expected the price"),
        (Instructions(limit_price_usd=Decimal(0)), "limit price was 0, expected a positive one"),
        (Instructions(limit_price_usd=Decimal("NaN")), "limit price was NaN"),
        (Instructions(TimeInForce.GTD), "expiry of a GTD order was None, expected an instant"),
        (Instructions(expires_at=AT), "expiry of a DAY order was .*, expected none"),
    ],
)
def test_what_nobody_could_follow_is_said(asked: Instructions, fault: str) -> None:
    with pytest.raises(DataError, match=f"cannot be followed: {fault}"):
        instructions_from_content(asked.content)


@pytest.mark.parametrize(
    "content", [{"limit_price_usd": None}, {**GTD.content, "time_in_force": "Z"}, {**GTD.content, "more": 1}]
)
def test_content_of_another_version_is_refused(content: dict[str, object]) -> None:
    with pytest.raises(DataError, match="are none of this version"):
        instructions_from_content(content)


def test_what_few_orders_ask_is_written_only_where_it_is() -> None:
    """Orders of logs from before it keep their bytes."""
    assert set(GTD.content) == {"time_in_force", "limit_price_usd", "expires_at"}
    assert set(STOP.content) - set(GTD.content) == {"stop_price_usd"}


def test_only_an_order_that_is_good_until_later_outlives_an_instant() -> None:
    second = timedelta(seconds=1)
    assert [GTD.outlives(AT + step) for step in (-second, 0 * second)] == [True, False]
    assert not PLAIN.outlives(AT)
    assert [asked.never_takes for asked in (PLAIN, STOP, PEG, POST)] == [False, False, True, True]
