from __future__ import annotations

from datetime import date

import pytest

from adapters.feeds.files.bundled_facts import bundled_facts
from adapters.lake.facts.store import FactStore
from adapters.lake.imported import Chosen, lake_of_facts
from adapters.lake.lake import bundled_lake
from adapters.lake.views.bars import Adjustment, adjusted
from tests.adapters.lake.views.holding import at, clock


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> FactStore:
    made = FactStore(tmp_path_factory.mktemp("bundled"), clock)
    for part in bundled_facts():
        assert part.rejected.is_empty()
        made.ingested(part.domain, part.facts, part.source)
    return made


def test_the_lake_made_of_the_bundled_facts_is_the_bundled_lake(store: FactStore) -> None:
    """Journey 4: imported data and bundled data are the same to a dataflow, ratios to the last bit."""
    bundled = bundled_lake()

    made = lake_of_facts(store, Chosen(bundled.universe, clock(), date(2013, 3, 1)))

    assert made.panel.equals(bundled.panel.select(made.panel.columns))
    first_on = made.panel["session_on"].min()
    assert made.index_panel.equals(bundled.index_panel.filter(bundled.index_panel["session_on"] >= first_on))
    assert made.actions == bundled.actions


@pytest.mark.parametrize(("known_at", "close_usd"), [("2005-02-25 21:00", 88.99), ("2005-02-28 14:30", 44.495)])
def test_a_split_of_the_sample_is_applied_from_its_ex_date_on(
    store: FactStore, known_at: str, close_usd: float
) -> None:
    """SVC-MKT-01: AAPL 2 for 1 on 2005-02-28, on data that everybody has."""
    bars = adjusted(store, "AAPL", at(known_at), Adjustment.SPLITS)

    row = bars.filter(bars["session_on"] == date(2005, 2, 25)).row(0, named=True)
    assert row["close_usd"] == 88.99
    assert row["adjusted_close_usd"] == pytest.approx(close_usd, rel=1e-12)
