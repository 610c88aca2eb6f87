"""Texts, scores and days by symbol and source."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from adapters.lake.facts.store import FactStore
from api.use_cases.data_reading import Standpoint
from api.use_cases.data_reading_sentiment import daily, scores, texts
from tests.adapters.lake.views.holding import at, clock


def _seen(folder: Path, when: str = "2020-06-05 20:00") -> Standpoint:
    return Standpoint(FactStore(folder, clock), at(when))


def test_texts_and_scores_are_found_by_symbol_and_source(sample_lake: Path) -> None:
    """SVC-SNT-03."""
    assert texts(_seen(sample_lake), "ACME", "news")["text_id"].to_list() == ["t-1"]
    assert scores(_seen(sample_lake), "ACME", model="sample-1")["score"].to_list() == [0.6]
    assert scores(_seen(sample_lake), "ACME", "reddit").is_empty()
    assert texts(_seen(sample_lake), "ACME", None, date(2020, 6, 6)).is_empty()


def test_no_text_is_seen_before_it_was_published(sample_lake: Path) -> None:
    """SVC-SNT-03."""
    assert texts(_seen(sample_lake, "2020-06-05 14:59"), "ACME").is_empty()


def test_days_are_summed_up_by_source_and_over_all(sample_lake: Path) -> None:
    """SVC-SNT-03."""
    found = daily(_seen(sample_lake), "ACME")
    assert found.select("channel", "mean_score").rows() == [("all", 0.6), ("news", 0.6)]
    assert daily(_seen(sample_lake), "NOPE").is_empty()
