"""What is written of a share: how much, how kind, how unanimous, and how that differs from its usual self."""

from __future__ import annotations

from nodes.kernels.arrays import array, column
from nodes.kernels.ratios import growth_column
from nodes.kernels.texts import text_mean, text_spread, text_steps, texts_at
from nodes.vocabulary.units import CountColumn, Days, FracColumn, InstantColumn, Panel, ScoreColumn, SymbolColumn

_NEWS = "news"


def recent_text_steps(text_scores: Panel, text_life_days: Days) -> Panel:
    """Number, sum and sum of squares of the scores that count, at each instant at which they change.

    Formula: over texts known in the last text_life_days
    Unit: a row a change. Missing: no row before a share's first text.
    Source: the domain text_scores.
    """
    return Panel(text_steps(text_scores, text_life_days))


def usual_text_steps(text_scores: Panel, text_memory_days: Days) -> Panel:
    """The same over a longer while.

    Formula: over texts known in the last text_memory_days
    Unit: a row a change. Missing: no row before a share's first text.
    Source: the domain text_scores.
    """
    return Panel(text_steps(text_scores, text_memory_days))


def sentiment_score(recent_text_steps: Panel, symbol: SymbolColumn, closed_at: InstantColumn) -> ScoreColumn:
    """Mean score of the texts of the last days: 1 is good, -1 bad.

    Formula: mean of the scores of texts known in the last text_life_days
    Unit: score, -1 to 1. Missing: null where no text counts.
    Source: Tetlock (2007), J. Finance 62(3), with a model's scores in place of a word list's.
    """
    return ScoreColumn(column(text_mean(texts_at(recent_text_steps, symbol, closed_at))))


def texts_count(recent_text_steps: Panel, symbol: SymbolColumn, closed_at: InstantColumn) -> CountColumn:
    """How many texts of the last days are about the share.

    Formula: texts known in the last text_life_days
    Unit: texts. Missing: null until the first text.
    Source: Barber and Odean (2008), Review of Financial Studies 21(2): attention.
    """
    return CountColumn(texts_at(recent_text_steps, symbol, closed_at)["count"])


def sentiment_dispersion_score(recent_text_steps: Panel, symbol: SymbolColumn, closed_at: InstantColumn) -> ScoreColumn:
    """How far apart the texts of the last days are.

    Formula: sample standard deviation of the scores of texts known in the last text_life_days
    Unit: score. Missing: null for fewer than two texts.
    Source: Antweiler and Frank (2004), J. Finance 59(3): agreement of messages.
    """
    return ScoreColumn(column(text_spread(texts_at(recent_text_steps, symbol, closed_at))))


def sentiment_surprise_score(
    usual_text_steps: Panel,
    sentiment_score: ScoreColumn,
    symbol: SymbolColumn,
    closed_at: InstantColumn,
) -> ScoreColumn:
    """By how much the tone of the last days differs from that of a longer while.

    Formula: sentiment_score - mean score of texts known in the last text_memory_days
    Unit: score. Missing: null where either is.
    Source: Tetlock, Saar-Tsechansky, Macskassy (2008), J. Finance 63(3): tone against the firm's own past.
    """
    usual = text_mean(texts_at(usual_text_steps, symbol, closed_at))
    return ScoreColumn(column(array(sentiment_score) - usual))


def attention_surprise_frac(
    usual_text_steps: Panel,
    texts_count: CountColumn,
    symbol: SymbolColumn,
    closed_at: InstantColumn,
    text_life_days: Days,
    text_memory_days: Days,
) -> FracColumn:
    """By how much more is written of the share than usual.

    Formula: texts_count / (texts of text_memory_days * text_life_days / text_memory_days) - 1
    Unit: fraction. Missing: null where no text counts in the longer while.
    Source: Da, Engelberg, Gao (2011), J. Finance 66(5): abnormal attention.
    """
    usual = texts_at(usual_text_steps, symbol, closed_at)["count"]
    return FracColumn(growth_column(texts_count, column(array(usual) * (text_life_days / text_memory_days))))


def news_sentiment_score(
    text_scores: Panel, symbol: SymbolColumn, closed_at: InstantColumn, text_life_days: Days
) -> ScoreColumn:
    """Mean score of the news of the last days, other channels left out.

    Formula: mean of the scores of news known in the last text_life_days
    Unit: score, -1 to 1. Missing: null where no news counts.
    Source: Tetlock (2007), J. Finance 62(3).
    """
    steps = text_steps(text_scores, text_life_days, _NEWS)
    return ScoreColumn(column(text_mean(texts_at(steps, symbol, closed_at))))
