"""Limit up-limit down as a state machine of one share and session: references, bands, limit state, pause, reopening.

A state is a value. Each `luld_after_...` first lets the time up to its event pass, so that timers that are due at the
very instant of an event go before it, and returns the next state. How a state moves:

1. BEFORE the opening there are no bands. From the opening on the share trades without any until the listing exchange
   opens it, or for five minutes; then the mean of its trades is the first reference (`_first_mean`).
2. While TRADING, the mean of the last five minutes becomes the reference once it is one per cent away and the last
   reference has stood for 30 seconds (`_renewed`). A trade leaves the mean exactly five minutes after it was made.
3. An offer at the lower band, or a bid at the upper one, that does not cross the other side enters the LIMIT state.
   References rest. When the quotation goes within 15 seconds, the mean is the new reference at once; else trading is
   PAUSED at the 15th second. A halt by a regulator or by the market makes it HALTED.
4. The listing exchange reopens five minutes later at the earliest, never within the last ten minutes of the session:
   then the closing transaction ends the pause, or five minutes after the close.

Prices are in 1/10,000 USD, times in ns UTC. Source: plan to address extraordinary market volatility (file 4-631),
sections V to VII.
"""

from __future__ import annotations

from nodes.kernels.market_rules.auctions import Pressure
from nodes.kernels.market_rules.luld_state import (
    NEVER_NS,
    PAUSE_CODE,
    STRADDLE_CODE,
    LuldFrame,
    LuldState,
    LuldTerms,
    Phase,
    QuoteOpening,
    Stop,
)
from nodes.kernels.market_rules.price_bands import (
    Bands,
    Reference,
    doubling_changes_ns,
    has_moved,
    is_doubled,
    price_bands,
)
from nodes.kernels.market_rules.sessions import SessionTimes
from nodes.kernels.market_rules.windows import empty_window
from nodes.vocabulary.errors import DataError


def luld_at(state: LuldState, frame: LuldFrame, at_ns: int) -> LuldState:
    """The state once time has passed up to an instant, included. Raises DataError when the instant is earlier."""
    if at_ns < state.now_ns:
        message = f"event at {at_ns} ns comes after one at {state.now_ns} ns; pass events in order"
        raise DataError(message, reason="out-of-order")
    while state.due_ns <= at_ns:
        state = _settled(_fired(state._replace(now_ns=state.due_ns), frame), frame)
    return state if state.now_ns == at_ns else state._replace(now_ns=at_ns)


def luld_after_quote(
    state: LuldState, frame: LuldFrame, at_ns: int, bid_e4: int | None, ask_e4: int | None
) -> LuldState:
    """The state after a new national best bid and offer. Raises DataError for a price that is not positive."""
    if (bid_e4 is not None and bid_e4 <= 0) or (ask_e4 is not None and ask_e4 <= 0):
        _checked_price(min(each for each in (bid_e4, ask_e4) if each is not None))
    # A quote moves nothing by itself between two timers: that is the path of almost all of them.
    before = state if state.now_ns <= at_ns < state.due_ns else luld_at(state, frame, at_ns)
    after = before._replace(now_ns=at_ns, bid_e4=bid_e4, ask_e4=ask_e4)
    if after.phase is Phase.LIMIT and not _is_at_limit(after):
        return _settled(_left_limit(after, frame), frame)
    if after.phase is Phase.TRADING and after.bands is not None and _hit(after, after.bands) is not Pressure.NONE:
        return _settled(after, frame)
    return after


def luld_after_trade(state: LuldState, frame: LuldFrame, at_ns: int, price_e4: int) -> LuldState:
    """The state after a trade that counts for the last sale. Raises DataError for a price that is not positive.

    Trades outside regular hours, and while the share is paused or halted, change nothing.
    """
    _checked_price(price_e4)
    before = state if state.now_ns <= at_ns < state.due_ns else luld_at(state, frame, at_ns)
    if before.phase is not Phase.TRADING and before.phase is not Phase.LIMIT:
        return before._replace(now_ns=at_ns)
    return _settled(before._replace(now_ns=at_ns, window=before.window.with_trade(at_ns, price_e4)), frame)


def luld_after_opening(state: LuldState, frame: LuldFrame, at_ns: int, price_e4: int | None) -> LuldState:
    """The state after the listing exchange opened, reopened or closed the share in an auction.

    The trade of the auction itself must not be passed again as a trade.

    Args:
        state: where the share stood.
        frame: what stays the same.
        at_ns: when.
        price_e4: price of the auction; None when the exchange opened with quotations only.

    Raises:
        DataError: when a pause may not end yet, or the price is not positive.
    """
    _checked_price(1 if price_e4 is None else price_e4)
    after = luld_at(state, frame, at_ns)
    if after.is_stopped:
        return _reopened(after, frame, price_e4)
    if after.phase is not Phase.TRADING:
        return after
    if after.reference is not None:
        return after if price_e4 is None else luld_after_trade(after, frame, at_ns, price_e4)
    return _settled(_opened(after, frame, price_e4), frame)


def luld_after_halt(state: LuldState, frame: LuldFrame, at_ns: int, code: str) -> LuldState:
    """The state after a regulatory or market-wide halt. A halt of a paused share ends the pause and goes on from it."""
    after = luld_at(state, frame, at_ns)
    return after if after.phase is Phase.OVER else _stopped(after, Phase.HALTED, code)


def luld_after_declared_pause(state: LuldState, frame: LuldFrame, at_ns: int) -> LuldState:
    """The state after the exchange paused a straddled share. Raises DataError when it is in no straddle state."""
    after = luld_at(state, frame, at_ns)
    if not after.is_straddled:
        message = f"a pause was declared at {at_ns} ns in phase {after.phase.value}, expected a straddle state"
        raise DataError(message)
    return _settled(_stopped(after, Phase.PAUSED, STRADDLE_CODE), frame)


def luld_after_release(state: LuldState, frame: LuldFrame, at_ns: int) -> LuldState:
    """The state after a halt ended without an auction yet: a first reference is waited for as at the opening."""
    after = luld_at(state, frame, at_ns)
    if after.phase is not Phase.HALTED:
        return after
    awaited_ns = at_ns + frame.terms.window_ns
    resumed = _resumed(after)._replace(reference=None, bands=None, window=empty_window(), awaited_ns=awaited_ns)
    return _settled(resumed, frame)


def earliest_reopening_ns(paused_ns: int, session: SessionTimes, terms: LuldTerms) -> int:
    """The first instant at which a pause may end.

    Formula: paused_ns + pause_ns, or the close when that falls into the last ten minutes or later
    Unit: ns UTC. Missing: never.
    Source: plan, section VII.B.1 and VII.C.1.
    """
    first_ns = paused_ns + terms.pause_ns
    return first_ns if first_ns < session.closes_ns - terms.last_ns else session.closes_ns


def latest_pause_ns(session: SessionTimes, terms: LuldTerms) -> int:
    """The instant from which no pause of the session is in force any more. Source: plan, section VII.C.2."""
    return session.closes_ns + terms.closing_ns


def _checked_price(price_e4: int) -> None:
    if price_e4 <= 0:
        message = f"price was {price_e4}, expected a positive number of 1/10,000 USD; drop the event or correct it"
        raise DataError(message, reason="bad-price")


def _fired(state: LuldState, frame: LuldFrame) -> LuldState:
    """What happens by itself at the instant of the state."""
    now_ns, session, terms = state.now_ns, frame.session, frame.terms
    if state.phase is Phase.BEFORE:
        return state._replace(phase=Phase.TRADING, since_ns=now_ns)
    if state.phase is Phase.LIMIT and now_ns < session.closes_ns:
        return _stopped(state, Phase.PAUSED, PAUSE_CODE)
    if state.phase is Phase.PAUSED and now_ns < session.closes_ns:
        return _rebanded(_resumed(state), frame)
    if now_ns >= session.closes_ns:
        return _resumed(state)._replace(phase=Phase.OVER, bands=None, due_ns=NEVER_NS)
    aged = state._replace(window=state.window.after(now_ns - terms.window_ns))
    return _rebanded(aged, frame) if now_ns in doubling_changes_ns(session, terms.bands) else aged


def _settled(state: LuldState, frame: LuldFrame) -> LuldState:
    """The state once all that follows at its instant has followed, with the instant of what comes next."""
    if state.phase is Phase.TRADING:
        state = _renewed(_first_mean(state, frame), frame)
        hit = Pressure.NONE if state.bands is None else _hit(state, state.bands)
        if hit is not Pressure.NONE:
            state = state._replace(phase=Phase.LIMIT, since_ns=state.now_ns, hit=hit)
    return state._replace(due_ns=_due_ns(state, frame))


def _due_ns(state: LuldState, frame: LuldFrame) -> int:
    session, terms = frame.session, frame.terms
    if state.phase is Phase.BEFORE:
        return session.opens_ns
    if state.phase is Phase.LIMIT:
        return min(state.since_ns + terms.limit_ns, session.closes_ns)
    if state.phase is Phase.PAUSED:
        return _pause_due_ns(state, frame)
    if state.phase is Phase.TRADING:
        return min(session.closes_ns, *_trading_dues_ns(state, frame))
    return NEVER_NS


def _pause_due_ns(state: LuldState, frame: LuldFrame) -> int:
    session, terms = frame.session, frame.terms
    if terms.max_pause_ns is not None and state.since_ns + terms.max_pause_ns < session.closes_ns - terms.last_ns:
        return state.since_ns + terms.max_pause_ns
    return latest_pause_ns(session, terms)


def _trading_dues_ns(state: LuldState, frame: LuldFrame) -> list[int]:
    terms, now_ns = frame.terms, state.now_ns
    dues = [at_ns for at_ns in doubling_changes_ns(frame.session, terms.bands) if at_ns > now_ns]
    oldest_ns, mean = state.window.oldest_ns, state.window.mean
    if oldest_ns is not None:
        dues.append(oldest_ns + terms.window_ns)
    if state.reference is None:
        dues += [state.awaited_ns] if state.awaited_ns > now_ns else []
    elif mean is not None and has_moved(mean, state.reference, terms.threshold_e4):
        dues.append(state.reference_ns + terms.min_reference_ns)
    return dues or [NEVER_NS]


def _first_mean(state: LuldState, frame: LuldFrame) -> LuldState:
    """The state with the mean of its trades for a first reference, when no opening price came in time."""
    mean = state.window.mean
    if state.reference is not None or state.now_ns < state.awaited_ns or mean is None:
        return state
    return _with_reference(state, frame, mean)


def _renewed(state: LuldState, frame: LuldFrame) -> LuldState:
    """The state with the mean for its reference, when that is far enough and the reference old enough."""
    mean, reference, terms = state.window.mean, state.reference, frame.terms
    if mean is None or reference is None or state.now_ns < state.reference_ns + terms.min_reference_ns:
        return state
    return _with_reference(state, frame, mean) if has_moved(mean, reference, terms.threshold_e4) else state


def _with_reference(state: LuldState, frame: LuldFrame, reference: Reference) -> LuldState:
    return _rebanded(state._replace(reference=reference, reference_ns=state.now_ns), frame)


def _rebanded(state: LuldState, frame: LuldFrame) -> LuldState:
    if state.reference is None:
        return state
    doubled = is_doubled(state.now_ns, frame.share, frame.session, frame.terms.bands)
    return state._replace(bands=price_bands(state.reference, frame.share, frame.terms.bands, doubled=doubled))


def _hit(state: LuldState, bands: Bands) -> Pressure:
    bid_e4, ask_e4 = state.bid_e4, state.ask_e4
    if ask_e4 is not None and ask_e4 == bands.lower_e4 and (bid_e4 is None or bid_e4 <= ask_e4):
        return Pressure.SELL
    if bid_e4 is not None and bid_e4 == bands.upper_e4 and (ask_e4 is None or ask_e4 >= bid_e4):
        return Pressure.BUY
    return Pressure.NONE


def _is_at_limit(state: LuldState) -> bool:
    """Whether the quotation that made the limit state still stands."""
    bands = state.bands
    if bands is None:
        return False
    return state.ask_e4 == bands.lower_e4 if state.hit is Pressure.SELL else state.bid_e4 == bands.upper_e4


def _left_limit(state: LuldState, frame: LuldFrame) -> LuldState:
    """Trading again, with the mean over the limit state for a reference at once."""
    window = state.window.after(state.now_ns - frame.terms.window_ns)
    trading = state._replace(phase=Phase.TRADING, since_ns=state.now_ns, hit=Pressure.NONE, window=window)
    mean = window.mean
    return _rebanded(trading, frame) if mean is None else _with_reference(trading, frame, mean)


def _stopped(state: LuldState, phase: Phase, code: str) -> LuldState:
    ended = _resumed(state).stops
    stop = Stop(code, state.now_ns, None, state.hit, state.bands)
    return state._replace(
        phase=phase,
        since_ns=state.now_ns,
        hit=Pressure.NONE,
        window=empty_window(),
        stops=(*ended, stop),
        due_ns=NEVER_NS,
    )


def _resumed(state: LuldState) -> LuldState:
    """Trading again, with the end of the pause or halt written down."""
    stops = state.stops
    if stops and stops[-1].ended_ns is None:
        stops = (*stops[:-1], stops[-1]._replace(ended_ns=state.now_ns))
    return state._replace(phase=Phase.TRADING, since_ns=state.now_ns, hit=Pressure.NONE, stops=stops)


def _opened(state: LuldState, frame: LuldFrame, price_e4: int | None) -> LuldState:
    """The state after the exchange opened a share that has no reference yet."""
    if price_e4 is not None:
        traded = state._replace(window=empty_window().with_trade(state.now_ns, price_e4))
        return _with_reference(traded, frame, Reference(price_e4, 1))
    return _with_reference(state._replace(window=empty_window()), frame, _quoted_reference(state, frame))


def _quoted_reference(state: LuldState, frame: LuldFrame) -> Reference:
    is_middle = frame.terms.quote_opening is QuoteOpening.MIDDLE
    if is_middle and state.bid_e4 is not None and state.ask_e4 is not None:
        return Reference(state.bid_e4 + state.ask_e4, 2)
    return Reference(frame.share.prior_close_e4, 1)


def _reopened(state: LuldState, frame: LuldFrame, price_e4: int | None) -> LuldState:
    session, now_ns = frame.session, state.now_ns
    if now_ns >= session.closes_ns:
        return _resumed(state)._replace(phase=Phase.OVER, bands=None, due_ns=NEVER_NS)
    if state.phase is Phase.PAUSED:
        _check_reopening(state, frame)
    resumed = _resumed(state)._replace(window=empty_window(), awaited_ns=now_ns)
    if price_e4 is not None or state.reference is None:
        return _settled(_opened(resumed, frame, price_e4), frame)
    if state.bid_e4 is not None and state.ask_e4 is not None:
        middle = Reference(state.bid_e4 + state.ask_e4, 2)
        return _settled(_with_reference(resumed, frame, middle), frame)
    return _settled(_with_reference(resumed, frame, state.reference), frame)


def _check_reopening(state: LuldState, frame: LuldFrame) -> None:
    first_ns = state.since_ns + frame.terms.pause_ns
    last_ns = frame.session.closes_ns - frame.terms.last_ns
    if state.now_ns < first_ns or state.now_ns >= last_ns:
        message = (
            f"a pause of {state.since_ns} ns was reopened at {state.now_ns} ns, expected from {first_ns} ns on and"
            f" before {last_ns} ns; correct the feed"
        )
        raise DataError(message, reason="bad-reopening")
