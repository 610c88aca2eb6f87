"""Whether an order may leave for a venue: what the rules of policies/venue-rules read of the order and its market."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from dataflows.engine.compile import compiled_dataflow
from dataflows.engine.dataflow import Dataflow, Kind
from dataflows.engine.plan import Plan
from nodes.kernels.market_rules.halts import Halt, halts_in_force
from nodes.kernels.market_rules.price_bands import Bands
from nodes.kernels.market_rules.sessions import SessionTimes, session_fault
from nodes.kernels.market_rules.ticks import TickClass, TickTerms, tick_e4
from nodes.vocabulary.trading import E4_PER_USD, Side, VenueOrder
from nodes.vocabulary.units import Flag, Text, UsdPerShare
from policies.parse import ParsedPolicy


@dataclass(frozen=True)
class VenueRulesSnapshot:
    """What is known of an order for a venue. None where it is not known: the rule is then unknown, and denies.

    Attributes:
        symbol: of which share.
        session_is_open: whether the session takes such an order now.
        is_halted: whether the share, or the market, is halted or paused.
        halt_code: reason code of the halt; empty without one.
        limit_price_usd: worst price that the order accepts; for an order without a limit, the price it would meet.
        tick_price_usd: the tick of that price.
        bands_are_in_force: whether the share has price bands now.
        lower_band_price_usd: the lower band.
        upper_band_price_usd: the upper band.
        is_short_sale: whether the order sells short.
        short_sales_are_restricted: whether rule 201 restricts short sales of the share now.
        best_bid_price_usd: national best bid.
    """

    symbol: Text
    session_is_open: Flag
    is_halted: Flag
    halt_code: Text
    limit_price_usd: UsdPerShare
    tick_price_usd: UsdPerShare
    bands_are_in_force: Flag
    lower_band_price_usd: UsdPerShare
    upper_band_price_usd: UsdPerShare
    is_short_sale: Flag
    short_sales_are_restricted: Flag
    best_bid_price_usd: UsdPerShare


VENUE_RULES = Dataflow("venue-rules", Kind.GATE, ("guardrails",), VenueRulesSnapshot, ())


@dataclass(frozen=True)
class ShareMarket:
    """The market of one share at an instant. None where something is not known.

    Attributes:
        at_ns: the instant.
        session: the session of the day; None when the market is closed.
        halts: halts and pauses of the share and of the market; None when nothing of them is known.
        has_bands: whether price bands are in force; None when it is not known.
        bands: the bands.
        is_restricted: whether rule 201 restricts short sales.
        best_bid_e4: national best bid.
        best_ask_e4: national best offer.
        ticks: the tick sizes in force.
        tick_class: the share's class among them.
    """

    at_ns: int
    session: SessionTimes | None
    halts: Sequence[Halt] | None
    has_bands: bool | None
    bands: Bands | None
    is_restricted: bool | None
    best_bid_e4: int | None
    best_ask_e4: int | None
    ticks: TickTerms | None
    tick_class: TickClass


def compiled_venue_rules(parsed: ParsedPolicy) -> Plan:
    """The plan of a policy of venue rules. Raises PolicyError or PlanError with every fault."""
    return compiled_dataflow(parsed, VENUE_RULES)


def venue_rules_snapshot(order: VenueOrder, market: ShareMarket) -> VenueRulesSnapshot:
    """What the rules read of an order and the market of its share."""
    found = None if market.halts is None else halts_in_force(market.halts, market.at_ns)
    price_e4 = _price_e4(order, market)
    values = {
        "symbol": order.symbol,
        "session_is_open": not session_fault(order, market.at_ns, market.session),
        "is_halted": None if found is None else bool(found),
        "halt_code": found[0].code if found else "",
        "limit_price_usd": _usd(price_e4),
        "tick_price_usd": _tick_usd(price_e4, market),
        "bands_are_in_force": market.has_bands,
        "lower_band_price_usd": None if market.bands is None else _usd(market.bands.lower_e4),
        "upper_band_price_usd": None if market.bands is None else _usd(market.bands.upper_e4),
        "is_short_sale": order.side is Side.SELL_SHORT,
        "short_sales_are_restricted": market.is_restricted,
        "best_bid_price_usd": _usd(market.best_bid_e4),
    }
    return VenueRulesSnapshot(**values)  # type: ignore[arg-type]  # None stands for what is not known


def _price_e4(order: VenueOrder, market: ShareMarket) -> int | None:
    if order.limit_e4 is not None:
        return order.limit_e4
    return market.best_ask_e4 if order.side is Side.BUY else market.best_bid_e4


def _tick_usd(price_e4: int | None, market: ShareMarket) -> UsdPerShare | None:
    if price_e4 is None or market.ticks is None:
        return None
    return _usd(tick_e4(price_e4, market.ticks, market.tick_class))


def _usd(price_e4: int | None) -> UsdPerShare | None:
    return None if price_e4 is None else UsdPerShare(Decimal(price_e4) / E4_PER_USD)
