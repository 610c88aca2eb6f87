"""The turns of Backtesting.py, vectorbt, Nautilus and hftbacktest, in an environment of theirs.

Started with a file of arrays, as `tests.benchmarks.peers` does it. Reads the name of a turn a line, answers a line of
JSON: the CPU seconds that it took, and what it found. Imports nothing of ours, and of the peers what its turn needs.
"""

# ruff: noqa: N806  # classes of peers are looked up where a turn needs them, and keep their names

from __future__ import annotations

import json
import os
import sys
import time
import warnings
from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

import numpy as np

warnings.filterwarnings("ignore")
_FROM_NS = 1_700_000_000_000_000_000
"""Both event engines want instants of our time: Nautilus ends its process on small ones."""
Found = tuple[float, list[float]]


def _module(name: str) -> Any:
    return import_module(name)


def _parts(name: str, *wanted: str) -> list[Any]:
    return [getattr(_module(name), part) for part in wanted]


def goog(_data: Mapping[str, Any]) -> Found:
    """The README's strategy of Backtesting.py over its GOOG: then its opens and closes, for others to try."""
    GOOG = _module("backtesting.test").GOOG

    seconds, figures = _crossing(GOOG, 10, 20, 10_000.0, both_sides=True)
    return seconds, [*figures, *GOOG["Open"].tolist(), *GOOG["Close"].tolist()]


def backtesting(data: Mapping[str, Any]) -> Found:
    """Crossing averages, long only, filled at the close, in Backtesting.py."""
    pd = _module("pandas")

    prices = data["prices"][: int(data["n_slow"])]
    frame = pd.DataFrame(dict.fromkeys(("Open", "High", "Low", "Close"), prices))
    return _crossing(frame, 10, 50, 100_000.0, both_sides=False)


def _crossing(frame: Any, fast: int, slow: int, cash: float, *, both_sides: bool) -> Found:
    Backtest, Strategy = _parts("backtesting", "Backtest", "Strategy")
    crossover = _module("backtesting.lib").crossover
    SMA = _module("backtesting.test").SMA

    class Cross(Strategy):  # type: ignore[misc, valid-type]  # looked up
        def init(self) -> None:
            self.fast, self.slow = (self.I(SMA, self.data.Close, n) for n in (fast, slow))

        def next(self) -> None:
            if crossover(self.fast, self.slow):
                self.buy()
            elif crossover(self.slow, self.fast):
                (self.sell if both_sides else self.position.close)()

    terms: dict[str, Any] = {"commission": 0.002, "exclusive_orders": True}
    if not both_sides:
        terms = {"commission": 0.0005, "trade_on_close": True, "finalize_trades": False}
    made = Backtest(frame, Cross, cash=cash, **terms)
    from_s = time.process_time()
    stats = made.run()
    return time.process_time() - from_s, [float(stats["Equity Final [$]"]), float(stats["# Trades"])]


def vectorbt(data: Mapping[str, Any]) -> Found:
    """The same in vectorbt, which buys fractions of shares."""
    pd = _module("pandas")
    vbt = _module("vectorbt")

    prices = pd.Series(data["prices"])
    from_s = time.process_time()
    fast, slow = prices.rolling(10).mean().to_numpy(), prices.rolling(50).mean().to_numpy()
    over, under = fast > slow, fast < slow
    entries, exits = (np.r_[False, now[1:] & was[:-1]] for now, was in ((over, under), (under, over)))
    made = vbt.Portfolio.from_signals(prices, entries, exits, fees=0.0005, init_cash=100_000.0, freq="1min")
    final = float(made.value().iloc[-1])
    return time.process_time() - from_s, [final, float(made.trades.count())]


def nautilus(data: Mapping[str, Any]) -> Found:
    """A market order at each of some instants over best quotes; prices of its fills."""
    BacktestEngine, BacktestEngineConfig = _parts(
        "nautilus_trader.backtest.engine", "BacktestEngine", "BacktestEngineConfig"
    )
    LoggingConfig = _module("nautilus_trader.config").LoggingConfig
    USD = _module("nautilus_trader.model.currencies").USD
    QuoteTick = _module("nautilus_trader.model.data").QuoteTick
    AccountType, OmsType, OrderSide = _parts("nautilus_trader.model.enums", "AccountType", "OmsType", "OrderSide")
    InstrumentId, Symbol, TraderId, Venue = _parts(
        "nautilus_trader.model.identifiers", "InstrumentId", "Symbol", "TraderId", "Venue"
    )
    Equity = _module("nautilus_trader.model.instruments").Equity
    Money, Price, Quantity = _parts("nautilus_trader.model.objects", "Money", "Price", "Quantity")
    Strategy = _module("nautilus_trader.trading.strategy").Strategy

    share = InstrumentId(Symbol("AAPL"), Venue("XNAS"))
    cent, lot = Price.from_str("0.01"), Quantity.from_int(1)
    equity = Equity(share, share.symbol, USD, 2, cent, lot, ts_event=0, ts_init=0)
    columns = (data[name].tolist() for name in ("at_ns", "bid_e4", "bid_shares", "ask_e4", "ask_shares"))
    ticks = [
        QuoteTick(share, Price(bid / 1e4, 2), Price(ask / 1e4, 2), Quantity(n_bid, 0), Quantity(n_ask, 0), at, at)
        for at, bid, n_bid, ask, n_ask in ((_FROM_NS + row[0], *row[1:]) for row in zip(*columns, strict=True))
    ]
    due = set((data["order_ns"] + _FROM_NS).tolist())

    class Taker(Strategy):  # type: ignore[misc, valid-type]  # looked up
        def on_start(self) -> None:
            self.n_orders = 0
            self.prices: list[float] = []
            self.subscribe_quote_ticks(share)

        def on_quote_tick(self, tick: Any) -> None:
            if tick.ts_event in due:
                side = OrderSide.SELL if self.n_orders % 2 else OrderSide.BUY
                self.n_orders += 1
                self.submit_order(self.order_factory.market(share, side, Quantity.from_int(100)))

        def on_order_filled(self, event: Any) -> None:
            self.prices.append(float(event.last_px))

    engine = BacktestEngine(BacktestEngineConfig(trader_id=TraderId("T-1"), logging=LoggingConfig(log_level="ERROR")))
    engine.add_venue(Venue("XNAS"), OmsType.NETTING, AccountType.MARGIN, [Money(1e9, USD)], base_currency=USD)
    engine.add_instrument(equity)
    engine.add_data(ticks)
    taker = Taker()
    engine.add_strategy(taker)
    from_s = time.process_time()
    engine.run()
    return time.process_time() - from_s, taker.prices


def hftbacktest(data: Mapping[str, Any]) -> Found:
    """The same market orders, the quotes told level by level."""
    return _hft(data, "taker")


def hftbacktest_queue(data: Mapping[str, Any]) -> Found:
    """Bids at the best price that rest for a while, risk-averse; shares filled of each."""
    return _hft(data, "maker")


def _hft(data: Mapping[str, Any], part: str) -> Found:
    hft = _module("hftbacktest")
    njit = _module("numba").njit

    both = hft.EXCH_EVENT | hft.LOCAL_EVENT
    kinds = {1: hft.DEPTH_EVENT | both, 2: hft.TRADE_EVENT | both}
    sides = {1: hft.BUY_EVENT, -1: hft.SELL_EVENT}
    columns = (data[f"{part}_{name}"].tolist() for name in ("at_ns", "kind", "side", "price_e4", "shares"))
    rows = [
        (kinds[kind] | sides[side], at + _FROM_NS, at + _FROM_NS, price / 1e4, float(shares), 0, 0, 0.0)
        for at, kind, side, price, shares in zip(*columns, strict=True)
    ]
    told = np.array(rows, dtype=hft.event_dtype)

    def engine() -> Any:
        """A new engine: an asset is used up by the engine that is made of it."""
        latency_ns = int(data[f"{part}_latency_ns"])
        asset = hft.BacktestAsset().data(told).linear_asset(1.0).constant_order_latency(latency_ns, latency_ns)
        asset = asset.risk_adverse_queue_model().trading_value_fee_model(0.0, 0.0).tick_size(0.01).lot_size(1.0)
        # With partial fills its exchange loses an order that filled in part, and the run ends with an error.
        asset = asset.partial_fill_exchange() if part == "taker" else asset.no_partial_fill_exchange()
        return hft.HashMapMarketDepthBacktest([asset])

    ioc, market, gtc, limit, waits = hft.order.IOC, hft.MARKET, hft.order.GTC, hft.LIMIT, False
    filled = hft.FILLED

    @njit  # type: ignore[untyped-decorator]  # looked up
    def take(market_: Any, due: Any, out: Any) -> None:
        market_.elapse(1)
        for place in range(len(due)):
            market_.elapse(due[place] - market_.current_timestamp)
            if place % 2:
                market_.submit_sell_order(0, place + 1, 0.01, 100.0, ioc, market, waits)
            else:
                market_.submit_buy_order(0, place + 1, 1e6, 100.0, ioc, market, waits)
            market_.wait_order_response(0, place + 1, 1_000_000)
            out[place] = market_.orders(0).get(place + 1).exec_price
            market_.clear_inactive_orders(0)
        market_.elapse(10**15)

    @njit  # type: ignore[untyped-decorator]  # looked up
    def make(market_: Any, due: Any, prices: Any, life_ns: Any, out: Any) -> None:
        market_.elapse(1)
        for place in range(len(due)):
            market_.elapse(due[place] - market_.current_timestamp)
            market_.submit_buy_order(0, place + 1, prices[place], 100.0, gtc, limit, waits)
            market_.elapse(life_ns)
            if market_.orders(0).get(place + 1).status != filled:
                market_.cancel(0, place + 1, waits)
            market_.elapse(1_000_000)
            out[place] = 100.0 - market_.orders(0).get(place + 1).leaves_qty
            market_.clear_inactive_orders(0)

    compiling, running = engine(), engine()
    due = data["order_ns" if part == "taker" else "maker_order_ns"] + _FROM_NS
    out = np.full(len(due), np.nan)
    none = due[:0]
    if part == "taker":
        take(compiling, none, out)  # compiles
        from_s = time.process_time()
        take(running, due, out)
    else:
        prices, life_ns = data["maker_limit_e4"] / 1e4, int(data["maker_life_ns"])
        make(compiling, none, prices[:0], life_ns, out)  # compiles
        from_s = time.process_time()
        make(running, due, prices, life_ns, out)
    return time.process_time() - from_s, out.tolist()


TURNS: Mapping[str, Callable[[Mapping[str, Any]], Found]] = {
    work.__name__: work for work in (goog, backtesting, vectorbt, nautilus, hftbacktest, hftbacktest_queue)
}


def main(path: str) -> None:
    """Take turns until the end of standard input."""
    with np.load(path, allow_pickle=False) as arrays:
        data = {name: arrays[name] for name in arrays.files}
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what peers print, compiled ones too, is no answer
    answers.write('"ready"\n')
    answers.flush()
    for line in sys.stdin:
        seconds, found = TURNS[line.strip()](data)
        answers.write(json.dumps({"seconds": seconds, "found": found}) + "\n")
        answers.flush()


if __name__ == "__main__":
    main(sys.argv[1])
