"""Stops whose width follows a schedule: where an event is near, they stand closer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np


def weekdays_between(from_on: date, to_on: date) -> int:
    """Weekdays from one day to another, negative when it lies behind: Monday to Tuesday is 1, Friday to Monday, too.

    Holidays are not known here, so that a window may be a session shorter around one.
    """
    if to_on < from_on:
        return -weekdays_between(to_on, from_on)
    return int(np.busday_count(np.datetime64(from_on), np.datetime64(to_on)))


def is_within_window(session_on: date, events_on: Sequence[date], before: int, after: int) -> bool:
    """Whether an event is at most so many weekdays ahead, or at most so many behind."""
    return any(-after <= weekdays_between(session_on, event_on) <= before for event_on in events_on)
