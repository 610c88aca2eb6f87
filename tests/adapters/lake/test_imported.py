from __future__ import annotations

import itertools
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from adapters.lake.domains.bars import BARS_DAILY
from adapters.lake.domains.corporate_actions import CORPORATE_ACTIONS
from adapters.lake.domains.factors import FACTORS
from adapters.lake.facts.domain import Domain
from adapters.lake.facts.store import FactStore, TableVersion
from adapters.lake.imported import Chosen, lake_of_facts
from adapters.lake.session_instants import session_closes, session_opens
from nodes.vocabulary.errors import DataError, EdgeError
from tests.adapters.lake.views.holding import at, clock, held, lean_lake

NOW = clock()
COUNT = itertools.count(1)
DAYS = [date(2000, 1, 3), date(2000, 1, 4), date(2000, 1, 5), date(2000, 1, 6)]
CLOSES = session_closes(pl.Series(DAYS)).to_list()


def bar(security_id: str, n: int, close_usd: float, known_at: str | None = None) -> dict[str, object]:
    prices = dict.fromkeys(("open_usd", "high_usd", "low_usd", "close_usd"), close_usd)
    stamps = {"event_at": CLOSES[n], "known_at": CLOSES[n] if known_at is None else at(known_at)}
    return {"security_id": security_id, "session_on": DAYS[n], "symbol": "X", **prices, "volume_shares": 100, **stamps}


def level(n: int) -> dict[str, object]:
    stamps = {"event_at": CLOSES[n], "known_at": CLOSES[n]}
    return {"factor": "sp500", "period_on": DAYS[n], "value": 1400.0 + n, "unit": "points", **stamps}


def split(n: int, ratio: float, known_at: str | None = None) -> dict[str, object]:
    opened = session_opens(pl.Series(DAYS))[n]
    stamps = {"event_at": opened, "known_at": opened if known_at is None else at(known_at)}
    return {"security_id": "X:1", "kind": "split", "ex_on": DAYS[n], "ratio": ratio, **stamps}


@pytest.fixture
def store(tmp_path: Path) -> FactStore:
    made = FactStore(tmp_path, clock)
    held(made, BARS_DAILY, [bar("X:1", 0, 100.0), bar("X:1", 1, 102.0), bar("X:1", 2, 51.0), bar("X:1", 3, 52.0)])
    held(made, FACTORS, [level(n) for n in range(4)])
    return made


CHOSEN = Chosen(("X:1",), NOW)


def test_the_ratio_of_an_ex_date_is_that_of_its_split_and_no_other_moves(store: FactStore) -> None:
    held(store, CORPORATE_ACTIONS, [split(2, 2.0)])

    lake = lake_of_facts(store, CHOSEN)

    assert lake.panel["adjustment_ratio"].to_list() == [1.0, 1.0, 2.0, 1.0]
    assert lake.panel["close_usd"].to_list() == [100.0, 102.0, 51.0, 52.0]
    assert lake.actions_on(DAYS[2])[0].new_shares == 2


def test_a_split_that_became_known_after_its_session_leaves_the_share_stale_not_wrong(store: FactStore) -> None:
    """PIT: on the ex-date nobody could have known; the price break then cuts the share off."""
    held(store, CORPORATE_ACTIONS, [split(2, 2.0, known_at="2000-01-07 15:00")])

    lake = lake_of_facts(store, CHOSEN)

    assert lake.panel["session_on"].to_list() == DAYS[:2]
    assert lake.actions == ()
    assert lake.quarantined["session_on"].to_list() == DAYS[2:]


def test_an_action_corrected_before_its_day_counts_as_corrected(store: FactStore) -> None:
    held(store, CORPORATE_ACTIONS, [split(2, 3.0, known_at="1999-12-01 15:00")])
    held(store, CORPORATE_ACTIONS, [split(2, 2.0, known_at="1999-12-20 15:00")])
    held(store, CORPORATE_ACTIONS, [split(2, 4.0, known_at="2000-01-10 15:00")])

    assert lake_of_facts(store, CHOSEN).panel["adjustment_ratio"].to_list() == [1.0, 1.0, 2.0, 1.0]


def test_an_action_called_off_before_its_day_moves_no_price(store: FactStore) -> None:
    """What was announced first stayed in force."""
    held(store, CORPORATE_ACTIONS, [split(1, 1.5, known_at="1999-12-01 15:00"), split(2, 2.0)])
    held(store, CORPORATE_ACTIONS, [split(1, 1.5, known_at="1999-12-20 15:00") | {"is_retracted": True}])

    assert lake_of_facts(store, CHOSEN).panel["adjustment_ratio"].to_list() == [1.0, 1.0, 2.0, 1.0]


@pytest.mark.parametrize(
    ("ratio", "shares"), [(1 / 1500, (1, 1500)), (2 / 3, (2, 3)), (7.0, (7, 1)), (1500.0, (1500, 1))]
)
def test_a_split_is_whole_shares_for_whole_shares(ratio: float, shares: tuple[int, int], tmp_path: Path) -> None:
    """One for 1500 was read as one for 1000: the price fell by a third."""
    made = FactStore(tmp_path, clock)
    held(made, BARS_DAILY, [bar("X:1", n, 100.0) for n in (0, 1)] + [bar("X:1", n, 100.0 / ratio) for n in (2, 3)])
    held(made, FACTORS, [level(n) for n in range(4)])
    held(made, CORPORATE_ACTIONS, [split(2, ratio)])

    action = lake_of_facts(made, CHOSEN).actions[0]

    assert (action.new_shares, action.old_shares) == shares


def test_a_correction_changes_no_bar_that_a_decision_saw(store: FactStore) -> None:
    """SVC-MKT-01: what was printed first is what was decided on."""
    held(store, BARS_DAILY, [bar("X:1", 0, 200.0, known_at="2000-01-10 15:00")])

    assert lake_of_facts(store, CHOSEN).panel["close_usd"][0] == 100.0


def test_a_bar_taken_back_by_its_close_is_not_traded_on_and_one_taken_back_later_is(store: FactStore) -> None:
    """As in the snapshot of the features: one definition."""
    early = session_opens(pl.Series(DAYS)).to_list()
    held(store, BARS_DAILY, [bar("X:2", n, 100.0) | {"known_at": early[n]} for n in range(4)])
    held(store, BARS_DAILY, [bar("X:2", 1, 100.0) | {"is_retracted": True}])
    held(store, BARS_DAILY, [bar("X:2", 2, 100.0, known_at="2000-01-10 15:00") | {"is_retracted": True}])

    assert lake_of_facts(store, Chosen(("X:2",), NOW)).panel["session_on"].to_list() == [DAYS[0], *DAYS[2:]]


def test_a_bar_said_again_after_a_retraction_that_came_first_has_its_values(store: FactStore) -> None:
    early = session_opens(pl.Series(DAYS)).to_list()
    held(store, BARS_DAILY, [bar("X:2", n, 100.0) | {"known_at": early[n], "is_retracted": n == 0} for n in range(4)])
    held(store, BARS_DAILY, [bar("X:2", 0, 99.0)])

    assert lake_of_facts(store, Chosen(("X:2",), NOW)).panel["close_usd"].to_list() == [99.0, 100.0, 100.0, 100.0]


def test_a_bar_that_came_after_its_close_was_no_bar_at_its_close(store: FactStore) -> None:
    held(store, BARS_DAILY, [bar("Y:1", n, 10.0, known_at="2000-02-01 15:00") for n in range(4)])

    with pytest.raises(DataError, match=r"Y:1 \(Y:1\) has no row in bars_daily that was known by its session's close"):
        lake_of_facts(store, Chosen(("Y:1",), NOW))


def test_an_index_that_is_not_there_is_asked_for_by_name(store: FactStore) -> None:
    with pytest.raises(DataError, match=r"factor 'dow' has no level from 2000-01-03 on; import the index"):
        lake_of_facts(store, Chosen(("X:1",), NOW, index="dow"))


def test_a_symbol_that_names_nothing_is_refused(store: FactStore) -> None:
    with pytest.raises(DataError, match="ticker 'X' named no security"):
        lake_of_facts(store, Chosen(("X",), NOW))


def test_a_lake_names_the_tables_that_it_was_read_from(store: FactStore) -> None:
    """DESIGN section 4: table version and digest in traces."""
    tables = {table.name: table for table in lake_of_facts(store, CHOSEN).tables}
    assert sorted(tables) == ["bars_daily", "corporate_actions", "factors", "identity"]
    assert tables["identity"].version == -1
    before = tables["bars_daily"]
    assert (before.version, before.digest) == (store.version(BARS_DAILY).version, store.version(BARS_DAILY).digest)
    held(store, BARS_DAILY, [bar("X:2", 0, 99.0)])
    after = next(table for table in lake_of_facts(store, CHOSEN).tables if table.name == "bars_daily")
    assert (after.version > before.version, after.digest != before.digest) == (True, True)


def test_tables_that_change_whenever_they_are_read_are_refused(tmp_path: Path, store: FactStore) -> None:
    """A version that is not that of the rows would be a lie with a digest."""

    class Busy(FactStore):
        """A store that somebody writes to between any two reads."""

        def version(self, domain: Domain) -> TableVersion:
            held(store, BARS_DAILY, [bar("X:9", 0, float(next(COUNT)))])
            return super().version(domain)

    with pytest.raises(EdgeError, match=r"changed each of 5 times that they were read; wait for the import"):
        lake_of_facts(Busy(tmp_path, clock), CHOSEN)


def test_a_share_keeps_one_name_through_its_tickers(tmp_path: Path, shared_data: Path) -> None:
    """DESIGN section 10: GOOGL of 2021 is GOOG until 2014-04-02; its history begins in 2004 and the split is in it."""
    made = lean_lake(tmp_path, shared_data, ("GOOG", "GOOGL", "GOOCV"))
    days = made.as_of(BARS_DAILY, NOW).select("session_on").unique().sort("session_on").collect()["session_on"]
    stamps = {"event_at": session_closes(days), "known_at": session_closes(days)}
    index = pl.DataFrame({"factor": "sp500", "period_on": days, "value": 1.0, "unit": "points", **stamps})
    made.ingested(FACTORS, index, "test")

    lake = lake_of_facts(made, Chosen(("GOOGL", "GOOG"), NOW, date(2021, 3, 31)))

    spans = {str(key[0]): part["session_on"].min() for key, part in lake.panel.group_by("symbol")}
    assert spans == {"GOOG": date(2014, 3, 27), "GOOGL": date(2004, 8, 19)}
    ratios = lake.panel.filter(pl.col("symbol") == "GOOGL", pl.col("adjustment_ratio") != 1.0)
    assert ratios.select("session_on", "adjustment_ratio").rows() == [(date(2014, 4, 3), 2.0)]
    assert lake.quarantined.is_empty()
