"""Which shares are halted, by whom, since when and why: published halts, and what the market rules make of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

import polars as pl

from adapters.lake.domains.market_events import HALTS
from adapters.lake.facts.domain import INSTANT
from adapters.lake.facts.store import FactStore
from adapters.lake.session_times import new_york_day, session_times
from api.use_cases.data_reading import DataRoom, Reading, Says, Standpoint
from nodes.kernels.market_rules.luld import earliest_reopening_ns, latest_pause_ns
from nodes.kernels.market_rules.luld_state import PAUSE_CODE, STRADDLE_CODE
from nodes.vocabulary.instants import instant_from_ns, instant_ns
from policies.rulebook import Rulebook, shipped_rulebook
from policies.rulebook_rows import HaltsRow

TAG = "venue-rules"
_LOOK_AGAIN_S = 1.0
_PAUSES = frozenset({PAUSE_CODE, STRADDLE_CODE})
_COLUMNS: dict[str, pl.DataType] = {
    "symbol": pl.String(),
    "is_halted": pl.Boolean(),
    "code": pl.String(),
    "source": pl.String(),
    "market": pl.String(),
    "since_at": INSTANT,
    "reopens_from_at": INSTANT,
    "open_orders": pl.String(),
    "new_orders": pl.String(),
    "rule": pl.String(),
}

SymbolOrAll = Annotated[
    str | None, Says("Ticker, e.g. AAPL; without it every share that is halted.", pattern=r"^[A-Za-z0-9.:/_-]{1,64}$")
]


def halt_status(at: Standpoint, symbol: SymbolOrAll = None) -> pl.DataFrame:
    """Which shares are halted, by whom, since when and by which reason code.

    One row a halt in force; a share that is asked for and not halted has one row that says so. The end of a pause that
    nobody published is taken from the rule: five minutes after the close none is in force. open_orders and new_orders
    say what the desk's policy does with orders meanwhile.
    """
    asked = pl.lit(value=True) if symbol is None else pl.col("symbol") == symbol
    unended = pl.col("resumed_at").is_null() | (pl.col("resumed_at") > at.as_of)
    facts = at.store.as_of(HALTS, at.as_of, where=asked).filter(unended, pl.col("halted_at") <= at.as_of)
    published = facts.sort("symbol", "halted_at").collect().to_dicts()
    book = shipped_rulebook()
    rows = [row for fact in published if (row := _row(fact, at.as_of, book)) is not None]
    if symbol is not None and not rows:
        rows = [dict.fromkeys(_COLUMNS) | {"symbol": symbol, "is_halted": False}]
    return pl.DataFrame(rows, schema=_COLUMNS)


class HaltWatch:
    """The shares in which no order may leave now, by the halts that a lake holds, read once a second at most.

    Args:
        room: the lake.
        monotonic_s: seconds that never go back, to tell when to look again.
    """

    def __init__(self, room: DataRoom, monotonic_s: Callable[[], float]) -> None:
        self._room, self._monotonic_s = room, monotonic_s
        self._seen: tuple[float, frozenset[str]] | None = None

    def __call__(self) -> frozenset[str]:
        """Their symbols. Raises EdgeError when the lake does not answer or has lost tables: then nothing may leave."""
        now_s = self._monotonic_s()
        if self._seen is None or now_s - self._seen[0] >= _LOOK_AGAIN_S:
            self._seen = (now_s, self._halted())
        return self._seen[1]

    def _halted(self) -> frozenset[str]:
        return self._room.read(self._symbols)

    def _symbols(self, store: FactStore) -> frozenset[str]:
        if HALTS.name not in set(store.domains()):
            return frozenset()
        status = HALT_STATUS.answer(Standpoint(store, self._room.clock()), {})
        return frozenset(status["symbol"].to_list())


def _row(fact: dict[str, Any], as_of: datetime, book: Rulebook) -> dict[str, Any] | None:
    """The status that a published halt makes; None when it is over by rule."""
    rules = book.at(as_of)
    desk = next((row.id for row in rules.rows if isinstance(row, HaltsRow)), None)
    reopens_from = None
    if fact["reason"] in _PAUSES:
        span = _pause_span(fact["halted_at"], book)
        if span is not None:
            reopens_from, over_at = span
            if as_of >= over_at:
                return None
    return {
        **{name: fact[name] for name in ("symbol", "source", "market")},
        "is_halted": True,
        "code": fact["reason"],
        "since_at": fact["halted_at"],
        "reopens_from_at": reopens_from,
        "open_orders": None if rules.halts is None else rules.halts.during.value,
        "new_orders": None if rules.halts is None else rules.halts.at_reopening.value,
        "rule": desk,
    }


def _pause_span(halted_at: datetime, book: Rulebook) -> tuple[datetime, datetime] | None:
    """When a pause may end first, and when it is over whatever was published; None outside sessions and the plan."""
    day = new_york_day(halted_at)
    session, terms = session_times([day]).get(day), book.on(day).luld
    if session is None or terms is None:
        return None
    first_ns = earliest_reopening_ns(instant_ns(halted_at), session, terms)
    return instant_from_ns(first_ns), instant_from_ns(latest_pause_ns(session, terms))


HALT_STATUS = Reading("halt-status", "/venue-rules/halt-status", TAG, halt_status, _COLUMNS, (HALTS,))
READINGS: tuple[Reading, ...] = (HALT_STATUS,)
