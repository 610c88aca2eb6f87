"""What of a snapshot is new, and what is kept of each domain while features are served."""

from __future__ import annotations

from datetime import datetime
from functools import cache

import polars as pl

from api.use_cases.leak_audit import feature_plan, made_up_closes
from dataflows.audit.made_up import made_up_tables
from dataflows.engine.known_facts import Law
from dataflows.feature_serving import feature_keeping, feature_news
from dataflows.feature_snapshots import feature_snapshot
from dataflows.features import FeatureSnapshot

SINCE = -3
"""The session, from the end, that was served last."""


@cache
def closes() -> list[datetime]:
    return made_up_closes()


@cache
def snapshot() -> FeatureSnapshot:
    return feature_snapshot(made_up_tables(closes()), closes()[-1])


def test_news_are_the_bars_that_closed_since_and_no_others() -> None:
    news = feature_news(snapshot(), closes()[SINCE])
    assert set(news.panel["closed_at"].unique()) == set(closes()[SINCE + 1 :])


def test_news_are_the_facts_that_became_known_since() -> None:
    news, is_new = feature_news(snapshot(), closes()[SINCE]), pl.col("known_at") > closes()[SINCE]
    for name in ("text_scores", "fundamentals", "estimates"):
        assert getattr(news, name).equals(getattr(snapshot(), name).filter(is_new))
    assert news.text_scores is not None
    assert news.text_scores.height > 0


def test_of_options_a_moment_is_kept_and_of_statements_what_each_share_stands_on() -> None:
    kept = feature_keeping(feature_plan())
    assert kept.facts["options"].law is Law.MOMENT
    assert kept.facts["options"].life_s == feature_plan().params["option_max_age_s"]
    assert kept.facts["fundamentals"].law is Law.SHARE


def test_features_of_splits_alone_are_features_of_the_plan() -> None:
    kept = feature_keeping(feature_plan())
    assert set(kept.marked) <= {node.name for node in feature_plan().nodes}
