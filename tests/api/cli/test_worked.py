"""Options that say how an order is to be worked."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from api.cli.worked import Life, Rest, WorkedOptions, amount
from nodes.vocabulary.errors import EdgeError
from nodes.vocabulary.instructions import PLAIN, Instructions
from nodes.vocabulary.trading import TimeInForce


def test_without_options_the_policy_alone_says_how_an_order_is_worked() -> None:
    assert WorkedOptions().instructions == PLAIN


def test_options_are_the_instructions_that_they_say() -> None:
    """API-STR-02."""
    asked = WorkedOptions("27.60", Life.UNTIL, "2013-01-03T16:00:00Z").instructions
    assert asked == Instructions(TimeInForce.GTD, Decimal("27.60"), datetime(2013, 1, 3, 16, tzinfo=UTC))
    lives = {Life.OPENING: "OPG", Life.CLOSING: "CLS", Life.IOC: "IOC", Life.FOK: "FOK"}
    assert {WorkedOptions(life=life).instructions.time_in_force.name for life in lives} == set(lives.values())
    assert WorkedOptions(stop="26").instructions == Instructions(stop_price_usd=Decimal(26))
    assert WorkedOptions(rest=Rest.MIDDLE).instructions == Instructions(is_pegged=True)
    posted = WorkedOptions("27.60", rest=Rest.LIMIT).instructions
    assert posted == Instructions(limit_price_usd=Decimal("27.60"), is_post_only=True)


def test_what_is_no_amount_or_instant_is_refused() -> None:
    with pytest.raises(EdgeError, match=r"--price was 'cheap', expected an amount like 27\.60"):
        amount("--price", "cheap")
    with pytest.raises(EdgeError, match=r"--until: .*noon"):
        _ = WorkedOptions(life=Life.UNTIL, until="noon").instructions
