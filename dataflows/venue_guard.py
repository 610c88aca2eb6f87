"""Market rules around a simulated strategy: no order leaves that they forbid, and halts are sat out by policy.

`VenueGuard` judges every order with the compiled rules of policies/venue-rules, against what the strategy can see.
`HaltKeeping` stands around a strategy: orders that it asks for during a halt wait, open ones stay or are cancelled, and
when the share has reopened what waited is asked for again, to be judged anew.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from dataflows.engine.run import Runner
from dataflows.venue_rules import ShareMarket, venue_rules_snapshot
from nodes.kernels.market_rules.halts import AtReopening, DuringHalt, Halt, HaltPolicy, halt_fault
from nodes.kernels.market_rules.price_bands import Bands
from nodes.kernels.market_rules.sessions import SessionTimes
from nodes.kernels.market_rules.short_sale import ShortSaleState
from nodes.kernels.market_rules.ticks import TickClass, TickTerms
from nodes.kernels.simulator.results import Report, View
from nodes.kernels.simulator.terms import Cancel, GuardAnswer, Request, Send, Standing, Strategy, Wake
from nodes.vocabulary.executions import OrdStatus
from nodes.vocabulary.instants import instant_from_ns
from nodes.vocabulary.trading import VenueOrder
from nodes.vocabulary.verdict import Action

_DONE = frozenset({OrdStatus.FILLED, OrdStatus.CANCELED, OrdStatus.REJECTED, OrdStatus.EXPIRED})


@dataclass(frozen=True)
class ShareFacts:
    """What is known of a share besides its quotes.

    Attributes:
        halts: its halts and pauses, and those of the market.
        bands: price bands from an instant on, in order; empty where none are in force.
        short_sale: where it stands under rule 201; None when that is not known.
        tick_class: its class of tick.
    """

    halts: tuple[Halt, ...]
    bands: tuple[tuple[int, Bands | None], ...]
    short_sale: ShortSaleState | None
    tick_class: TickClass

    def bands_at(self, at_ns: int) -> Bands | None:
        """The bands in force at an instant."""
        return next((bands for since_ns, bands in reversed(self.bands) if since_ns <= at_ns), None)


@dataclass(frozen=True)
class VenueGuard:
    """A guard for the simulator: each order is judged by the rules of a policy, with a trace.

    Attributes:
        runner: runs the compiled policy.
        session: the session.
        shares: facts of each share; orders in others are denied, since nothing of their halts is known.
        ticks: tick sizes in force.
        key: commits the traces' values.
    """

    runner: Runner
    session: SessionTimes
    shares: Mapping[str, ShareFacts]
    ticks: TickTerms | None
    key: bytes

    def __call__(self, order: VenueOrder, view: View | None, standing: Standing, now_ns: int) -> GuardAnswer:
        """What the rules say of an order: all of its shares or none, and why."""
        del standing
        snapshot = venue_rules_snapshot(order, self._market(order, view, now_ns))
        run = self.runner.gate(snapshot, instant_from_ns(now_ns), (), self.key)
        if run.action is Action.ACT:
            return GuardAnswer(order.shares)
        return GuardAnswer(0, "; ".join(rule.rule_id for rule in run.failed))

    def _market(self, order: VenueOrder, view: View | None, now_ns: int) -> ShareMarket:
        facts = self.shares.get(order.symbol)
        bands = None if facts is None else facts.bands_at(now_ns)
        short_sale = None if facts is None else facts.short_sale
        return ShareMarket(
            at_ns=now_ns,
            session=self.session,
            halts=None if facts is None else facts.halts,
            has_bands=None if facts is None else bands is not None,
            bands=bands,
            is_restricted=None if short_sale is None else short_sale.is_restricted(now_ns),
            best_bid_e4=view.bid_e4 or None if view is not None else None,
            best_ask_e4=view.ask_e4 or None if view is not None else None,
            ticks=self.ticks,
            tick_class=TickClass.CENT if facts is None else facts.tick_class,
        )


@dataclass
class HaltKeeping:
    """A strategy that sits out halts by policy, around one that knows nothing of them.

    Attributes:
        inner: what decides.
        halts: halts as they become known: a beginning at its instant, an end at its own.
        policy: what the desk does about halts.
        kept: what waits for a reopening.
    """

    inner: Strategy
    halts: Sequence[Halt]
    policy: HaltPolicy
    kept: list[Send] = field(default_factory=list)
    _open: dict[str, Send] = field(default_factory=dict)
    _own: Counter[int] = field(default_factory=Counter)

    def started(self, now_ns: int) -> Iterable[Request]:
        """The inner strategy's first requests, and to be woken when halts begin and end."""
        instants = {at_ns for halt in self.halts for at_ns in (halt.started_ns, halt.ended_ns) if at_ns is not None}
        self._own.update(instants)
        return [*(Wake(at_ns) for at_ns in sorted(instants)), *self._passed(self.inner.started(now_ns), now_ns)]

    def seen(self, view: View) -> Iterable[Request]:
        """What the inner strategy asks for."""
        return self._passed(self.inner.seen(view), view.seen_ns)

    def told(self, report: Report) -> Iterable[Request]:
        """What the inner strategy asks for; an order that is done is not cancelled again."""
        if report.ord_status in _DONE:
            self._open.pop(report.cl_ord_id, None)
        return self._passed(self.inner.told(report), report.told_ns)

    def woken(self, now_ns: int) -> Iterable[Request]:
        """Cancels at the beginning of a halt where policy says so, and what waited at its end."""
        if not self._own[now_ns]:
            return self._passed(self.inner.woken(now_ns), now_ns)
        self._own[now_ns] -= 1
        waiting, self.kept = self.kept, []
        return [*self._cancels(now_ns), *self._passed(waiting, now_ns)]

    def _cancels(self, now_ns: int) -> list[Request]:
        if self.policy.during is DuringHalt.HOLD:
            return []
        halted = {halt.symbol for halt in self.halts if halt.started_ns == now_ns}
        return [Cancel(name) for name, send in self._open.items() if send.order.symbol in halted]

    def _passed(self, requests: Iterable[Request], now_ns: int) -> list[Request]:
        """The requests, without orders in halted shares, which wait."""
        passed: list[Request] = []
        for request in requests:
            if isinstance(request, Send):
                if self._is_halted(request.order.symbol, now_ns):
                    self.kept.append(request)
                    continue
                self._open[request.order.cl_ord_id] = request
            elif isinstance(request, Cancel) and self._is_forgotten(request.cl_ord_id):
                continue
            passed.append(request)
        return passed

    def _is_forgotten(self, cl_ord_id: str) -> bool:
        """Whether an order that waits is given up before it ever left."""
        before = len(self.kept)
        self.kept = [send for send in self.kept if send.order.cl_ord_id != cl_ord_id]
        return len(self.kept) < before

    def _is_halted(self, symbol: str, now_ns: int) -> bool:
        """Whether orders in a share wait: here until it has reopened, since the simulator calls no halt auctions."""
        of_share = [halt for halt in self.halts if halt.symbol == symbol]
        after_auction = HaltPolicy(self.policy.during, AtReopening.AFTER_AUCTION)
        return bool(halt_fault(of_share, now_ns, after_auction))
