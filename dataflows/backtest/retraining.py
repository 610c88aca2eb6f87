"""When a backtest trains its model anew, on what, and what it asks before a new version decides: as a policy writes it.

A backtest walks forward: at the close before each stretch of sessions a study runs on what was known by then, less an
embargo, and the version that the gate lets in scores the stretch. A label that was not decided by the last session that
the study sees is no sample of it, so that nothing that is scored overlaps anything that was learnt from.

    |------- studied -------|--embargo--|------ scored ------|
                                        ^ trained at this close
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Protocol

import polars as pl

from dataflows.features import FeatureSnapshot
from nodes.vocabulary.errors import DataError
from nodes.vocabulary.units import Panel
from policies.params import ParamReading
from policies.parse import parsed_policy, policy_digest

PURPOSE = "a backtest's retraining"
_MOST_SESSIONS = 10_000


class Calendar(Protocol):
    """The sessions of an exchange."""

    def before(self, session_on: date, n_sessions: int) -> date:
        """The session so many before another."""
        ...


@dataclass(frozen=True)
class Retraining:
    """How a model is trained anew in a backtest.

    Attributes:
        name: family and version of the policy.
        digest: of it.
        study: family and version of the research policy whose study is run.
        gate: family and version of the promotion policy that lets a version decide, or does not.
        every_sessions: how long a version scores before the next is trained.
        embargo_sessions: sessions before a training that its study does not see.
        window_sessions: how far a study looks back; 0 for all that is known.
    """

    name: str
    digest: bytes
    study: str
    gate: str
    every_sessions: int
    embargo_sessions: int
    window_sessions: int


@dataclass(frozen=True)
class Stretch:
    """Sessions that one training serves.

    Attributes:
        number: from 1.
        trained_on: the session at whose close the study runs.
        studied_to: the last session that it sees.
        sessions: those that what comes of it scores.
    """

    number: int
    trained_on: date
    studied_to: date
    sessions: tuple[date, ...]


def retraining_of(text: bytes, file: str) -> Retraining:
    """What a policy's text says of retraining. Raises PolicyError with every fault."""
    parsed = parsed_policy(text, file)
    reading = ParamReading(parsed, PURPOSE)
    found = Retraining(
        name=f"{parsed.policy.family} v{parsed.policy.version}",
        digest=policy_digest(parsed.policy),
        study=reading.word("retraining_study"),
        gate=reading.word("retraining_gate"),
        every_sessions=reading.whole("retraining_sessions", 1, _MOST_SESSIONS),
        embargo_sessions=reading.whole("retraining_embargo_sessions", 0, _MOST_SESSIONS),
        window_sessions=reading.whole("retraining_window_sessions", 0, _MOST_SESSIONS),
    )
    reading.finish()
    return found


def stretches(retraining: Retraining, sessions: Sequence[date], calendar: Calendar) -> tuple[Stretch, ...]:
    """The stretches of some sessions, in order. Raises DataError where the first has no history before it."""
    step = retraining.every_sessions
    return tuple(
        _stretch(retraining, at // step + 1, tuple(sessions[at : at + step]), calendar)
        for at in range(0, len(sessions), step)
    )


def studied(snapshot: FeatureSnapshot, retraining: Retraining, stretch: Stretch) -> FeatureSnapshot:
    """What the study of a stretch sees of a snapshot: its window up to the embargo. Raises DataError for nothing.

    Facts beside bars come as they were known; features join them at each bar's close.
    """
    days = snapshot.index_panel["session_on"].filter(snapshot.index_panel["session_on"] <= stretch.studied_to)
    first_on = days[-retraining.window_sessions] if 0 < retraining.window_sessions <= len(days) else None
    is_seen = pl.col("session_on") <= stretch.studied_to
    if first_on is not None:
        is_seen &= pl.col("session_on") >= first_on
    panel = snapshot.panel.filter(is_seen)
    if panel.is_empty():
        message = f"nothing was known by {stretch.studied_to}, so that nothing can be trained at {stretch.trained_on}"
        raise DataError(f"{message}; begin the backtest later, or bring a longer history")
    index = snapshot.index_panel.filter(is_seen)
    last_on: date = panel["session_on"].max()  # type: ignore[assignment]  # a panel's days are dates
    return replace(snapshot, panel=Panel(panel), index_panel=Panel(index), session_on=last_on)


def _stretch(retraining: Retraining, number: int, sessions: tuple[date, ...], calendar: Calendar) -> Stretch:
    trained_on = calendar.before(sessions[0], 1)
    if trained_on >= sessions[0]:
        message = f"session {sessions[0]} is the first that is known, so that nothing can be trained before it"
        raise DataError(f"{message}; begin the backtest later, or bring a longer history")
    embargo = retraining.embargo_sessions
    return Stretch(number, trained_on, calendar.before(trained_on, embargo) if embargo else trained_on, sessions)
