"""What all features read of a lake: its facts, and of texts the scores of the one model that serves."""

from __future__ import annotations

from datetime import datetime

from adapters.lake.domains.texts import TEXT_SCORES
from adapters.lake.facts.store import FactStore
from adapters.lake.views.features import feature_tables
from adapters.lake.views.sentiment import known_scores
from api.use_cases.sentiment import Serving
from dataflows.feature_snapshots import feature_snapshot
from dataflows.features import FeatureSnapshot
from nodes.vocabulary.absent import Absent

_TEXTS = TEXT_SCORES.name


def feature_facts(store: FactStore, texts: Serving, known_at: datetime) -> FeatureSnapshot:
    """The snapshot of all features at an instant; what is missing of texts says why.

    The lexicon does not step in for a head that cannot serve: a feature is made by one model or not at all.

    Args:
        store: the lake.
        texts: whose scores of texts are read.
        known_at: nothing later is seen.

    Raises:
        DataError: no bar was known by then.
    """
    tables = feature_tables(store, known_at, model=texts.scorer.model)
    if texts.because:
        tables.pop(_TEXTS, None)
        return feature_snapshot(tables, known_at, missing={_TEXTS: Absent(_TEXTS, texts.because)})
    scores = None if _TEXTS in tables else known_scores(store, texts.scorer.model, known_at)
    return feature_snapshot(tables, known_at, missing={_TEXTS: scores} if isinstance(scores, Absent) else None)
