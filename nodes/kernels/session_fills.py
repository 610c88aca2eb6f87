"""What one session makes of an order: the simulator's event path over the session's bar, read off as executions.

 1. A halted session, no bar, a bar that misses a price or has one that is not positive, a high under the low, no
    volume: no fill.
 2. Orders of ours in a symbol together take at most a given part of the bar's volume, and of an auction's, whoever
    comes first first; the rest expires at the close, or goes on working where the order is good until later.
 3. The bar becomes a market (`nodes.kernels.simulator.session_bars`): an opening auction, and a book at each venue that
    the order's route names. The route is worked there (`nodes.kernels.simulator.routed`) by the simulator's rules
    alone: price, then time; queues; nothing beyond the limit. Every message takes the latency that was drawn for the
    order and the venue's own, and the price drifts meanwhile.
 4. What the order trades moves the prices by the square-root law, its own price included: at all venues, and for what
    is left of it.
 5. An execution costs, against the middle of the market in its quarter, or at its stop: spread, then what the price did
    on the way, then impact. What rested is no worse than its own price: it costs nothing, whatever the price did
    before. What an auction costs is against the bar's open, or its close.
 6. Commission and fees are those of the order as a whole, each execution bearing what it adds; money is exact, fees
    are rounded up to the cent. An order that works in several sessions is charged in each as an order of its own.

Chance is an argument: the same draws give the same fills, so that two assumptions are compared on the same luck.
"""

from __future__ import annotations

import math
from dataclasses import replace
from decimal import Decimal
from itertools import count
from operator import itemgetter
from typing import NamedTuple

from nodes.kernels.fees import cents_up, exact
from nodes.kernels.fills import Execution, FillTerms, LimitOrder, SessionBar, SessionMarket, SimulatedFill, unfilled
from nodes.kernels.simulator.impact import NS_PER_DAY, ImpactTerms
from nodes.kernels.simulator.latency import NS_PER_MS, Constant, LogNormal
from nodes.kernels.simulator.results import LIQUIDITY, Report
from nodes.kernels.simulator.routed import AUCTION, ChildOrder, RoutedOrder, RoutedTerms
from nodes.kernels.simulator.session_bars import N_QUARTERS, BarPrices, BookPart, SessionBook, session_events
from nodes.kernels.simulator.simulation import simulated
from nodes.kernels.simulator.terms import SimulationTerms, VenueTerms, allow_all
from nodes.kernels.sizes import side
from nodes.vocabulary.instants import instant_from_ns, instant_ns
from nodes.vocabulary.trading import E4_PER_USD, E6_PER_USD, Side, TimeInForce

_NOTHING = Decimal(0)
_BPS = 1e4
_HALF_LIFE_NS = round(NS_PER_DAY * math.log(2.0))
"""Under which what the order trades counts against the volume of one day, as in the square-root law."""
_LIQUIDITY = {LIQUIDITY.ADDED: "added", LIQUIDITY.REMOVED: "removed", LIQUIDITY.AUCTION: AUCTION}
_FEES = ("commission_usd", "sell_fee_usd", "venue_fee_usd")
_COSTS = ("trading_cost_usd", "impact_cost_usd", "latency_cost_usd")
_CENT_E4 = 100
_MICRO = Decimal("0.000001")
_WHEN = {
    TimeInForce.DAY: "",
    TimeInForce.OPG: " in the opening auction",
    TimeInForce.CLS: " in the closing auction",
    TimeInForce.IOC: " at once",
    TimeInForce.FOK: " at once by as many as there had to be",
    TimeInForce.GTD: " in time",
}
_PLACES = 2
"""Decimals of a middle of the market in 1/10,000 USD."""


class _Trade(NamedTuple):
    """A trade as the simulator reports it, and what a share of it cost, in 1/10,000 USD, by kind."""

    report: Report
    child: ChildOrder
    spread_e4: Decimal
    latency_e4: int
    impact_e4: int


def simulated_fill(order: LimitOrder, market: SessionMarket) -> SimulatedFill:
    """What the session's bar makes of the order, by the rule at the head of this module."""
    fill = _fill(order, market)
    if not fill.expired_shares or not order.instructions.outlives(instant_from_ns(market.close_ns)):
        return fill
    return replace(fill, expired_shares=0, carried_shares=fill.expired_shares)


def _fill(order: LimitOrder, market: SessionMarket) -> SimulatedFill:
    bar, terms = market.bar, market.terms
    is_halted = market.is_halted or market.chance.halt_u < terms.halt_rate_frac
    fault = "the session was halted" if is_halted else _bar_fault(bar)
    if bar is None or fault:
        return unfilled(order.shares, fault)
    volume = bar.volume_shares or 0
    cap = max(math.floor(terms.max_fill_participation_frac * volume) - market.used_shares, 0)
    size, is_whole = min(abs(order.shares), cap), order.instructions.time_in_force is TimeInForce.FOK
    if size == 0 or (is_whole and cap < abs(order.shares)):
        others = f", of which others of ours had {market.used_shares}" if market.used_shares else ""
        left = "too little" if size else "nothing"
        return unfilled(order.shares, f"{order.shares} shares leave {left} within the cap on {volume} traded{others}")
    trades = _trades(order, market, _session(order, market, bar), _within(order.children, size))
    if not trades:
        return unfilled(order.shares, _out_of_reach(order, bar))
    executions = _executions(trades, side(order.shares), terms, _tag(order, market))
    expired = order.shares - sum(each.shares for each in executions)
    words = f"filled in part: {abs(expired)} shares were beyond the cap, the limit or the queue"
    return SimulatedFill(executions, expired, words if expired else "filled")


def _tag(order: LimitOrder, market: SessionMarket) -> str:
    """What tells ExecIDs of a session from those of others, for an order that can work in several."""
    is_lasting = order.instructions.expires_at is not None
    return f"{instant_from_ns(market.open_ns):%Y%m%d}-" if is_lasting else ""


def _within(children: tuple[ChildOrder, ...], size: int) -> tuple[ChildOrder, ...]:
    """The parts of an order as far as a number of shares goes."""
    found = []
    for child in children:
        shares = min(child.shares, size)
        if shares:
            found.append(child._replace(shares=shares))
            size -= shares
    return tuple(found)


def _session(order: LimitOrder, market: SessionMarket, bar: SessionBar) -> SessionBook:
    """The bar as the market that the order meets."""
    terms, volume, order_side = market.terms, bar.volume_shares or 0, side(order.shares)
    opening, asked = _e4(bar.open_usd), order.instructions
    half_spread_e4 = opening * order.estimated_spread_bps * terms.spread_frac / 2.0 / _BPS
    shares = {sheet.venue: sheet.share_frac for sheet in market.sheets}
    auctions = [child.venue for child in order.children if child.how == AUCTION]
    venues = [child.venue for child in order.children if child.how != AUCTION]
    worked = dict.fromkeys([*venues, order.rest.venue] if auctions else venues)
    away_ns = _away_ns(market)
    book = SessionBook(
        symbol=order.symbol,
        open_ns=market.open_ns,
        close_ns=market.close_ns,
        prices=BarPrices(opening, _e4(bar.high_usd), _e4(bar.low_usd), _e4(bar.close_usd)),
        half_spread_e4=half_spread_e4,
        auction_venue=auctions[0] if auctions else order.rest.venue,
        auction_shares=math.floor(terms.auction_volume_frac * volume) if auctions else 0,
        auction_e4=0,
        parts=tuple(_part(venue, shares.get(venue, 1.0) * volume, terms) for venue in worked),
        away_ns=away_ns,
        drift_frac=market.chance.drift_z * order.volatility_frac * math.sqrt(away_ns / NS_PER_DAY),
        auction_is_closing=asked.time_in_force is TimeInForce.CLS,
    )
    auction_e4 = book.auction_base_e4 + order_side * terms.auction_spread_frac * half_spread_e4
    stop_usd = asked.stop_price_usd
    stop = None if stop_usd is None else (order_side, book.on_tick_e4(float(stop_usd * E4_PER_USD), order_side))
    return replace(book, auction_e4=book.on_tick_e4(auction_e4, order_side), stop=stop, is_followed=asked.is_pegged)


def _part(venue: str, day_shares: float, terms: FillTerms) -> BookPart:
    shown = max(1, math.floor(terms.queue_ahead_frac * day_shares))
    return BookPart(venue, math.floor(day_shares / N_QUARTERS), shown)


def _away_ns(market: SessionMarket) -> int:
    """How long the order is on its way, the venue's own part apart."""
    terms = market.terms
    if terms.latency_p95_ms <= 0.0:
        return 0
    least_ns = max(round(terms.latency_p5_ms * NS_PER_MS), 1)
    return LogNormal(least_ns, max(round(terms.latency_p95_ms * NS_PER_MS), least_ns)).at_ns(market.chance.latency_u)


def _trades(
    order: LimitOrder, market: SessionMarket, session: SessionBook, children: tuple[ChildOrder, ...]
) -> list[_Trade]:
    """What the simulator makes of parts of the order."""
    order_side, asked = side(order.shares), order.instructions
    limit_usd = asked.tighter_usd(order.limit_price_usd, order_side)
    words = RoutedTerms(
        symbol=order.symbol,
        side=Side.BUY if order_side > 0 else Side.SELL,
        limit_e4=session.on_tick_e4(float(limit_usd * E4_PER_USD), -order_side),
        rest_cl_ord_id=order.rest.cl_ord_id,
        rest_venue=order.rest.venue,
        wakes_ns=tuple(map(session.quarter_ns, range(N_QUARTERS))),
        life=asked.time_in_force,
        expires_ns=None if asked.expires_at is None else instant_ns(asked.expires_at),
        stop_e4=None if session.stop is None else session.stop[1],
        is_pegged=asked.is_pegged,
        is_post_only=asked.is_post_only,
    )
    routed = RoutedOrder(children, words, {book.venue: place for place, book in enumerate(session.books)})
    result = simulated(session_events(session), routed, allow_all, _simulation(order, market, session), seed=0)
    return [_trade(report, routed.child(report.cl_ord_id), session, order_side) for report in result.fills]


def _simulation(order: LimitOrder, market: SessionMarket, session: SessionBook) -> SimulationTerms:
    """On which terms: nothing of it is left to chance, which was drawn before."""
    terms = market.terms
    sheets = {sheet.venue: sheet for sheet in market.sheets}
    unlisted_e6 = _fee_e6(terms.unlisted_fee_usd)
    venues = {}
    for part in session.parts:
        sheet = sheets.get(part.venue)
        venues[part.venue] = VenueTerms(
            maker_fee_e6=0 if sheet is None else sheet.make_fee_e6,
            taker_fee_e6=unlisted_e6 if sheet is None else sheet.take_fee_e6,
            order_latency=Constant(session.away_ns + (0 if sheet is None else sheet.latency_ns)),
            hidden_frac=part.quarter_shares / part.shown_shares,
        )
    if session.auction_shares:
        venues[session.auction_venue] = VenueTerms(
            auction_fee_e6=_fee_e6(terms.auction_fee_usd),
            order_latency=Constant(session.away_ns),
            max_participation_frac=_auction_part_frac(market, session.auction_shares),
        )
    moves = terms.impact_coefficient > 0.0 and order.volatility_frac > 0.0
    impact = {order.symbol: _impact(order, market)} if moves else {}
    return SimulationTerms(venues=venues, impact=impact, walks_past_best=False)


def _auction_part_frac(market: SessionMarket, auction_shares: int) -> float:
    """The largest part of the auction that the order can have: what others of ours have left of it."""
    most_frac = market.terms.max_auction_participation_frac
    if not market.used_auction_shares:
        return most_frac
    left = max(math.floor(most_frac * auction_shares) - market.used_auction_shares, 0)
    return (left + 0.5) / auction_shares if left else 0.0  # so that its part of the auction is exactly what is left


def _impact(order: LimitOrder, market: SessionMarket) -> ImpactTerms:
    """The square-root law: coefficient * volatility * sqrt(what was traded / volume of the day)."""
    volume = 0 if market.bar is None else market.bar.volume_shares or 0
    return ImpactTerms(
        volatility_frac=order.volatility_frac,
        day_shares=volume,
        turnover=1.0,
        usual_spread_bps=1.0,
        half_life_ns=_HALF_LIFE_NS,
        gamma=0.0,
        delta=0.0,
        eta=market.terms.impact_coefficient,
        beta=0.5,
        kappa=0.0,
        own_frac=1.0,
    )


def _trade(report: Report, child: ChildOrder, session: SessionBook, order_side: int) -> _Trade:
    """A trade with what it cost: against the bar's price in an auction, against the middle at its moment else."""
    if report.liquidity == LIQUIDITY.ADDED:
        return _Trade(report, child, _NOTHING, 0, 0)
    if report.liquidity == LIQUIDITY.AUCTION:
        base, here, there = float(session.auction_base_e4), session.auction_e4, session.auction_e4
    else:
        moment = max((each for each in session.moments if each.at_ns <= report.at_ns), key=itemgetter(0))
        base, here = session.middle_e4(moment), session.quote_e4(moment, order_side)
        is_late = moment.is_quarter and report.at_ns >= moment.at_ns + session.away_ns
        there = session.quote_e4(moment, order_side, session.drift_frac if is_late else 0.0)
    spread = (here - exact(round(base, _PLACES))) * order_side
    return _Trade(report, child, spread, (there - here) * order_side, (report.last_e4 - there) * order_side)


def _executions(trades: list[_Trade], order_side: int, terms: FillTerms, tag: str) -> tuple[Execution, ...]:
    """Trades as executions, each with what it adds to the fees of the order."""
    numbers = {trade.child.cl_ord_id: count(1) for trade in trades}
    found, charged = [], (_NOTHING, _NOTHING, _NOTHING)
    shares, notional_usd, venue_fee_usd = 0, _NOTHING, _NOTHING
    for trade in trades:
        report, child = trade.report, trade.child
        price_usd, traded = _usd(report.last_e4), order_side * report.last_shares
        shares, notional_usd = shares + traded, notional_usd + report.last_shares * price_usd
        venue_fee_usd += Decimal(report.fee_e6) / E6_PER_USD * exact(terms.venue_fee_frac)
        due = _due(shares, notional_usd, venue_fee_usd, terms)
        fees = [now - before for now, before in zip(due, charged, strict=True)]
        found.append(
            Execution(
                exec_id=f"{child.cl_ord_id}-{tag}{next(numbers[child.cl_ord_id])}",
                cl_ord_id=child.cl_ord_id,
                venue=child.venue,
                shares=traded,
                price_usd=price_usd,
                at_ns=report.at_ns,
                liquidity=_LIQUIDITY[report.liquidity],
                **dict(zip(_FEES, fees, strict=True)),
                **dict(zip(_COSTS, _costs_usd(trade), strict=True)),
            )
        )
        charged = due
    return tuple(found)


def _due(
    shares: int, notional_usd: Decimal, venue_fee_usd: Decimal, terms: FillTerms
) -> tuple[Decimal, Decimal, Decimal]:
    """Commission, fee on sales and venue fees of what an order has traded so far."""
    fees = terms.fees
    return fees.commission_usd(shares, notional_usd), fees.sell_fee_usd(shares, notional_usd), cents_up(venue_fee_usd)


def _costs_usd(trade: _Trade) -> tuple[Decimal, Decimal, Decimal]:
    """What a trade cost together, by impact, and by latency."""
    whole_e4 = trade.spread_e4 + trade.latency_e4 + trade.impact_e4
    parts = (whole_e4, Decimal(trade.impact_e4), Decimal(trade.latency_e4))
    each, impact, latency = ((trade.report.last_shares * part / E4_PER_USD).quantize(_MICRO) for part in parts)
    return each, impact, latency


def _usd(price_e4: int) -> Decimal:
    """A price as people write it: in cents where it is whole ones."""
    return Decimal(price_e4 // _CENT_E4).scaleb(-2) if price_e4 % _CENT_E4 == 0 else Decimal(price_e4).scaleb(-4)


def _fee_e6(fee_usd: Decimal) -> int:
    return int((fee_usd * E6_PER_USD).to_integral_value())


def _e4(price_usd: float | None) -> int:
    return round((price_usd or 0.0) * E4_PER_USD)


def _out_of_reach(order: LimitOrder, bar: SessionBar) -> str:
    asked, is_buy = order.instructions, order.shares > 0
    word, turning = ("low", bar.low_usd) if is_buy else ("high", bar.high_usd)
    limit_usd = asked.tighter_usd(order.limit_price_usd, side(order.shares))
    said = f"limit {limit_usd} was not reached{_WHEN[asked.time_in_force]} with spread, impact and queue"
    if asked.is_post_only:
        said = f"{said}, or would have traded on arrival"
    if asked.stop_price_usd is not None:
        far = f"high {bar.high_usd}" if is_buy else f"low {bar.low_usd}"
        said = f"stop {asked.stop_price_usd} was not reached ({far}), or after it {said}"
    return f"{said}: {word} {turning}"


def _bar_fault(bar: SessionBar | None) -> str:
    if bar is None:
        return "the symbol has no bar in this session"
    prices = {"open": bar.open_usd, "high": bar.high_usd, "low": bar.low_usd, "close": bar.close_usd}
    for word, price in prices.items():
        if price is None or not (math.isfinite(price) and price > 0.0):
            return f"the bar's {word} is {price}"
    if (bar.high_usd or 0.0) < (bar.low_usd or 0.0):
        return f"the bar's high {bar.high_usd} is under its low {bar.low_usd}"
    if not bar.volume_shares or bar.volume_shares < 0:
        return f"the bar's volume is {bar.volume_shares}"
    return ""
