"""Labels beside the rows of a panel: from columns to bets, and from how they ended back to columns.

A label has the row of the event that it is of. Its span begins with that row's session and ends with the session by
which the outcome was known.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import polars as pl

from nodes.kernels.arrays import Array, Index, array
from nodes.kernels.barriers import OPEN, UNKNOWN, Bars, Bets, Exits, triple_barrier
from nodes.kernels.event_filters import Flags, scheduled_events
from nodes.kernels.sample_weights import return_weights
from nodes.kernels.spans import Spans, average_uniqueness, concurrency, sorted_spans
from nodes.vocabulary.errors import DataError

_PRICES = ("open_usd", "high_usd", "low_usd", "close_usd", "adjustment_ratio")
_SIDES = ("symbol", "session_on", "side_score", "held_out_from_on", "held_out_until_on")


def session_numbers(session_on: pl.Series, calendar_on: pl.Series) -> Index:
    """The place of each session in a calendar. Raises DataError for a day that the calendar does not have.

    Args:
        session_on: days of bars.
        calendar_on: the sessions of the exchange, sorted and unique, to the last session that the panel may know.
    """
    days, sessions = _days(session_on), _days(calendar_on)
    if bool(np.any(np.diff(sessions) <= 0)):
        raise DataError(f"the calendar's {len(sessions)} sessions do not increase; sort them and drop duplicates")
    places = np.searchsorted(sessions, days)
    found = np.append(sessions, -1)[np.minimum(places, len(sessions))] == days
    if not found.all():
        stranger = session_on[int(np.flatnonzero(~found)[0])]
        raise DataError(f"a bar of {stranger} is of no session of the calendar; read the exchange's own calendar")
    return places.astype(np.int64)


def scheduled_rows(events: pl.DataFrame, symbol: pl.Series, session_on: pl.Series, segments: Index) -> Flags:
    """Whether each row is its share's first from a scheduled event on, or from when the event was known, if later.

    Args:
        events: symbol, event_on and known_on. Events of shares that are not in the panel mark nothing.
        symbol: of each row.
        session_on: of each row.
        segments: first row of each share, then the height.
    """
    names = {name: block for block, name in enumerate(symbol.gather(segments[:-1]).to_list())}
    mine = events.filter(pl.col("symbol").is_in(list(names)))
    at = np.maximum(_days(mine["event_on"]), _days(mine["known_on"]))
    blocks = np.array([names[name] for name in mine["symbol"].to_list()], np.int64)
    return scheduled_events(_days(session_on), segments, at, blocks)


def any_mark(marks: Mapping[str, pl.Series | None], weights: Mapping[str, float]) -> pl.Series:
    """1.0 where a mark with a weight is not 0, else 0.0. Raises DataError for a weight of no mark.

    Args:
        marks: by name; a mark that is absent marks nothing.
        weights: by name of a mark.
    """
    strangers = sorted(weights.keys() - marks.keys())
    if strangers or not any(weights.values()):
        what = f"{', '.join(strangers)} is no filter of events" if strangers else "no filter of events has a weight"
        raise DataError(f"{what}; weigh some of {', '.join(marks)}")
    chosen = [series for name, series in marks.items() if series is not None and weights.get(name)]
    height = next(len(series) for series in marks.values() if series is not None)
    found = np.zeros(height, np.bool_)
    for series in chosen:
        found |= series.fill_null(0.0).to_numpy() != 0.0
    return pl.Series(found.astype(np.float64))


def bets_of(
    side: Array, barriers: tuple[Array, Array], session: Index, segments: Index, timing: tuple[int, int]
) -> pl.DataFrame:
    """One bet a row. A row without a side, without barriers, or without a bar to enter at has none: side 0.

    Args:
        side: 1.0 or -1.0.
        barriers: profit and loss at which each bet ends.
        session: number of each row's session.
        segments: first row of each share, then the height.
        timing: sessions from the entry to the vertical barrier, bars from the row to the entry.
    """
    horizon, delay = timing
    if horizon < 1 or delay < 0:
        raise DataError(f"a horizon of {horizon} sessions after {delay} bars is none; give at least 1 and 0")
    upper, lower = barriers
    stop = np.repeat(segments[1:], np.diff(segments))
    entry = np.arange(len(side), dtype=np.int64) + delay
    is_bet = (np.abs(side) == 1.0) & (upper > 0.0) & (lower > 0.0) & (entry < stop)
    row = np.where(is_bet, entry, np.arange(len(side), dtype=np.int64))
    return pl.DataFrame(
        {
            "row": row,
            "upper_frac": np.where(is_bet, upper, np.inf),
            "lower_frac": np.where(is_bet, lower, np.inf),
            "vertical": session[row] + horizon,
            "side": np.where(is_bet, side, 0.0),
        }
    )


def exits_of(bars: pl.DataFrame, bets: pl.DataFrame, segments: Index) -> pl.DataFrame:
    """How the bets ended, by `nodes.kernels.barriers`: one row a bet.

    Args:
        bars: open_usd, high_usd, low_usd, close_usd, adjustment_ratio and session, one row a row of the panel.
        bets: as `bets_of` gives them.
        segments: first row of each share, then the height.
    """
    opening, high, low, close, ratio = (array(bars[name]) for name in _PRICES)
    path = Bars(opening, high, low, close, ratio, bars["session"].to_numpy(), segments)
    rows, vertical = bets["row"].to_numpy(), bets["vertical"].to_numpy()
    upper, lower, side = (array(bets[name]) for name in ("upper_frac", "lower_frac", "side"))
    found = triple_barrier(path, Bets(rows, upper, lower, vertical, side))
    return pl.DataFrame({name: getattr(found, name) for name in Exits.__dataclass_fields__})


def exits_from(frame: pl.DataFrame) -> Exits:
    """The exits of such a frame."""
    return Exits(**{name: frame[name].to_numpy() for name in Exits.__dataclass_fields__})


def known_on(exits: pl.DataFrame, calendar_on: pl.Series) -> pl.Series:
    """The session by which each outcome was known; null where there is none."""
    session = exits["session"].to_numpy()
    days = calendar_on.cast(pl.Date).gather(np.maximum(session, 0))
    return days.set(pl.Series(session < 0), None)


def concurrent_labels(exits: pl.DataFrame, session: Index, segments: Index) -> Array:
    """How many labels of the share are made of each bar, its own event's among them."""
    return _by_share(exits, session, segments, _counted, on_events=False)


def unique_labels(exits: pl.DataFrame, session: Index, segments: Index) -> Array:
    """Average uniqueness of each label among those of its share; NaN where a row has no outcome."""
    return _by_share(exits, session, segments, lambda spans, times, _: average_uniqueness(spans, times), on_events=True)


def return_weighted_labels(exits: pl.DataFrame, log_return: Array, session: Index, segments: Index) -> Array:
    """Weight of each label by the return that it has to itself; the weights of a share's labels add to their number."""

    def weighed(spans: Spans, times: Index, rows: slice) -> Array:
        return return_weights(log_return[rows], spans, times)

    return _by_share(exits, session, segments, weighed, on_events=True)


def _counted(spans: Spans, times: Index, _: slice) -> Array:
    return concurrency(spans, times).astype(np.float64)


def _by_share(
    exits: pl.DataFrame,
    session: Index,
    segments: Index,
    made: Callable[[Spans, Index, slice], Array],
    *,
    on_events: bool,
) -> Array:
    """What is made of each share's spans: one value an event, placed on its row, or one value a row."""
    end, touch = exits["session"].to_numpy(), exits["touch"].to_numpy()
    known = (touch != OPEN) & (touch != UNKNOWN)
    values = np.full(len(session), np.nan)
    for first, stop in zip(segments[:-1].tolist(), segments[1:].tolist(), strict=True):
        rows = first + np.flatnonzero(known[first:stop])
        spans, order = sorted_spans(session[rows], end[rows])
        found = made(spans, session[first:stop], slice(first, stop))
        if on_events:
            values[rows[order]] = found
        else:
            values[first:stop] = found
    return values


def held_out_sides(predictions: pl.DataFrame, symbol: pl.Series, session_on: pl.Series) -> pl.DataFrame:
    """The predicted side of each row, and until when the model that predicted it had been kept from learning.

    Raises DataError for a prediction that its model had learnt from.

    Args:
        predictions: symbol, session_on, side_score (1, -1, or 0 for no bet), and held_out_from_on to held_out_until_on:
            the days around the prediction that no training label of its model met. `splits.held_out` measures them.
        symbol: of each row.
        session_on: of each row.
    """
    lacking = [name for name in _SIDES if name not in predictions.columns]
    if lacking:
        raise DataError(f"primary predictions lack {', '.join(lacking)}; only out-of-sample ones make meta-labels")
    inside = pl.col("session_on").is_between("held_out_from_on", "held_out_until_on")
    seen = predictions.filter(~inside.fill_null(value=False))
    if seen.height:
        name, day = seen["symbol"][0], seen["session_on"][0]
        message = f"{seen.height} primary predictions are in-sample, the first of {name} on {day}"
        raise DataError(f"{message}; predict each row by a model that was fitted without it (splits.held_out)")
    keys = ["symbol", "session_on"]
    if predictions.select(keys).is_duplicated().any():
        raise DataError("a share has two primary predictions for one session; keep one")
    rows = pl.DataFrame({"symbol": symbol, "session_on": session_on})
    known = predictions.select(_SIDES).with_columns(pl.col("side_score").cast(pl.Float64))
    return rows.join(known, on=keys, how="left", maintain_order="left")


def require_held_out(end_on: pl.Series, sides: pl.DataFrame) -> None:
    """Raises DataError when a meta-label was decided by a return that its primary model had learnt from."""
    late = (end_on > sides["held_out_until_on"]).fill_null(value=False)
    if late.any():
        row = sides.filter(late)
        name, day, until = row["symbol"][0], row["session_on"][0], row["held_out_until_on"][0]
        message = f"the meta-label of {name} on {day} ends on {end_on.filter(late)[0]}, held out until {until}"
        raise DataError(f"{message}; purge the primary model's training over the meta-label's span")


def _days(column: pl.Series) -> Index:
    return column.cast(pl.Date).cast(pl.Int32).cast(pl.Int64).to_numpy()
