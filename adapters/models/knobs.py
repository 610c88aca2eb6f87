"""The hyper-parameters of trainers under one set of names, with the range in which each makes sense.

A policy says `n_trees` whichever library grows them; a name that a trainer does not know is a fault and never ignored.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from dataflows.research.ports import Settings
from nodes.vocabulary.errors import DataError


@dataclass(frozen=True, slots=True)
class Knob:
    """One hyper-parameter.

    Attributes:
        foreign: what the library calls it.
        default: its value where nothing is said; a whole number makes it one that only takes whole numbers.
        lowest: the lowest that is allowed.
        highest: the highest that is allowed.
    """

    foreign: str
    default: float
    lowest: float
    highest: float


def turned(trainer: str, knobs: Mapping[str, Knob], settings: Settings) -> dict[str, float]:
    """Every hyper-parameter of a trainer under its library's names: as set, or by default.

    Raises:
        DataError: a setting has no such knob, or is outside of its range.
    """
    unknown = sorted(set(settings) - set(knobs))
    if unknown:
        message = f"{trainer} has no setting {unknown[0]!r}; use only {', '.join(sorted(knobs))}"
        raise DataError(message)
    return {knob.foreign: _value(trainer, name, knob, settings.get(name, knob.default)) for name, knob in knobs.items()}


def _value(trainer: str, name: str, knob: Knob, value: object) -> float:
    is_whole = isinstance(knob.default, int)
    is_number = isinstance(value, int if is_whole else (int, float)) and not isinstance(value, bool)
    if not is_number or not knob.lowest <= value <= knob.highest:  # type: ignore[operator]  # a number by the line above
        wanted = "a whole number" if is_whole else "a number"
        message = f"{name} of {trainer} was {value!r}; set {wanted} from {knob.lowest} to {knob.highest}"
        raise DataError(message)
    return value if is_whole else float(value)  # type: ignore[arg-type,return-value]  # a number by the check above
