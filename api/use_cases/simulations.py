"""What becomes of an order, or of quotes on both sides, in a recorded market: fills, queue, cost, markouts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from nodes.kernels.simulator.events import MarketEvents
from nodes.kernels.simulator.latency import Constant, Latency
from nodes.kernels.simulator.markouts import Markout, fills_of, markouts, middles
from nodes.kernels.simulator.orders import side_word
from nodes.kernels.simulator.queue import UNKNOWN_SHARES
from nodes.kernels.simulator.results import LIQUIDITY, Report, SimulationResult
from nodes.kernels.simulator.simulation import simulated
from nodes.kernels.simulator.strategies import Quoting, Scheduled
from nodes.kernels.simulator.terms import SimulationTerms, Strategy, VenueTerms, allow_all
from nodes.vocabulary.errors import DataError
from nodes.vocabulary.trading import E4_PER_USD, E6_PER_USD, NS_PER_S, VenueOrder, checked_order

_WORDS = {LIQUIDITY.ADDED: "rested", LIQUIDITY.REMOVED: "took", LIQUIDITY.AUCTION: "auction"}
MAX_SHOWN = 1000
"""Most fills that a report lists; its sums are of all of them."""


@dataclass(frozen=True)
class FillView:
    """One fill.

    Attributes:
        after_s: seconds after the recording began.
        cl_ord_id: of which order.
        side: buy or sell.
        shares: how many.
        price_usd: at which price.
        fee_usd: its fee; negative for a rebate.
        liquidity: rested, took or auction.
    """

    after_s: float
    cl_ord_id: str
    side: str
    shares: int
    price_usd: float
    fee_usd: float
    liquidity: str


@dataclass(frozen=True)
class OrderView:
    """What became of one order.

    Attributes:
        cl_ord_id: which.
        status: how it stood at the end.
        asked_shares: shares of it.
        filled_shares: shares traded.
        ahead_shares: shares before it when it came to rest; None when it did not, or nobody can know.
        latency_ms: from the decision to the venue; None when it never arrived.
        average_price_usd: of what traded; None when nothing did.
        cost_bps: cost against the middle at the decision, fees apart; None when either is not known.
        text: what the venue said when it ended it; "" when it did not.
    """

    cl_ord_id: str
    status: str
    asked_shares: int
    filled_shares: int
    ahead_shares: int | None
    latency_ms: float | None
    average_price_usd: float | None
    cost_bps: float | None
    text: str


@dataclass(frozen=True)
class SimulationView:
    """A simulation, told.

    Attributes:
        n_events: events replayed.
        span_s: seconds of the recording.
        counts: what was not as it should be, by fault.
        orders: the orders, the first ones of many.
        n_orders: how many there were.
        fills: the fills, the first ones of many.
        n_fills: how many there were.
        filled_shares: shares traded.
        position_shares: shares bought less shares sold.
        fee_usd: fees of all fills.
        markouts: where the middle stood after fills that rested.
        seed: of the delays.
    """

    n_events: int
    span_s: float
    counts: Mapping[str, int]
    orders: tuple[OrderView, ...]
    n_orders: int
    fills: tuple[FillView, ...]
    n_fills: int
    filled_shares: int
    position_shares: int
    fee_usd: float
    markouts: tuple[Markout, ...]
    seed: int


@dataclass(frozen=True)
class Setting:
    """In which market an order is tried.

    Attributes:
        events: the recording, screened, of one book.
        counts: what reading it left out.
        terms: how the market treats orders.
        seed: of the delays.
    """

    events: MarketEvents
    counts: Mapping[str, int]
    terms: SimulationTerms
    seed: int

    @property
    def start_ns(self) -> int:
        """First instant of the recording. Raises DataError when it is empty."""
        if not len(self.events):
            raise DataError("the recording has no event that can be replayed; give another one")
        return int(self.events.at_ns[0])


@dataclass(frozen=True)
class LatencyCost:
    """What an order cost at one latency, on average over seeds.

    Attributes:
        latency_ms: of every message to the venue.
        filled_frac: part of the order that traded.
        cost_bps: cost against the middle at the decision; None when nothing traded.
    """

    latency_ms: float
    filled_frac: float
    cost_bps: float | None


def order_simulation(
    setting: Setting, order: VenueOrder, after_s: float, n_slices: int, every_s: float
) -> SimulationView:
    """What becomes of an order, cut into slices that leave one after another.

    Args:
        setting: the market.
        order: the whole order.
        after_s: seconds after the recording's start at which the first slice is decided.
        n_slices: how many slices; their shares differ by one at most.
        every_s: seconds from one slice to the next.
    """
    return _view(setting, _result(setting, Scheduled(_plan(setting, order, after_s, n_slices, every_s))))


def quoting_simulation(setting: Setting, shares: int, max_position_shares: int) -> SimulationView:
    """What becomes of quotes that stand at the best prices of both sides and follow them."""
    if shares <= 0 or max_position_shares < shares:
        message = f"shares were {shares} and the largest position {max_position_shares}"
        raise DataError(f"{message}; give a positive size and a position that holds it")
    book = setting.events.books[0]
    return _view(setting, _result(setting, Quoting(0, book.venue, book.symbol, shares, max_position_shares)))


def latency_costs(
    setting: Setting, order: VenueOrder, after_s: float, latencies_ms: Sequence[float]
) -> tuple[LatencyCost, ...]:
    """What the order costs at each of some latencies, all else as it is: how much being slower costs."""
    plan = _plan(setting, order, after_s, 1, 0.0)
    return tuple(_latency_cost(setting, plan, latency_ms) for latency_ms in latencies_ms)


def with_latency(terms: SimulationTerms, venue: str, latency: Latency) -> SimulationTerms:
    """The terms with another latency to one venue."""
    changed = replace(terms.venues.get(venue, VenueTerms()), order_latency=latency)
    return replace(terms, venues={**terms.venues, venue: changed})


def _latency_cost(setting: Setting, plan: list[tuple[int, str, VenueOrder]], latency_ms: float) -> LatencyCost:
    latency = Constant(round(latency_ms * NS_PER_S / 1000))
    there = replace(setting, terms=with_latency(setting.terms, plan[0][1], latency))
    view = _view(there, _result(there, Scheduled(plan))).orders[0]
    return LatencyCost(latency_ms, view.filled_shares / view.asked_shares, view.cost_bps)


def _plan(
    setting: Setting, order: VenueOrder, after_s: float, n_slices: int, every_s: float
) -> list[tuple[int, str, VenueOrder]]:
    checked_order(order)
    if not 1 <= n_slices <= order.shares or after_s < 0.0 or every_s < 0.0:
        message = f"slices {n_slices} of {order.shares} shares, {after_s} s after the start, every {every_s} s"
        raise DataError(f"{message}; give 1 to {order.shares} slices and no negative time")
    venue, start_ns = setting.events.books[0].venue, setting.start_ns
    least, more = divmod(order.shares, n_slices)
    return [
        (
            start_ns + round((after_s + at * every_s) * NS_PER_S),
            venue,
            replace(order, cl_ord_id=f"{order.cl_ord_id}-{at + 1}", shares=least + (at < more)),
        )
        for at in range(n_slices)
    ]


def _result(setting: Setting, strategy: Strategy) -> SimulationResult:
    terms = replace(setting.terms, records_quotes=True)
    return simulated(setting.events, strategy, allow_all, terms, setting.seed)


def _view(setting: Setting, result: SimulationResult) -> SimulationView:
    start_ns, fills = setting.start_ns, result.fills
    last = {report.cl_ord_id: report.text for report in result.reports if report.text}
    return SimulationView(
        n_events=result.n_events,
        span_s=(result.end_ns - start_ns) / NS_PER_S,
        counts=dict(sorted({**setting.counts, **result.counts}.items())),
        orders=tuple(_order_view(result, name, last.get(name, "")) for name in list(result.orders)[:MAX_SHOWN]),
        n_orders=len(result.orders),
        fills=tuple(_fill_view(result, fill, start_ns) for fill in fills[:MAX_SHOWN]),
        n_fills=len(fills),
        filled_shares=sum(fill.last_shares for fill in fills),
        position_shares=sum(result.position_shares.values()),
        fee_usd=sum(fill.fee_e6 for fill in fills) / E6_PER_USD,
        markouts=markouts(fills_of(result, LIQUIDITY.ADDED), *middles(result, 0)),
        seed=setting.seed,
    )


def _order_view(result: SimulationResult, name: str, text: str) -> OrderView:
    sent = result.orders[name]
    average, shortfall = sent.average_price_e4, sent.shortfall_e4
    ahead = None if sent.ahead_shares == UNKNOWN_SHARES else sent.ahead_shares
    cost = None
    if shortfall is not None and sent.mid_e4 and sent.filled_shares:
        cost = shortfall / sent.filled_shares / sent.mid_e4 * 1e4
    return OrderView(
        cl_ord_id=name,
        status=sent.ord_status.name,
        asked_shares=sent.order.shares,
        filled_shares=sent.filled_shares,
        ahead_shares=ahead,
        latency_ms=None if sent.arrived_ns is None else (sent.arrived_ns - sent.decided_ns) / NS_PER_S * 1000.0,
        average_price_usd=None if average is None else average / E4_PER_USD,
        cost_bps=cost,
        text=text,
    )


def _fill_view(result: SimulationResult, fill: Report, start_ns: int) -> FillView:
    return FillView(
        after_s=(fill.at_ns - start_ns) / NS_PER_S,
        cl_ord_id=fill.cl_ord_id,
        side=side_word(result.orders[fill.cl_ord_id].order.side),
        shares=fill.last_shares,
        price_usd=fill.last_e4 / E4_PER_USD,
        fee_usd=fill.fee_e6 / E6_PER_USD,
        liquidity=_WORDS[fill.liquidity],
    )
