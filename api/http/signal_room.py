"""What the routes share that tell day plans: one desk, so that a plan is joined once, and answers that were written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from litestar import Request
from litestar.di import NamedDependency
from litestar.params import SkipValidation

from api.http.parts import PartsHere
from api.use_cases.signal_desk import SignalDesk
from api.use_cases.signal_sources import upstreams

KEPT_ANSWERS = 16


class SignalRoom:
    """The desk of an application, and the newest answers under their tags.

    Args:
        desk: tells the day plans.
    """

    def __init__(self, desk: SignalDesk) -> None:
        self.desk = desk
        self._answers: dict[str, bytes] = {}

    def written(self, tag: str, made: Callable[[], msgspec.Struct]) -> bytes:
        """An answer as JSON: that which was written under its tag, or made now. A tag names all that is in it."""
        known = self._answers.get(tag)
        if known is None:
            known = msgspec.json.encode(made())
            self._answers = dict([*self._answers.items(), (tag, known)][-KEPT_ANSWERS:])
        return known


SignalsHere = NamedDependency[SkipValidation[SignalRoom]]
"""The room: `signals: SignalsHere`, where the router provides `signals_of`."""


def signals_of(request: Request[Any, Any, Any], parts: PartsHere) -> SignalRoom:
    """The room of an application, made when it is first asked for. For the event loop's thread only."""
    state = request.app.state
    if "signals" not in state:
        state["signals"] = SignalRoom(SignalDesk(parts.service, upstreams(parts.service)))
    found: SignalRoom = state["signals"]
    return found
