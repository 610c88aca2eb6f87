"""Small labels and heads that tests are made of."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from adapters.sentiment.encoder import WIDTH, Vectors
from adapters.sentiment.head import Head
from adapters.sentiment.labels import Labels, labels
from adapters.sentiment.training import trained_head

LABELLED_AT = datetime(2018, 4, 23, tzinfo=UTC)
GOOD = ("profit rises", "sales surge", "shares jump", "wins contract", "upbeat outlook", "dividend raised")
BAD = ("profit falls", "sales slump", "shares drop", "loses contract", "gloomy outlook", "dividend scrapped")
COMPANIES = ("Tesco", "Shell", "Aviva", "Barclays", "Diageo")


def labels_csv(folder: Path) -> Path:
    """Sixty labelled headlines, and one that says neither."""
    rows = [
        (f"{name} {words}", name, tone)
        for name in COMPANIES
        for kind, tone in ((GOOD, 0.6), (BAD, -0.5))
        for words in kind
    ]
    lines = [
        "sentence,target,sentiment",
        *(f"{text},{name},{tone}" for text, name, tone in rows),
        "Tesco meets,Tesco,0.02",
    ]
    path = folder / "labels.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def made_labels(folder: Path) -> Labels:
    """The labels of that file."""
    return labels(labels_csv(folder), LABELLED_AT)


def made_vectors(found: Labels) -> Vectors:
    """Vectors that tell the tone in their first place, with noise."""
    random = np.random.default_rng(3)
    vectors = random.normal(scale=0.05, size=(len(found.sentences), WIDTH))
    vectors[:, 0] += np.where(found.is_positive, 0.4, -0.4)
    return vectors


def made_head(folder: Path) -> Head:
    """A head trained on them."""
    found = made_labels(folder)
    return trained_head("test", found, made_vectors(found))
