"""Options that say how an order is to be worked, beyond how many shares."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import Enum
from typing import Annotated

import typer

from nodes.vocabulary.errors import DataError, EdgeError
from nodes.vocabulary.instants import instant_from_text
from nodes.vocabulary.instructions import Instructions
from nodes.vocabulary.trading import TimeInForce


class Life(Enum):
    """Times in force as people write them."""

    DAY = "day"
    OPENING = "opening"
    CLOSING = "closing"
    IOC = "ioc"
    FOK = "fok"
    UNTIL = "until"


class Rest(Enum):
    """Where an order rests that never takes."""

    LIMIT = "limit"
    MIDDLE = "middle"


_LIVES = {
    Life.DAY: TimeInForce.DAY,
    Life.OPENING: TimeInForce.OPG,
    Life.CLOSING: TimeInForce.CLS,
    Life.IOC: TimeInForce.IOC,
    Life.FOK: TimeInForce.FOK,
    Life.UNTIL: TimeInForce.GTD,
}


@dataclass(frozen=True)
class WorkedOptions:
    """How an order is to be worked."""

    limit: Annotated[
        str | None, typer.Option("--limit", help="The worst price that you accept.", show_default="the policy's alone")
    ] = None
    life: Annotated[
        Life,
        typer.Option(
            "--life", help="Through the day, in one auction alone, at once, all or nothing, until an instant."
        ),
    ] = Life.DAY
    until: Annotated[
        str | None, typer.Option("--until", help="The instant of --life until, RFC 3339 in UTC.", metavar="INSTANT")
    ] = None
    stop: Annotated[
        str | None, typer.Option("--stop", help="Wait until this price has traded.", show_default="does not wait")
    ] = None
    rest: Annotated[
        Rest | None,
        typer.Option("--rest", help="Never take: at your --limit, or at the middle of the best prices."),
    ] = None

    @property
    def instructions(self) -> Instructions:
        """The same for an order. Raises EdgeError for what is no price or no instant."""
        try:
            expires_at = None if self.until is None else instant_from_text(self.until)
        except DataError as error:
            raise EdgeError(f"--until: {error}") from error
        limit_usd, stop_usd = (
            None if text is None else amount(option, text)
            for option, text in (("--limit", self.limit), ("--stop", self.stop))
        )
        is_pegged, is_post_only = self.rest is Rest.MIDDLE, self.rest is Rest.LIMIT
        return Instructions(_LIVES[self.life], limit_usd, expires_at, stop_usd, is_pegged, is_post_only)


@dataclass(frozen=True)
class NamedOptions:
    """By which names an order is known."""

    key: Annotated[str | None, typer.Option("--key", help="The same for a retry.", show_default="a new one")] = None
    client_order_id: Annotated[str | None, typer.Option("--client-order-id", help="Your own name for it.")] = None


def amount(option: str, text: str) -> Decimal:
    """The amount that somebody wrote. Raises EdgeError when it is none."""
    try:
        return Decimal(text)
    except InvalidOperation as error:
        raise EdgeError(f"{option} was {text[:32]!a}, expected an amount like 27.60; write one") from error
