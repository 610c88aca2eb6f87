"""A working order as the simulated market meets it: in the parts of its route, as its client asked it to be worked.

The route is part of the decision. Corporate actions change how many shares an order has, and not how they are split. Of
what a client asks, some moves parts: an order for one auction alone goes there whole; one that is to trade at once,
that waits for a price, or that never takes, does not wait for an auction; and all or nothing is asked of one venue.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

from api.use_cases.deciding import INSTRUCTIONS
from governance.entries import child_cl_ord_id
from nodes.kernels.fills import LimitOrder, apportioned
from nodes.kernels.prices import limit_on_tick_usd
from nodes.kernels.simulator.routed import AUCTION, POST, TAKE, ChildOrder
from nodes.kernels.sizes import side
from nodes.vocabulary.canonical import decode
from nodes.vocabulary.instructions import AUCTIONS, Instructions, instructions_from_content
from nodes.vocabulary.orders import PendingOrder
from nodes.vocabulary.trading import TimeInForce


def routed_order(  # noqa: PLR0913, PLR0917  # an order, what is known of it, and what it is worked under
    order: PendingOrder,
    sent: bytes | None,
    sent_as: str,
    params: Mapping[str, Any],
    estimates: tuple[float, float],
    traded: Mapping[str, int] | None = None,
) -> LimitOrder:
    """The order with its parts.

    Args:
        order: as it is left.
        sent: its bytes in the outbox; None or empty where there are none.
        sent_as: its ClOrdID.
        params: of the policy, which name the venues of auction and session.
        estimates: its spread in basis points and its daily volatility.
        traded: what each part has traded in earlier sessions, by ClOrdID.
    """
    content: Mapping[str, Any] = decode(sent) if sent else {}
    asked, venue = instructions_from_content(content.get(INSTRUCTIONS, {})), str(params["session_venue"])
    parts = [
        ChildOrder(child_cl_ord_id(sent_as, place), at, shares, how)
        for place, (at, shares, _, how) in enumerate(content.get("route", ()))
    ]
    parts = parts or [ChildOrder(child_cl_ord_id(sent_as, 0), venue, abs(order.order_shares), POST)]
    rest = ChildOrder(child_cl_ord_id(sent_as, len(parts)), venue, 0, TAKE)
    parts = _left(parts, rest, traded) if traded else parts
    spread_bps, volatility_frac = estimates
    return LimitOrder(
        symbol=order.symbol,
        shares=order.order_shares,
        limit_price_usd=order.limit_price_usd,
        estimated_spread_bps=spread_bps,
        volatility_frac=volatility_frac,
        children=_placed(apportioned(parts, abs(order.order_shares)), asked, params),
        rest=rest,
        instructions=asked,
    )


def split_order(order: LimitOrder, ratio: Fraction) -> LimitOrder:
    """The order after a split, which its account knows of, while its client's prices are still those of old shares.

    The limit goes to the tick that is no looser, as the account's own does; the stop to the one that wakes no sooner.
    """
    asked, way = order.instructions, side(order.shares)
    limit_usd, stop_usd = asked.limit_price_usd, asked.stop_price_usd
    if limit_usd is not None:
        limit_usd = limit_on_tick_usd(limit_usd * ratio.denominator / ratio.numerator, way)
    if stop_usd is not None:
        stop_usd = limit_on_tick_usd(stop_usd * ratio.denominator / ratio.numerator, -way)
    return replace(order, instructions=replace(asked, limit_price_usd=limit_usd, stop_price_usd=stop_usd))


def _placed(parts: tuple[ChildOrder, ...], asked: Instructions, params: Mapping[str, Any]) -> tuple[ChildOrder, ...]:
    """The parts where the client's instructions let them go."""
    venue, whole = str(params["session_venue"]), sum(part.shares for part in parts)
    if asked.time_in_force in AUCTIONS:
        return (parts[0]._replace(venue=str(params["auction_venue"]), shares=whole, how=AUCTION),)
    if asked.time_in_force is TimeInForce.FOK:
        return (parts[0]._replace(venue=venue, shares=whole, how=TAKE),)
    if asked.time_in_force is TimeInForce.IOC or asked.never_takes or asked.stop_price_usd is not None:
        return tuple(part._replace(venue=venue, how=TAKE) if part.how == AUCTION else part for part in parts)
    return parts


def _left(parts: list[ChildOrder], rest: ChildOrder, traded: Mapping[str, int]) -> list[ChildOrder]:
    """Parts less what they have traded; what the rest has, which works for an auction's part, comes off that one."""
    known = dict(traded)
    auctioned = next((part.cl_ord_id for part in parts if part.how == AUCTION), parts[0].cl_ord_id)
    known[auctioned] = known.get(auctioned, 0) + known.pop(rest.cl_ord_id, 0)
    left = [part._replace(shares=max(part.shares - known.get(part.cl_ord_id, 0), 0)) for part in parts]
    return left if any(part.shares for part in left) else parts
