"""Two strategies to try a recording with: orders at given instants, and a quote on both sides."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from nodes.kernels.simulator.results import Report, View
from nodes.kernels.simulator.terms import Cancel, Request, Send, Wake
from nodes.vocabulary.executions import ExecType
from nodes.vocabulary.trading import OrdType, Side, TimeInForce, VenueOrder


class Scheduled:
    """Sends orders at instants, whatever the market does.

    Args:
        orders: an instant in ns UTC, a venue and an order each; an instant that is past is now.
    """

    def __init__(self, orders: Sequence[tuple[int, str, VenueOrder]]) -> None:
        self._due: dict[int, list[Send]] = {}
        for at_ns, venue, order in orders:
            self._due.setdefault(at_ns, []).append(Send(venue, order))

    def started(self, now_ns: int) -> Iterable[Request]:
        """Wakes for what is to come; what is due."""
        late = [send for at_ns, sends in sorted(self._due.items()) if at_ns <= now_ns for send in sends]
        return [*late, *(Wake(at_ns) for at_ns in sorted(self._due) if at_ns > now_ns)]

    def seen(self, view: View) -> Iterable[Request]:  # noqa: ARG002  # the market makes no difference
        """Nothing."""
        return ()

    def told(self, report: Report) -> Iterable[Request]:  # noqa: ARG002  # nor do reports
        """Nothing."""
        return ()

    def woken(self, now_ns: int) -> Iterable[Request]:
        """What is due."""
        return self._due.get(now_ns, ())


class Quoting:
    """Stands with one order on each side at the best prices of one book, and follows them.

    Args:
        place: which book of the events.
        venue: its venue.
        symbol: its symbol.
        shares: size of each quote.
        max_position_shares: largest position either way: a side that would go beyond it is not quoted.
    """

    def __init__(self, place: int, venue: str, symbol: str, shares: int, max_position_shares: int) -> None:
        self._place, self._venue, self._symbol = place, venue, symbol
        self._shares, self._max_shares = shares, max_position_shares
        self._position = 0
        self._n_orders = 0
        self._working: dict[Side, tuple[str, int]] = {}

    def started(self, now_ns: int) -> Iterable[Request]:  # noqa: ARG002  # it waits for the market
        """Nothing."""
        return ()

    def seen(self, view: View) -> Iterable[Request]:
        """Quotes that follow the best prices."""
        if view.place != self._place or not 0 < view.bid_e4 < view.ask_e4:
            return ()
        return [*self._followed(Side.BUY, view.bid_e4), *self._followed(Side.SELL, view.ask_e4)]

    def told(self, report: Report) -> Iterable[Request]:
        """Nothing; but positions and ended quotes are noted."""
        for side, (name, _) in tuple(self._working.items()):
            if name == report.cl_ord_id:
                self._position += side.sign * report.last_shares
                if not report.leaves_shares:
                    del self._working[side]
                return ()
        if report.exec_type is ExecType.TRADE:
            # A quote that was being canceled traded first: its side is in its name.
            self._position += report.last_shares * (1 if report.cl_ord_id.startswith("bid") else -1)
        return ()

    def woken(self, now_ns: int) -> Iterable[Request]:  # noqa: ARG002  # it asks for no wakes
        """Nothing."""
        return ()

    def _followed(self, side: Side, price_e4: int) -> Iterable[Request]:
        found = self._working.get(side)
        if found is not None and found[1] == price_e4:
            return
        if found is not None:
            del self._working[side]
            yield Cancel(found[0])
        if side.sign * self._position + self._shares <= self._max_shares:
            self._n_orders += 1
            name = f"{'bid' if side is Side.BUY else 'ask'}-{self._n_orders}"
            self._working[side] = (name, price_e4)
            yield Send(
                self._venue,
                VenueOrder(
                    cl_ord_id=name,
                    symbol=self._symbol,
                    side=side,
                    shares=self._shares,
                    ord_type=OrdType.LIMIT,
                    time_in_force=TimeInForce.DAY,
                    limit_e4=price_e4,
                    stop_e4=None,
                    is_post_only=True,
                    expires_ns=None,
                ),
            )
