"""`assay simulate order, quotes, latency`: an order of your own in a market that was recorded."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from adapters.market_replay.recordings import recording
from api.cli.options import grouped
from api.cli.output import JsonOption, out, print_json
from api.cli.simulation_text import print_latencies, print_simulation
from api.use_cases.simulations import Setting, latency_costs, order_simulation, quoting_simulation
from nodes.kernels.simulator.events import BookName, MarketEvents
from nodes.kernels.simulator.flow import FlowTerms, order_flow
from nodes.kernels.simulator.latency import NS_PER_MS, Constant, Latency, LogNormal
from nodes.kernels.simulator.queue import PowerQueue, QueueModel, logarithmic_queue, risk_averse
from nodes.kernels.simulator.terms import SimulationTerms, VenueTerms
from nodes.vocabulary.errors import DataError
from nodes.vocabulary.trading import E4_PER_USD, NS_PER_S, OrdType, Side, TimeInForce, VenueOrder

app = typer.Typer(help="Try an order, or quotes, in a recorded market: fills, queue, cost.", no_args_is_help=True)
MADE_UP_EVENTS = 20_000


class SideWord(StrEnum):
    """What people call a side."""

    BUY = "buy"
    SELL = "sell"
    SELL_SHORT = "sell-short"


class KindWord(StrEnum):
    """What people call a kind of order."""

    MARKET = "market"
    LIMIT = "limit"
    IOC = "ioc"
    FOK = "fok"
    POST_ONLY = "post-only"
    MID_PEG = "mid-peg"
    STOP = "stop"
    STOP_LIMIT = "stop-limit"


class QueueWord(StrEnum):
    """What people call a queue model."""

    RISK_AVERSE = "risk-averse"
    PROPORTIONAL = "proportional"
    SQUARED = "squared"
    LOGARITHMIC = "logarithmic"


_SIDES = {SideWord.BUY: Side.BUY, SideWord.SELL: Side.SELL, SideWord.SELL_SHORT: Side.SELL_SHORT}
_QUEUES: Mapping[QueueWord, QueueModel] = {
    QueueWord.RISK_AVERSE: risk_averse,
    QueueWord.PROPORTIONAL: PowerQueue(1.0),
    QueueWord.SQUARED: PowerQueue(2.0),
    QueueWord.LOGARITHMIC: logarithmic_queue,
}
_TYPES = {
    KindWord.MARKET: OrdType.MARKET,
    KindWord.MID_PEG: OrdType.PEGGED,
    KindWord.STOP: OrdType.STOP,
    KindWord.STOP_LIMIT: OrdType.STOP_LIMIT,
}
_LIVES = {KindWord.IOC: TimeInForce.IOC, KindWord.FOK: TimeInForce.FOK}


@dataclass(frozen=True)
class MarketOptions:
    """Which market, and how it treats orders."""

    recording: Annotated[
        Path | None,
        typer.Argument(
            help="A LOBSTER message file with its book file beside it, or a .parquet or .csv table of events.",
            metavar="[RECORDING]",
            show_default="a market that is made up",
        ),
    ] = None
    symbol: Annotated[str, typer.Option("--symbol", help="Which share.")] = "AAPL"
    venue: Annotated[str, typer.Option("--venue", help="Which venue.")] = "XNAS"
    tick: Annotated[float, typer.Option("--tick", help="Smallest step of prices, in dollars.")] = 0.01
    latency_ms: Annotated[
        str, typer.Option("--latency-ms", help="To the venue: one figure, or the 5th and the 95th percentile.")
    ] = "200:500"
    feed_ms: Annotated[float, typer.Option("--feed-ms", help="From the venue to the strategy's eyes.")] = 0.0
    queue: Annotated[
        QueueWord, typer.Option("--queue", help="Who leaves a queue, where the recording names no orders.")
    ] = QueueWord.RISK_AVERSE
    maker_fee: Annotated[
        float, typer.Option("--maker-fee", help="Dollars a share that rested; negative pays.")
    ] = -0.002
    taker_fee: Annotated[float, typer.Option("--taker-fee", help="Dollars a share that took.")] = 0.003
    seed: Annotated[int, typer.Option("--seed", help="Of delays, and of a market that is made up.", min=0)] = 0


@dataclass(frozen=True)
class OrderOptions:
    """The order."""

    side: Annotated[SideWord, typer.Option("--side", help="Which way.")]
    shares: Annotated[int, typer.Option("--shares", help="How many.", min=1)]
    kind: Annotated[KindWord, typer.Option("--type", help="What kind.")] = KindWord.MARKET
    limit: Annotated[float | None, typer.Option("--limit", help="Worst price, in dollars.")] = None
    stop: Annotated[float | None, typer.Option("--stop", help="Price that wakes a stop, in dollars.")] = None
    after: Annotated[float, typer.Option("--after", help="Seconds after the start at which it is decided.")] = 1.0


@app.command()
@grouped
def order(
    market: MarketOptions,
    wanted: OrderOptions,
    slices: Annotated[int, typer.Option("--slices", help="Cut it into so many.", min=1)] = 1,
    every: Annotated[float, typer.Option("--every", help="Seconds from one slice to the next.")] = 1.0,
    as_json: JsonOption = False,
) -> None:
    """Show what becomes of one order, whole or in slices."""
    found = order_simulation(_setting(market), _order(market, wanted), wanted.after, slices, every)
    if as_json:
        print_json(found)
    else:
        print_simulation(out(), found)


@app.command()
@grouped
def quotes(
    market: MarketOptions,
    shares: Annotated[int, typer.Option("--shares", help="Size of each quote.", min=1)] = 100,
    max_position: Annotated[int, typer.Option("--max-position", help="Largest position either way.", min=1)] = 1000,
    as_json: JsonOption = False,
) -> None:
    """Show what becomes of quotes at the best prices of both sides."""
    found = quoting_simulation(_setting(market), shares, max_position)
    if as_json:
        print_json(found)
    else:
        print_simulation(out(), found)


@app.command()
@grouped
def latency(
    market: MarketOptions,
    wanted: OrderOptions,
    at_ms: Annotated[str, typer.Option("--at-ms", help="Latencies to try, by commas.")] = "0,50,200,500,1000",
    as_json: JsonOption = False,
) -> None:
    """Show what one order costs at several latencies."""
    found = latency_costs(_setting(market), _order(market, wanted), wanted.after, _numbers(at_ms, ","))
    if as_json:
        print_json(found)
    else:
        print_latencies(out(), found)


def _setting(market: MarketOptions) -> Setting:
    book = BookName(market.venue, market.symbol, _e4(market.tick))
    if book.tick_e4 <= 0:
        raise DataError(f"--tick was {market.tick}, expected at least 0.0001 dollars; give the venue's tick")
    events, counts = _market(market, book)
    venue = VenueTerms(
        maker_fee_e6=round(market.maker_fee * 1_000_000),
        taker_fee_e6=round(market.taker_fee * 1_000_000),
        order_latency=_latency(market.latency_ms),
    )
    feed = Constant(round(market.feed_ms * NS_PER_MS))
    terms = SimulationTerms(venues={market.venue: venue}, feed_latency=feed, queue=_QUEUES[market.queue])
    return Setting(events, counts, terms, market.seed)


def _market(market: MarketOptions, book: BookName) -> tuple[MarketEvents, Mapping[str, int]]:
    if market.recording is None:
        middle_e4 = 1_000_000 // book.tick_e4 * book.tick_e4
        terms = FlowTerms(MADE_UP_EVENTS, mean_gap_ns=NS_PER_S // 200, middle_e4=middle_e4)
        return order_flow(book, terms, market.seed), Counter()
    read = recording(market.recording, book)
    return read.events, read.counts


def _order(market: MarketOptions, wanted: OrderOptions) -> VenueOrder:
    return VenueOrder(
        cl_ord_id="order",
        symbol=market.symbol,
        side=_SIDES[wanted.side],
        shares=wanted.shares,
        ord_type=_TYPES.get(wanted.kind, OrdType.LIMIT),
        time_in_force=_LIVES.get(wanted.kind, TimeInForce.DAY),
        limit_e4=None if wanted.limit is None else _e4(wanted.limit),
        stop_e4=None if wanted.stop is None else _e4(wanted.stop),
        is_post_only=wanted.kind is KindWord.POST_ONLY,
        expires_ns=None,
    )


def _latency(text: str) -> Latency:
    numbers = [round(number * NS_PER_MS) for number in _numbers(text, ":")]
    if len(numbers) == 1:
        return Constant(numbers[0])
    if len(numbers) == 2:  # noqa: PLR2004  # a pair
        return LogNormal(*numbers)
    raise DataError(f"--latency-ms was {text}, expected one figure or two, as 200:500; give that")


def _numbers(text: str, mark: str) -> list[float]:
    try:
        return [float(part) for part in text.split(mark)]
    except ValueError as error:
        raise DataError(f"{text} holds no numbers between {mark!r}; give milliseconds") from error


def _e4(usd: float) -> int:
    return round(usd * E4_PER_USD)
