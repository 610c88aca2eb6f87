"""What was derived from a frame, kept as long as the frame lives: many features read the same trailing year.

A frame is never changed once it is made, so that the frame itself says whether what was derived from it still holds.
Nothing else is remembered: the same arguments give the same value, whether it was kept or computed.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Hashable
from functools import partial, wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

import polars as pl

T = TypeVar("T")
P = ParamSpec("P")


class Derivations:
    """Values by the frame that they were derived from and by a key that says how."""

    def __init__(self) -> None:
        self._kept: dict[int, tuple[weakref.ref[pl.DataFrame], dict[Hashable, Any]]] = {}

    def __reduce__(self) -> tuple[type[Derivations], tuple[()]]:
        """What is kept is no state: an empty one behaves alike."""
        return Derivations, ()

    def __len__(self) -> int:
        """How many frames something is kept of."""
        return len(self._kept)

    def of(self, frame: pl.DataFrame, key: Hashable, made: Callable[[], T]) -> T:
        """The value of a key that was derived from a frame; made where there is none yet."""
        place = id(frame)
        entry = self._kept.get(place)
        if entry is None or entry[0]() is not frame:
            entry = (weakref.ref(frame, partial(self._dropped, place)), {})
            self._kept[place] = entry
        values = entry[1]
        if key not in values:
            values[key] = made()
        value: T = values[key]
        return value

    def _dropped(self, place: int, dead: weakref.ref[pl.DataFrame]) -> None:
        entry = self._kept.get(place)
        if entry is not None and entry[0] is dead:
            del self._kept[place]


DERIVED = Derivations()
"""Of every kernel."""


def kept(function: Callable[Concatenate[pl.DataFrame, P], T]) -> Callable[Concatenate[pl.DataFrame, P], T]:
    """A function of a frame that computes once for each frame and each of its other terms.

    A frame among the other terms counts by its content: give small ones.
    """

    @wraps(function)
    def derived(frame: pl.DataFrame, /, *terms: P.args, **named: P.kwargs) -> T:
        key = (function.__module__, function.__qualname__, *map(_named, terms), *map(_named, sorted(named.items())))
        return DERIVED.of(frame, key, partial(function, frame, *terms, **named))

    return derived


def _named(term: object) -> Hashable:
    return tuple(term.rows()) if isinstance(term, pl.DataFrame) else term
