"""The router: how fast it is with its trace, and what it saves on days that it has not seen.

`python -m tests.benchmarks.routing` prints both. Slippage is what orders cost against the middle of the market when
they were sent, fees included, on made-up days (`made_up_venues`) whose truth is not what the router was told; intervals
are of a bootstrap over days, paired: each way of routing meets the same orders, books and luck.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache

import numpy as np
import numpy.typing as npt

from dataflows.engine.compile import compiled_strategy
from dataflows.engine.plan import Plan
from dataflows.engine.run import Runner
from dataflows.us_equities import US_EQUITIES, OrderSnapshot
from nodes.kernels.routing.assessment import assessed, split_of
from nodes.kernels.routing.baselines import pro_rata, single_venue
from nodes.kernels.routing.expected_cost import market_of
from nodes.kernels.routing.split import Part, best_route
from nodes.kernels.routing.venues import Level, VenueBook, VenueTerms, books_of_text, books_text
from nodes.vocabulary.units import Shares, Text
from policies.parse import parsed_policy
from policies.venues import shipped_venues
from tests.benchmarks.made_up_venues import (
    PARAMS,
    Case,
    cases,
    estimated_terms,
    expected_e6,
    realised_e6,
)
from tests.benchmarks.timing import Row, figure_us
from tests.dataflows.engine.shipped import POLICY

SEED = 20261123
MAX_P99_US = 1_000.0
N_VENUES = 10
N_REPEATS = 5
MIN_REDUCTION = 0.10
MIN_ACCURACY = 0.95
NEAR_E6 = 1_000.0
"""A tenth of a tick of one cent, a share."""
Ways = dict[str, Callable[[Case], Sequence[Part]]]


@dataclass(frozen=True)
class Work:
    """How much is measured.

    Attributes:
        n_decisions: decisions that are timed.
        n_orders: different orders among them.
        n_known_days: days that the router's beliefs are estimated from.
        n_days: days that it has not seen.
        orders_a_day: orders of each.
        n_draws: of the bootstrap.
    """

    n_decisions: int = 10_000
    n_orders: int = 200
    n_known_days: int = 40
    n_days: int = 60
    orders_a_day: int = 40
    n_draws: int = 2_000


def rows(work: Work) -> list[Row]:
    """Every row of the table."""
    return [*timed(work), *saved(work)]


def timed(work: Work) -> list[Row]:
    """Percentiles of whole order runs over ten venues, trace and salted commitments included."""
    plan = compiled_strategy(parsed_policy(POLICY.read_bytes(), POLICY.name), US_EQUITIES).order
    runner = Runner(plan, "paper", b"", is_salted=True)
    random = np.random.Generator(np.random.PCG64(np.random.SeedSequence([SEED])))
    snapshots = [_snapshot(random, number) for number in range(work.n_orders)]
    key, at = bytes(range(32)), datetime(2026, 11, 23, 21, tzinfo=UTC)
    for snapshot in snapshots:
        runner.order(snapshot, at, (), key)
    n_rounds = max(work.n_decisions // len(snapshots), N_REPEATS)
    spent = np.array([[_spent_us(runner, each, at, key) for each in snapshots] for _ in range(n_rounds)])
    wall, raw = spent[..., 0].ravel(), spent[..., 1].ravel()
    whole = spent[: n_rounds // N_REPEATS * N_REPEATS, :, 1]
    busy = whole.reshape(-1, N_REPEATS, len(snapshots)).min(axis=1).ravel()
    bare = Runner(_without_router(), "paper", b"", is_salted=True)
    small = [replace(each, venue_quotes=Text(""), proposed_order_shares=Shares(100)) for each in snapshots]
    auction = _least_us(runner, small, at, key)
    none = _least_us(bare, small, at, key)
    median, p99 = np.percentile(busy, (50, 99))
    wall_median, wall_p99 = np.percentile(wall, (50, 99))
    return [
        Row(
            "decision that goes into the opening auction, ten venues assessed beside it",
            figure_us(auction),
            f"the same plan without the router: {figure_us(none)}",
            f"{auction - none:.0f} us more",
        ),
        Row(
            f"routed decision over 10 quoted venues with its trace: p99 of {busy.size:,}, each the best of {N_REPEATS}",
            figure_us(float(p99)),
            f"p50: {figure_us(float(median))}",
            "",
            f"under {MAX_P99_US:,.0f} us",
            bool(p99 < MAX_P99_US),
        ),
        Row(
            f"the same, neighbours on the machine included: p99 of {wall.size:,} by the wall",
            figure_us(float(wall_p99)),
            f"p50: {figure_us(float(wall_median))}; thread's own time p99: {figure_us(float(np.percentile(raw, 99)))}",
        ),
    ]


def _without_router() -> Plan:
    """The order plan of the shipped policy as it would be without the router."""
    outputs = ("limit_price_usd", "venue", "expected_cost_usd", "expected_cost_bps", "expected_fill_shares")
    text = "\n".join(line for line in POLICY.read_text(encoding="utf-8").split("\n") if not _is_of_router(line))
    strategy = replace(US_EQUITIES, order=replace(US_EQUITIES.order, outputs=outputs))
    return compiled_strategy(parsed_policy(text.encode(), POLICY.name), strategy).order


def _is_of_router(line: str) -> bool:
    names = ("displayed_depth_frac", "route_horizon_s", "depth_impact_frac", "requote_frac")
    return line.strip().startswith(names)


def _least_us(runner: Runner, snapshots: Sequence[OrderSnapshot], at: datetime, key: bytes) -> float:
    """Median over orders of the least of several runs, in this thread's microseconds."""
    spent = []
    for snapshot in snapshots:
        times = []
        for _ in range(2 * N_REPEATS):
            assessed.cache_clear()
            began_ns = time.thread_time_ns()
            runner.order(snapshot, at, (), key)
            times.append((time.thread_time_ns() - began_ns) / 1000)
        spent.append(min(times))
    return float(np.median(spent))


def _spent_us(runner: Runner, snapshot: OrderSnapshot, at: datetime, key: bytes) -> tuple[float, float]:
    """Microseconds of one decision by the wall and of this thread, nothing remembered of earlier ones."""
    assessed.cache_clear()
    split_of.cache_clear()
    books_of_text.cache_clear()
    began_ns, began_busy_ns = time.perf_counter_ns(), time.thread_time_ns()
    run = runner.order(snapshot, at, (), key)
    busy_ns, wall_ns = time.thread_time_ns() - began_busy_ns, time.perf_counter_ns() - began_ns
    assert run.decision.order_shares == snapshot.proposed_order_shares, run.decision.failed
    assert len(run.values["venue_costs_bps"]) == N_VENUES
    return wall_ns / 1000, busy_ns / 1000


@cache
def _terms() -> str:
    return shipped_venues().text(date(2026, 11, 23))


def _snapshot(random: np.random.Generator, number: int) -> OrderSnapshot:
    """An order of a few hundred to thousands of shares against quotes of all venues, three levels each."""
    cents = int(random.integers(2_000, 6_000))
    books = []
    for venue in shipped_venues().policy.venues:
        ask = cents + int(random.choice((1, 1, 2)))
        bid = cents - int(random.choice((0, 0, 1)))
        sizes = random.integers(1, 12, 6) * 100
        bids = tuple(Level((bid - at) * 100, int(sizes[at])) for at in range(3))
        asks = tuple(Level((ask + at) * 100, int(sizes[3 + at])) for at in range(3))
        books.append(VenueBook(venue, bids, asks))
    price = Decimal(cents) / 100
    known = dict.fromkeys(OrderSnapshot.__dataclass_fields__, 0) | {
        "symbol": "AAPL",
        "proposed_order_shares": int(random.integers(2, 25)) * 100 * (1 if number % 2 else -1),
        "close_price_usd": price,
        "previous_close_price_usd": price,
        "adv_shares": 40_000_000,
        "last_volume_shares": 41_000_000,
        "position_shares": 5_000,
        "venue_terms": _terms(),
        "venue_quotes": books_text(books),
    }
    money = {name: Decimal(1_000_000) for name in known if name.endswith("_usd") and "price" not in name}
    fractions = {name: 0.01 for name in known if name.endswith(("_frac", "_bps", "_score"))}
    flags = {name: False for name in known if name.endswith(("engaged", "disabled"))}
    mended = {"estimated_spread_bps": 4.0, "gross_exposure_usd": 5_000 * price}
    return replace(OrderSnapshot(**{**known, **money, **fractions, **flags}), **mended)  # type: ignore[arg-type]


def saved(work: Work) -> list[Row]:
    """Slippage against each baseline on unseen days, and how often the route is as good as an oracle's."""
    known = cases(0, work.n_known_days, work.orders_a_day, SEED)
    terms, _ = estimated_terms(known)
    ways = routed_ways(terms, known)
    unseen = cases(work.n_known_days, work.n_days, work.orders_a_day, SEED)
    cost = {name: np.array([_bps(case, realised_e6(case, way(case))) for case in unseen]) for name, way in ways.items()}
    days = np.array([case.day for case in unseen])
    found = [_reduction_row(name, cost["router"], cost[name], days, work) for name in ways if name != "router"]
    return [*found, _accuracy_row(unseen, ways["router"])]


def routed_ways(terms: dict[str, VenueTerms], known: Sequence[Case]) -> Ways:
    """The router with its beliefs, and what it is compared with."""

    def router(case: Case) -> Sequence[Part]:
        return best_route(case.order, case.books, terms, PARAMS).parts

    def alone(venue: str) -> Callable[[Case], Sequence[Part]]:
        def way(case: Case) -> Sequence[Part]:
            market = market_of(case.order, case.books, terms, PARAMS)
            book = next(each for each in case.books if each.venue == venue)
            best = VenueBook(venue, book.bids[:1], book.asks[:1]) if _is_best(case, book) else _far_less(case, book)
            return single_venue(case.order, best, None if market is None else market.post_e4)

        return way

    def by_size(case: Case) -> Sequence[Part]:
        market = market_of(case.order, case.books, terms, PARAMS)
        return pro_rata(case.order, case.books, terms, None if market is None else market.post_e4)

    def held(venue: str) -> Callable[[Case], Sequence[Part]]:
        def way(case: Case) -> Sequence[Part]:
            own = tuple(each for each in case.books if each.venue == venue)
            best = own if _is_best(case, own[0]) else (_far_less(case, own[0]),)
            return best_route(case.order, best, terms, PARAMS).parts

        return way

    largest = max(terms.values(), key=lambda each: each.share_frac).venue
    best = min(
        terms, key=lambda name: float(np.mean([_bps(case, realised_e6(case, alone(name)(case))) for case in known]))
    )
    return {
        "router": router,
        f"the largest venue, {largest}": alone(largest),
        f"the venue that was cheapest on known days, {best}": alone(best),
        f"this router held to {largest}": held(largest),
        "pro rata by shown size": by_size,
    }


def _is_best(case: Case, book: VenueBook) -> bool:
    levels = [(each.asks if case.order.side > 0 else each.bids)[0].price_e4 for each in case.books]
    own = (book.asks if case.order.side > 0 else book.bids)[0].price_e4
    return own == (min(levels) if case.order.side > 0 else max(levels))


def _far_less(case: Case, book: VenueBook) -> VenueBook:
    """The book without the side that an order may not take, since another venue quotes better (rule 611)."""
    return VenueBook(book.venue, book.bids, ()) if case.order.side > 0 else VenueBook(book.venue, (), book.asks)


def _bps(case: Case, cost_e6: float) -> float:
    market = market_of(case.order, case.books, dict(case.truth), case.params)
    mid_e4 = 1.0 if market is None else market.mid_e4
    return cost_e6 / (mid_e4 * 100.0 * case.order.shares) * 1e4


def _reduction_row(
    name: str,
    routed: npt.NDArray[np.float64],
    other: npt.NDArray[np.float64],
    days: npt.NDArray[np.int_],
    work: Work,
) -> Row:
    low, middle, high = reduction_interval(routed, other, days, work.n_draws)
    saved_low, saved, saved_high = (each * other.mean() for each in (low, middle, high))
    return Row(
        f"slippage of the router on {len(np.unique(days))} unseen made-up days",
        f"{routed.mean():.2f} bps",
        f"{name}: {other.mean():.2f} bps; {saved:.2f} bps saved, about {saved_low:.2f} to {saved_high:.2f}",
        f"{middle:.0%} less, 95 % from {low:.0%} to {high:.0%}",
        f"{MIN_REDUCTION:.0%} less",
        bool(low >= MIN_REDUCTION),
    )


def reduction_interval(
    routed: npt.NDArray[np.float64], other: npt.NDArray[np.float64], days: npt.NDArray[np.int_], n_draws: int
) -> tuple[float, float, float]:
    """By what part the mean is smaller, with the 2.5 and 97.5 per cent points of a paired bootstrap over days."""
    names = np.unique(days)
    means = np.array([[routed[days == day].mean(), other[days == day].mean()] for day in names])
    random = np.random.Generator(np.random.PCG64(np.random.SeedSequence([SEED, 1])))
    drawn = means[random.integers(0, len(names), (n_draws, len(names)))].mean(axis=1)
    low, high = np.percentile(1.0 - drawn[:, 0] / drawn[:, 1], (2.5, 97.5))
    middle = 1.0 - means[:, 0].mean() / means[:, 1].mean()
    return float(low), float(middle), float(high)


def _accuracy_row(unseen: Sequence[Case], router: Callable[[Case], Sequence[Part]]) -> Row:
    near = [_gap_e6(case, router(case)) <= NEAR_E6 for case in unseen]
    share = float(np.mean(near))
    return Row(
        "routes within 0.1 tick a share of an oracle that knows the day's truth afterwards",
        f"{share:.1%}",
        f"{len(near):,} orders",
        "",
        f"{MIN_ACCURACY:.0%}",
        share >= MIN_ACCURACY,
    )


def _gap_e6(case: Case, parts: Sequence[Part]) -> float:
    """By how much a share costs more, on average over luck, than by the split that the day's truth makes the best."""
    best = best_route(case.order, case.books, case.truth, case.params).parts
    return (expected_e6(case, parts) - expected_e6(case, best)) / case.order.shares


def main() -> int:
    """Print the table."""
    for row in rows(Work()):
        mark = {True: "met", False: "NOT met", None: ""}[row.is_met]
        sys.stdout.write(f"{row.what}: {row.measured}; {row.beside}; {row.ratio}; {row.target} {mark}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
