"""Facts to a snapshot: rows as they were known at their close, whatever was corrected, moved or taken back later."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import polars as pl
import pytest

from dataflows.feature_snapshots import feature_snapshot
from nodes.vocabulary.errors import DataError

INSTANT = pl.Datetime("ns", "UTC")
DAYS = [date(2020, 8, day) for day in (26, 27, 28, 31)]
EX_ON = DAYS[2]
END = datetime(2021, 1, 1, tzinfo=UTC)
Rows = Sequence[Mapping[str, Any]]


def close(day: date) -> datetime:
    return datetime.combine(day, time(20), UTC)


def opening(day: date) -> datetime:
    return datetime.combine(day, time(13, 30), UTC)


def bar(day: date, close_usd: float | None, known_at: datetime | None = None, **more: Any) -> dict[str, Any]:
    prices = dict.fromkeys(("open_usd", "high_usd", "low_usd", "close_usd"), close_usd)
    at = {"event_at": close(day), "known_at": known_at or close(day)}
    return {"security_id": "A", "symbol": "A", "session_on": day, **prices, "volume_shares": 100, **at, **more}


def action(known_at: datetime, ratio: float | None = 2.0, kind: str = "split", ex_on: date = EX_ON) -> dict[str, Any]:
    values = {"ratio": ratio if kind == "split" else None, "amount_usd": ratio if kind == "dividend" else None}
    at = {"event_at": opening(ex_on), "known_at": known_at}
    return {"security_id": "A", "kind": kind, "ex_on": ex_on, **values, **at}


def back(fact: Mapping[str, Any], known_at: datetime) -> dict[str, Any]:
    """The fact taken back."""
    emptied = {name: None for name in ("ratio", "amount_usd", "close_usd", "value") if name in fact}
    return {**fact, **emptied, "known_at": known_at, "is_retracted": True}


def table(rows: Rows) -> pl.DataFrame:
    full = [{"sequence": place, "is_retracted": False, **row} for place, row in enumerate(rows)]
    frame = pl.DataFrame(full, infer_schema_length=None)
    floats = [name for name in ("ratio", "amount_usd", "close_usd", "value") if name in frame.columns]
    return frame.with_columns(pl.col("event_at", "known_at").cast(INSTANT), pl.col(floats).cast(pl.Float64))


BARS = [bar(day, 100.0 + place) for place, day in enumerate(DAYS)]


def panel(bars: Rows = BARS, actions: Rows = (), as_of: datetime = END) -> pl.DataFrame:
    tables = {"bars_daily": table(bars)}
    if actions:
        tables["corporate_actions"] = table(actions)
    return feature_snapshot(tables, as_of).panel


def splits(*actions: Mapping[str, Any]) -> list[float]:
    return panel(actions=actions)["split_ratio"].to_list()


def test_a_split_stands_beside_the_session_of_its_ex_date() -> None:
    assert splits(action(close(DAYS[0]))) == [1.0, 1.0, 2.0, 1.0]


def test_a_split_that_was_corrected_before_its_ex_date_stands_corrected() -> None:
    """Announced as 2 for 1, corrected to 4 for 1 the day after, in force two days later."""
    assert splits(action(close(DAYS[0])), action(close(DAYS[1]), 4.0)) == [1.0, 1.0, 4.0, 1.0]


def test_a_correction_at_the_close_itself_counts_and_one_after_it_does_not() -> None:
    announced = action(close(DAYS[0]))
    assert splits(announced, action(close(EX_ON), 4.0))[2] == 4.0
    assert splits(announced, action(close(EX_ON) + timedelta(microseconds=1), 4.0))[2] == 2.0


def test_a_split_that_was_called_off_by_the_close_does_not_happen() -> None:
    announced = action(close(DAYS[0]))
    assert splits(announced, back(announced, close(DAYS[1]))) == [1.0] * 4
    assert splits(announced, back(announced, close(DAYS[3])))[2] == 2.0


def test_a_split_that_is_called_off_and_announced_again_happens_once() -> None:
    announced = action(close(DAYS[0]))
    again = action(opening(EX_ON), 3.0)
    assert splits(announced, back(announced, close(DAYS[1])), again) == [1.0, 1.0, 3.0, 1.0]


@pytest.mark.parametrize("is_first", [True, False])
def test_a_split_whose_instant_moves_counts_once_in_either_order(is_first: bool) -> None:  # noqa: FBT001
    """The old event is taken back and the new one stated in one batch, at one instant."""
    announced = action(close(DAYS[0]))
    moved = {**action(close(DAYS[1]), 3.0), "event_at": opening(EX_ON) + timedelta(hours=1)}
    taken = back(announced, close(DAYS[1]))
    assert splits(announced, *((taken, moved) if is_first else (moved, taken)))[2] == 3.0


def test_of_two_statements_at_one_instant_the_later_stored_one_stands() -> None:
    assert splits(action(close(DAYS[0]), 2.0), action(close(DAYS[0]), 5.0))[2] == 5.0


def test_an_action_on_a_day_without_a_bar_takes_effect_with_the_next_one() -> None:
    saturday = date(2020, 8, 29)
    assert splits(action(close(DAYS[0]), ex_on=saturday)) == [1.0, 1.0, 1.0, 2.0]


def test_an_action_from_before_the_first_bar_is_in_its_prices_already() -> None:
    assert splits(action(datetime(2014, 6, 9, tzinfo=UTC), 7.0, ex_on=date(2014, 6, 9))) == [1.0] * 4


def test_an_action_after_the_last_bar_waits() -> None:
    assert splits(action(close(DAYS[0]), ex_on=date(2020, 9, 1))) == [1.0] * 4


def test_a_dividend_adjusts_returns_and_is_no_split() -> None:
    found = panel(actions=[action(close(DAYS[0]), 1.02, "dividend"), action(close(DAYS[0]), 2.0)])
    assert found["split_ratio"].to_list() == [1.0, 1.0, 2.0, 1.0]
    assert found["adjustment_ratio"].to_list() == [1.0, 1.0, pytest.approx(2.0 * (1.0 + 1.02 / 102.0)), 1.0]


def test_a_listing_is_neither_split_nor_dividend() -> None:
    assert splits({**action(close(DAYS[0])), "kind": "listing"}) == [1.0] * 4


def test_a_bar_stands_as_it_was_first_printed() -> None:
    found = panel([*BARS, bar(DAYS[1], 999.0, close(DAYS[3]))])
    assert found["close_usd"].to_list() == [100.0, 101.0, 102.0, 103.0]


def test_a_bar_that_came_late_is_no_row() -> None:
    assert (
        panel([*BARS[:3], bar(DAYS[3], 103.0, close(DAYS[3]) + timedelta(hours=1))])["session_on"].to_list() == DAYS[:3]
    )


def test_a_bar_that_was_taken_back_by_its_close_is_no_row() -> None:
    found = panel([*BARS, back(BARS[1], close(DAYS[1]))])
    assert found["session_on"].to_list() == [DAYS[0], *DAYS[2:]]


def test_a_bar_that_was_taken_back_after_its_close_was_seen_at_it() -> None:
    assert panel([*BARS, back(BARS[1], close(DAYS[2]))])["close_usd"].to_list() == [100.0, 101.0, 102.0, 103.0]


def test_a_retraction_that_comes_first_is_no_bar_without_prices() -> None:
    """A retraction names its fact by keys and event alone: without care it would be the first print, all null."""
    found = panel([back(BARS[1], close(DAYS[1]) - timedelta(hours=1)), *BARS])
    assert found["close_usd"].to_list() == [100.0, 101.0, 102.0, 103.0]


def test_what_became_known_after_the_instant_is_left_out() -> None:
    found = panel(actions=[action(close(DAYS[0]))], as_of=close(DAYS[1]))
    assert found["session_on"].to_list() == DAYS[:2]


def test_asking_later_changes_no_row_that_was_there() -> None:
    actions = [action(close(DAYS[0])), action(close(DAYS[3]), 9.0)]
    bars = [*BARS, bar(DAYS[1], 999.0, close(DAYS[3])), back(BARS[0], END)]
    for day in DAYS:
        then, later = panel(bars, actions, close(day)), panel(bars, actions)
        assert later.head(then.height).equals(then)


def test_no_bar_by_the_instant_names_the_mend() -> None:
    with pytest.raises(DataError, match=r"no bar was known by 2020-01-01 .*; import bars"):
        panel(as_of=datetime(2020, 1, 1, tzinfo=UTC))
    with pytest.raises(DataError, match=r"no bar was known by 2021-01-01 .*; import bars"):
        feature_snapshot({}, END)


def test_the_index_is_of_the_panels_sessions_and_first_printed() -> None:
    def level(day: date, value: float, known_at: datetime) -> dict[str, Any]:
        return {"factor": "sp500", "period_on": day, "value": value, "event_at": close(day), "known_at": known_at}

    one, late, sunday = level(DAYS[0], 1.0, close(DAYS[0])), close(DAYS[1]) + timedelta(hours=1), date(2020, 8, 30)
    taken = level(DAYS[2], 5.0, close(DAYS[2]))
    rows = [
        one,
        level(DAYS[0], 2.0, close(DAYS[1])),
        level(DAYS[1], 3.0, late),
        level(sunday, 4.0, close(sunday)),
        taken,
        back(taken, close(DAYS[2])),
        {**level(DAYS[3], 6.0, close(DAYS[3])), "factor": "vix"},
    ]
    found = feature_snapshot({"bars_daily": table(BARS), "factors": table(rows)}, END)
    assert found.index_panel.rows() == [(DAYS[0], 1.0)]
    assert found.session_on == DAYS[-1]


def test_other_facts_are_handed_over_with_every_revision_and_no_trace_of_their_storage() -> None:
    facts = table([{**bar(DAYS[0], 1.0), "value": 1.0}, back(bar(DAYS[0], 1.0), close(DAYS[1]))])
    stored = facts.with_columns(batch=pl.lit("b"), source=pl.lit("s"), recorded_at=pl.col("known_at"))
    found = feature_snapshot({"bars_daily": table(BARS), "option_quotes": stored, "rumours": stored}, END)
    assert found.options is not None
    assert found.options.height == 2
    assert not {"batch", "source", "recorded_at"} & set(found.options.columns)
    assert found.ratings is None


def test_shares_keep_their_ratios_apart() -> None:
    other = [{**item, "security_id": "B", "symbol": "B"} for item in BARS]
    found = panel([*other, *BARS], [action(close(DAYS[0]))])
    assert found["symbol"].to_list() == ["A"] * 4 + ["B"] * 4
    assert found["split_ratio"].to_list() == [1.0, 1.0, 2.0, 1.0, 1.0, 1.0, 1.0, 1.0]


def of(security_id: str, fact: Mapping[str, Any]) -> dict[str, Any]:
    return {**fact, "security_id": security_id}


def test_sessions_in_which_two_securities_have_one_symbol_have_no_bar() -> None:
    """Which of them is meant is not known; the sessions before and after have theirs."""
    found = panel([*BARS, of("B", bar(DAYS[1], 7.0))])
    assert found["session_on"].to_list() == [DAYS[0], DAYS[2], DAYS[3]]
    assert found["close_usd"].to_list() == [100.0, 102.0, 103.0]


def test_no_return_leads_from_one_security_to_the_next_of_its_symbol() -> None:
    """A symbol that was given away names another company from then on: WM was a bank before it was a hauler."""
    found = panel([*BARS[:2], *(of("B", item) for item in BARS[2:])])
    assert found["close_usd"].to_list() == [100.0, 101.0, 102.0, 103.0]
    assert found["adjustment_ratio"].to_list() == [1.0, 1.0, None, 1.0]
