"""The state of one account, and the pure transitions between its states.

Money is Decimal and exact; quantities are whole shares, negative when short. Every transition returns a new state and
keeps the books balanced:

    cash + cost of holdings = contributed + realised + dividends - fees        (AccountState.imbalance_usd is zero)

Gains are realised against average cost. Orders wait in the state from their decision until they are filled, expire or
are canceled, so that the next decision sees them. What a fill is worth, and when it happens, is for others to say.

The bytes of a state come in parts: each working order, then what orders do not change, then what they do. Its digest
is the chain over them, so that accepting an order costs the same however many are working.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from operator import attrgetter
from typing import Any

from nodes.kernels.prices import limit_on_tick_usd
from nodes.kernels.sizes import side
from nodes.vocabulary.canonical import decode, encode
from nodes.vocabulary.chain import content_of, framed, linked, parts_of
from nodes.vocabulary.errors import DataError
from nodes.vocabulary.holdings import Fill, Holding, millionths, traded, with_holding
from nodes.vocabulary.orders import PendingOrder, WorkingOrders, orders_from_content
from nodes.vocabulary.reading import LENGTH
from nodes.vocabulary.repeats import repeated_count, repeats_after, repeats_from_here
from nodes.vocabulary.shapes import sequence_bytes

_ZERO = Decimal(0)
_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class AccountState:
    """One account between two events.

    Attributes:
        account_id: whose state it is.
        contributed_usd: cash paid in from outside.
        cash_usd: cash held; what pending buys will need is still in it.
        holdings: by symbol, without empty ones.
        orders: pending orders in the order of their acceptance.
        realised_usd: gains and losses of shares sold, before fees.
        dividends_usd: dividends received, less those paid on short shares.
        fees_usd: fees paid.
        n_marks: how many sessions the account was valued at.
        peaks: number and equity of the marks that are or can still become the peak, equity falling.
        day_start_equity_usd: equity when the running session began.
        session_on: the running session; None before the first.
        marked_on: the session at whose close the account was last valued.
        decided_on: the session at whose close orders are, or were last, decided.
        plan_trace: digest of the trace of the session run whose day plan they are decided against; None before any.
        repeats: buys and sales in a row of each symbol in the sessions before the running one, see `after_release`.
        automation_is_disabled: whether orders in a row were too many; only a person lets automation go on.
        today_counts: how many buys and sales of each symbol the running session has accepted, symbols sorted.
        kill_switch_is_engaged: whether trading is stopped by hand.
    """

    account_id: str
    contributed_usd: Decimal
    cash_usd: Decimal
    holdings: tuple[Holding, ...] = ()
    orders: WorkingOrders = field(default_factory=WorkingOrders)
    realised_usd: Decimal = _ZERO
    dividends_usd: Decimal = _ZERO
    fees_usd: Decimal = _ZERO
    n_marks: int = 0
    peaks: tuple[tuple[int, Decimal], ...] = ()
    day_start_equity_usd: Decimal = _ZERO
    session_on: date | None = None
    marked_on: date | None = None
    decided_on: date | None = None
    plan_trace: bytes | None = None
    repeats: tuple[tuple[str, int, int], ...] = ()
    automation_is_disabled: bool = False
    today_counts: tuple[tuple[str, int, int], ...] = ()
    kill_switch_is_engaged: bool = False
    _known: dict[str, Any] = field(default_factory=dict, init=False, repr=False, compare=False)
    """What was computed of the parts that orders do not change; the state after an order takes it over."""

    @property
    def equity_usd(self) -> Decimal:
        """Cash and holdings at their marks."""
        if "equity_usd" not in self._known:
            self._known["equity_usd"] = self.cash_usd + sum((holding.value_usd for holding in self.holdings), _ZERO)
        return self._known["equity_usd"]  # type: ignore[no-any-return]

    @property
    def peak_equity_usd(self) -> Decimal:
        """The highest equity at the marks that are remembered, see `after_mark`."""
        return self.peaks[0][1] if self.peaks else self.contributed_usd

    @property
    def free_cash_usd(self) -> Decimal:
        """Cash that no pending buy has set aside."""
        return self.cash_usd - self.orders.reserved_usd

    @property
    def gross_exposure_usd(self) -> Decimal:
        """The largest gross value of holdings that pending orders can lead to, whichever of them are filled."""
        return sum(self.worst_exposures_usd.values(), _ZERO)

    @property
    def worst_exposures_usd(self) -> Mapping[str, Decimal]:
        """The same of each symbol."""
        if "worst_usd" not in self._known:
            symbols = {holding.symbol for holding in self.holdings} | self.orders.by_symbol.keys()
            self._known["worst_usd"] = {symbol: self._worst_exposure_usd(symbol) for symbol in sorted(symbols)}
        return self._known["worst_usd"]  # type: ignore[no-any-return]

    @property
    def imbalance_usd(self) -> Decimal:
        """What the books are off by: zero, always."""
        if "imbalance_usd" not in self._known:
            held_usd = self.cash_usd + sum((holding.cost_usd for holding in self.holdings), _ZERO)
            booked_usd = self.contributed_usd + self.realised_usd + self.dividends_usd - self.fees_usd
            self._known["imbalance_usd"] = held_usd - booked_usd
        return self._known["imbalance_usd"]  # type: ignore[no-any-return]

    @property
    def digest(self) -> bytes:
        """The digest of the state's bytes, as `governance.rows.account_digest` computes it of them."""
        return linked(linked(self.orders.chain, self._settled), self._running)

    def holding(self, symbol: str) -> Holding | None:
        """The holding of a symbol, if there is one."""
        for holding in self.holdings:
            if holding.symbol == symbol:
                return holding
        return None

    def position_shares(self, symbol: str) -> int:
        """Shares held of a symbol."""
        holding = self.holding(symbol)
        return 0 if holding is None else holding.position_shares

    def pending_buy_shares(self, symbol: str) -> int:
        """Shares that pending orders would buy."""
        return self.orders.of_symbol(symbol).buy_shares

    def pending_sell_shares(self, symbol: str) -> int:
        """Shares that pending orders would sell, as a positive number."""
        return self.orders.of_symbol(symbol).sell_shares

    def same_orders_today_count(self, symbol: str, order_shares: int) -> int:
        """Orders of this symbol and side that the running session has accepted."""
        for other, n_buys, n_sales in self.today_counts:
            if other == symbol:
                return (n_buys if order_shares > 0 else n_sales) if order_shares else 0
        return 0

    def repeated_orders_count(self, symbol: str, order_shares: int) -> int:
        """How many orders of this symbol and side were accepted in a row, session after session, up to now."""
        before = repeated_count(self.repeats, symbol, order_shares)
        return before + self.same_orders_today_count(symbol, order_shares)

    @property
    def orders_today_count(self) -> int:
        """How many orders the running session has accepted."""
        return sum([n_buys + n_sales for _, n_buys, n_sales in self.today_counts])

    def order(self, order_key: str) -> PendingOrder:
        """A pending order by its key. Raises DataError when none has it."""
        order = self.orders.order(order_key)
        if order is not None:
            return order
        message = f"account {self.account_id} has no pending order {order_key!r}; fill and expire accepted orders only"
        raise DataError(message)

    def _worst_exposure_usd(self, symbol: str) -> Decimal:
        holding, orders = self.holding(symbol), self.orders.of_symbol(symbol)
        held = 0 if holding is None else holding.position_shares
        most = max(abs(held + orders.buy_shares), abs(held - orders.sell_shares))
        return most * (orders.max_limit_price_usd if holding is None else holding.mark_price_usd)

    @property
    def n_parts(self) -> int:
        """How many parts the working orders make, which come first."""
        return len(self.orders)

    def chain_of(self, n_parts: int) -> bytes:
        """The chain over the first so many parts, at most `n_parts`."""
        return self.orders.chain_of(n_parts)

    def parts_from(self, place: int) -> list[bytes]:
        """The parts of working orders from a place on."""
        return self.orders.data_from(place)

    @property
    def rest(self) -> bytes:
        """The content of the parts that follow the working orders."""
        return content_of([framed(self._settled), framed(self._running)])

    @property
    def _settled(self) -> bytes:
        """The bytes of what orders do not change."""
        if "settled" not in self._known:
            self._known["settled"] = encode({name: getattr(self, name) for name in _SETTLED})
        return self._known["settled"]  # type: ignore[no-any-return]

    @property
    def _running(self) -> bytes:
        """The bytes of what orders do change, themselves apart."""
        if "running" not in self._known:
            self._known["running"] = _counts_bytes(self.today_counts)
        return self._known["running"]  # type: ignore[no-any-return]

    def __bytes__(self) -> bytes:
        return content_of([*self.orders.frames, framed(self._settled), framed(self._running)])


_SETTLED = tuple(
    item.name for item in fields(AccountState) if item.init and item.name not in {"orders", "today_counts"}
)
_PLACES = tuple(item.name for item in fields(AccountState) if item.init)
_AT_ORDERS, _AT_COUNTS = _PLACES.index("orders"), _PLACES.index("today_counts")
_BEFORE_ORDERS = attrgetter(*_PLACES[:_AT_ORDERS])
_BETWEEN = attrgetter(*_PLACES[_AT_ORDERS + 1 : _AT_COUNTS])


def opened_account(account_id: str, contributed_usd: Decimal) -> AccountState:
    """A new account with cash. Raises DataError when the cash is not positive."""
    if not contributed_usd.is_finite() or contributed_usd <= 0:
        message = f"account {account_id} cannot open with {contributed_usd} USD; pay in a positive amount"
        raise DataError(message)
    return AccountState(
        account_id=account_id,
        contributed_usd=contributed_usd,
        cash_usd=contributed_usd,
        peaks=((0, contributed_usd),),
        day_start_equity_usd=contributed_usd,
    )


def after_session_start(state: AccountState, session_on: date) -> AccountState:
    """The account as a session begins. Raises DataError when time would stand still or step back."""
    if state.session_on is not None and session_on <= state.session_on:
        message = (
            f"account {state.account_id} is in session {state.session_on} already and cannot start {session_on};"
            " continue with a later session"
        )
        raise DataError(message)
    return replace(
        state,
        session_on=session_on,
        day_start_equity_usd=state.equity_usd,
        repeats=repeats_after(state.repeats, state.today_counts),
        today_counts=(),
    )


def after_order(state: AccountState, order: PendingOrder) -> AccountState:
    """The account after a decision accepted an order. Raises DataError on no shares or a key that is pending."""
    if order.order_shares == 0:
        message = f"order {order.order_key!r} of {order.symbol} is for no shares; accept orders of one share or more"
        raise DataError(message)
    if state.orders.order(order.order_key) is not None:
        message = f"order {order.order_key!r} of {order.symbol} is pending already; give each order its own key"
        raise DataError(message)
    # By place: `replace` looks every field up and takes four times as long, for each order.
    counts = _counted(state.today_counts, order)
    orders, is_engaged = state.orders.accepted(order), state.kill_switch_is_engaged
    parts: tuple[Any, ...] = (*_BEFORE_ORDERS(state), orders, *_BETWEEN(state), counts, is_engaged)
    after = AccountState(*parts)
    known = after._known  # noqa: SLF001  # of the same type
    known.update(state._known)  # noqa: SLF001
    known.pop("running", None)
    worst_usd = known.pop("worst_usd", None)
    if worst_usd is not None and order.symbol in worst_usd:  # else the sum is made anew, symbols in order
        known["worst_usd"] = {**worst_usd, order.symbol: after._worst_exposure_usd(order.symbol)}  # noqa: SLF001
    return after


def after_plan(state: AccountState, session_on: date, plan_trace: bytes) -> AccountState:
    """The account of which a session's close decides orders, against the day plan of a session run.

    No other session comes before the next one; the same one may be planned again.
    """
    return replace(state, decided_on=session_on, plan_trace=plan_trace)


def after_fill(state: AccountState, fill: Fill) -> AccountState:
    """The account after an execution. Raises DataError when it fits no pending order."""
    order = state.order(fill.order_key)
    left = order.order_shares - fill.fill_shares
    if fill.fill_shares == 0 or left * order.order_shares < 0 or abs(left) > abs(order.order_shares):
        message = (
            f"fill of {fill.fill_shares} does not fit order {fill.order_key!r} with {order.order_shares} shares left;"
            " fill at most what is left, on the same side"
        )
        raise DataError(message)
    if not (fill.fill_price_usd.is_finite() and fill.fill_price_usd > 0 and fill.fee_usd.is_finite()):
        message = (
            f"fill of order {fill.order_key!r} at {fill.fill_price_usd} with fee {fill.fee_usd}; correct its price"
        )
        raise DataError(message)
    holding, realised_usd = traded(state.holding(order.symbol), order.symbol, fill)
    return replace(
        state,
        cash_usd=state.cash_usd - fill.fill_price_usd * fill.fill_shares - fill.fee_usd,
        fees_usd=state.fees_usd + fill.fee_usd,
        realised_usd=state.realised_usd + realised_usd,
        holdings=with_holding(state.holdings, holding),
        orders=_with_left(state.orders, order, left),
    )


def after_expiry(state: AccountState, order_key: str) -> AccountState:
    """The account without what is left of an order. Raises DataError when no such order is pending."""
    return replace(state, orders=_with_left(state.orders, state.order(order_key), 0))


def after_cancel(state: AccountState) -> AccountState:
    """The account without any working order: the cash that they had set aside is free again."""
    return replace(state, orders=WorkingOrders())


def after_split(state: AccountState, symbol: str, new_shares: int, old_shares: int) -> AccountState:
    """The account after `new_shares` replaced every `old_shares`; a broken share is paid out at its mark.

    Pending orders are carried over with it. Raises DataError on a ratio that is not positive.
    """
    if new_shares <= 0 or old_shares <= 0:
        message = f"split of {symbol} into {new_shares} for {old_shares} is none; state two positive whole numbers"
        raise DataError(message)
    ratio = Fraction(new_shares, old_shares)
    orders = WorkingOrders(
        order_after_split(order, ratio) if order.symbol == symbol else order for order in state.orders
    )
    holding = state.holding(symbol)
    if holding is None:
        return replace(state, orders=orders)
    shares = int(holding.position_shares * ratio)
    mark_price_usd = millionths(holding.mark_price_usd * old_shares / new_shares)
    whole = holding.position_shares * new_shares
    broken = whole - shares * old_shares
    paid_usd = (mark_price_usd * broken / old_shares).quantize(_CENT, ROUND_HALF_EVEN)
    sold = whole if shares == 0 else broken if paid_usd else 0  # as in the books, `ledger.reshaping`
    gone_usd = millionths(holding.cost_usd * sold / whole)
    return replace(
        state,
        orders=orders,
        cash_usd=state.cash_usd + paid_usd,
        realised_usd=state.realised_usd + paid_usd - gone_usd,
        holdings=with_holding(
            state.holdings,
            Holding(symbol, shares, holding.cost_usd - gone_usd, mark_price_usd),
        ),
    )


def after_dividend(state: AccountState, symbol: str, dividend_usd: Decimal) -> AccountState:
    """The account after a cash dividend a share on the shares held; short shares pay it."""
    if not dividend_usd.is_finite() or dividend_usd < 0:
        message = f"dividend of {dividend_usd} USD on {symbol} is none; state a positive amount"
        raise DataError(message)
    paid_usd = dividend_usd * state.position_shares(symbol)
    return replace(state, cash_usd=state.cash_usd + paid_usd, dividends_usd=state.dividends_usd + paid_usd)


def after_mark(
    state: AccountState, session_on: date, price_usd: Mapping[str, Decimal], peak_sessions: int
) -> AccountState:
    """The account valued at a session's closing prices; a symbol without one keeps its last mark.

    The peak is that of the last `peak_sessions` marks: a drawdown heals by time as well as by gains.
    """
    holdings = tuple(
        replace(holding, mark_price_usd=price_usd.get(holding.symbol, holding.mark_price_usd))
        for holding in state.holdings
    )
    marked = replace(state, holdings=holdings, marked_on=session_on)
    n_marks, equity_usd = state.n_marks + 1, marked.equity_usd
    older = tuple(peak for peak in state.peaks if peak[0] > n_marks - peak_sessions and peak[1] > equity_usd)
    return replace(marked, n_marks=n_marks, peaks=(*older, (n_marks, equity_usd)))


def after_kill_switch(state: AccountState, *, is_engaged: bool) -> AccountState:
    """The account with trading stopped or released by hand."""
    return replace(state, kill_switch_is_engaged=is_engaged)


def after_throttle(state: AccountState) -> AccountState:
    """The account with automated execution disabled."""
    return replace(state, automation_is_disabled=True)


def after_release(state: AccountState) -> AccountState:
    """The account after a person let automated execution go on: orders in a row are counted from here."""
    return replace(state, automation_is_disabled=False, repeats=repeats_from_here(state.today_counts))


def account_bytes(state: AccountState) -> bytes:
    """Canonical bytes of a state."""
    return bytes(state)


def account_from_bytes(data: bytes) -> AccountState:
    """The state that `account_bytes` wrote. Raises DataError when the bytes hold none."""
    try:
        *orders, settled, running = (decode(part) for part in parts_of(data))
        parts: dict[str, Any] = {
            **settled,
            "holdings": tuple(Holding(**holding) for holding in settled["holdings"]),
            "orders": orders_from_content(orders),
            "repeats": tuple((symbol, n_buys, n_sales) for symbol, n_buys, n_sales in settled["repeats"]),
            "today_counts": running,
        }
        return AccountState(**parts)
    except (DataError, TypeError, KeyError, ValueError) as error:
        message = f"stored bytes are no account state: {error}; restore the account from the log"
        raise DataError(message) from error


def _counts_bytes(counts: tuple[tuple[str, int, int], ...]) -> bytes:
    """Their canonical bytes: every order writes them."""
    return b"".join((b"L", LENGTH.pack(len(counts)), *map(sequence_bytes, counts)))


def _counted(counts: tuple[tuple[str, int, int], ...], order: PendingOrder) -> tuple[tuple[str, int, int], ...]:
    """The counts of a session's orders with one more."""
    is_buy = order.order_shares > 0
    for place, (symbol, n_buys, n_sales) in enumerate(counts):
        if symbol == order.symbol:
            more = (symbol, n_buys + is_buy, n_sales + (not is_buy))
            return (*counts[:place], more, *counts[place + 1 :])
    return tuple(sorted((*counts, (order.symbol, int(is_buy), int(not is_buy)))))


def _with_left(orders: WorkingOrders, order: PendingOrder, left: int) -> WorkingOrders:
    if left == 0:
        return WorkingOrders(other for other in orders if other is not order)
    return WorkingOrders(replace(other, order_shares=left) if other is order else other for other in orders)


def order_after_split(order: PendingOrder, ratio: Fraction) -> PendingOrder:
    """A pending order in new shares: cut to whole ones, the limit at the tick that is no looser (FINRA rule 5330)."""
    price_usd = order.limit_price_usd * ratio.denominator / ratio.numerator
    limit_price_usd = limit_on_tick_usd(price_usd, side(order.order_shares))
    return replace(order, order_shares=int(order.order_shares * ratio), limit_price_usd=limit_price_usd)
