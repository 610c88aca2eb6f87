"""Tone of headlines: speed of the head and of the lexicon beside VADER, and how right all three are on given labels.

python -m tests.benchmarks.sentiment LABELS     both tables, for labels in FiQA's shape
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter_ns

import numpy as np
from rich.console import Console
from vaderSentiment.vaderSentiment import (  # type: ignore[import-untyped]  # ships no types
    SentimentIntensityAnalyzer,
)

from adapters.sentiment.encoder import WIDTH, installed_encoder, model_files
from adapters.sentiment.evaluation import Measure, measure, measures
from adapters.sentiment.head import Head
from adapters.sentiment.labels import NEUTRAL_BAND, Labels, labels
from adapters.sentiment.scorers import HeadScorer, LexiconScorer
from tests.benchmarks.table import printed
from tests.benchmarks.timing import Effort, Row, figure_us, side_by_side

COMPANIES = ("Tesco", "Shell", "Royal Mail", "Marks & Spencer", "AstraZeneca", "Barclays", "Diageo", "Aviva")
STORIES = (
    "profit rises after strong sales in the third quarter",
    "shares slump as regulator opens an inquiry into its accounts",
    "to cut jobs and close stores in a bid to lower its costs",
    "wins a contract worth millions from the government",
    "warns that weak demand will hurt its full-year results",
    "chairman set to leave at the end of the year",
)
HEADLINES = tuple(f"{company} {story}" for company in COMPANIES for story in STORIES)
N_SINGLE = 200
Reader = Callable[[Sequence[str]], Sequence[object]]


def untrained_head() -> Head:
    """A head of the right size: what its weights are makes no difference to its speed."""
    files = model_files()
    return Head(
        name="benchmark",
        encoder_sha256=files["minilm-int8"].sha256,
        tokenizer_sha256=files["minilm-tokenizer"].sha256,
        weights=tuple(np.linspace(-1.0, 1.0, WIDTH).tolist()),
        intercept=0.0,
        inverse_penalty=1.0,
        neutral_band=NEUTRAL_BAND,
        labels_sha256="",
        n_positive=0,
        n_negative=0,
        labels_known_at=datetime(2020, 1, 1, tzinfo=UTC),
        trainer="",
    )


def readers() -> dict[str, Reader]:
    """The contestants: each reads a batch of headlines."""
    vader = SentimentIntensityAnalyzer()
    return {
        "head": HeadScorer(untrained_head(), installed_encoder()).readings,
        "lexicon": LexiconScorer().readings,
        "vader": lambda texts: [vader.polarity_scores(text)["compound"] for text in texts],
    }


def rows(effort: Effort, n_single: int = N_SINGLE) -> list[Row]:
    """The lines of the table."""
    contestants = readers()
    few = Effort(max(1, effort.n_rounds // 5), effort.batch_s)
    spent = side_by_side({name: _batch(read) for name, read in contestants.items()}, few)
    single = {name: single_us(read, n_single) for name, read in contestants.items()}
    words = {"head": "transformer and head", "lexicon": "own lexicon"}
    return [row for name, what in words.items() for row in _rows(name, what, spent, single)]


def single_us(read: Reader, n_texts: int) -> tuple[float, float]:
    """Median and 99th percentile of reading one headline alone, in microseconds."""
    spent = []
    for at in range(n_texts):
        text = HEADLINES[at % len(HEADLINES)]
        from_ns = perf_counter_ns()
        read([text])
        spent.append((perf_counter_ns() - from_ns) / 1000)
    p50, p99 = np.percentile(spent, [50, 99])
    return float(p50), float(p99)


def _batch(read: Reader) -> Callable[[], object]:
    return lambda: read(HEADLINES)


def _rows(name: str, what: str, spent: dict[str, float], single: dict[str, tuple[float, float]]) -> list[Row]:
    rates = {key: len(HEADLINES) / (spent_us / 1e6) for key, spent_us in spent.items()}
    ours, theirs = (" / ".join(map(figure_us, single[key])) for key in (name, "vader"))
    return [
        Row(
            f"tone of {len(HEADLINES)} headlines, {what}, one thread",
            f"{rates[name]:,.0f} texts/s",
            f"VADER: {rates['vader']:,.0f} texts/s",
            f"{rates[name] / rates['vader']:.2g}x",
        ),
        Row(f"tone of one headline, {what}, p50 / p99", ours, f"VADER: {theirs}"),
    ]


def peer_measure(found: Labels) -> Measure:
    """How right VADER is: the sign of its compound score, zero being no answer."""
    vader = SentimentIntensityAnalyzer()
    answers = np.sign([vader.polarity_scores(text)["compound"] for text in found.sentences]).astype(np.int64)
    return measure("vader", found.is_positive, answers)


def accuracy_rows(found: Labels) -> list[Row]:
    """How right every contestant is about labelled headlines."""
    vectors = installed_encoder().vectors(found.sentences)
    done = [*measures(found, vectors, found.headline_groups), peer_measure(found)]
    return [
        Row(f"{one.model} on {len(found.sentences)} labels", f"accuracy {one.accuracy_frac:.1%}", _f1(one))
        for one in done
    ]


def _f1(one: Measure) -> str:
    sides = f"F1 {one.f1_frac:.1%} positive, {one.f1_negative_frac:.1%} negative"
    return f"{sides}, {one.macro_f1_frac:.1%} macro; answered {one.answered_frac:.1%}"


def main() -> None:
    """Measure and print."""
    console = Console(width=150)
    found = labels(Path(sys.argv[1]), datetime.now(UTC))
    printed(accuracy_rows(found), console)
    printed(rows(Effort()), console)


if __name__ == "__main__":
    main()
