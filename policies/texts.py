"""Texts with slots: `Order is {participation_frac:.1%} of a day's volume`.

A slot is a bare name with an optional numeric format, and nothing else: no attribute, no index, no
conversion, no width. So a text can show a value and can never reach for anything behind it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeAlias

from nodes.vocabulary.absent import Absent
from nodes.vocabulary.errors import PolicyError
from policies.slips import Slip, quoted

MAX_LENGTH = 1000
_PIECE = re.compile(r"\{\{|\}\}|\{[^{}]*\}|[{}]|[^{}]+")
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_FORMAT = re.compile(r"[+ ]?,?(\.[0-9])?[f%de]?")
_MEND = "write a bare name with a numeric format, like {spread_bps:.1f}"


@dataclass(frozen=True)
class Slot:
    """A place in a text for a value.

    Attributes:
        name: the node, parameter or limit that it shows.
        format: how: a numeric format of Python without width, "" for the value as it is.
        offset: where the slot begins in the text, from 0.
    """

    name: str
    format: str
    offset: int


@dataclass(frozen=True)
class Text:
    """A text cut at its slots: literal pieces and slots in order."""

    parts: tuple[str | Slot, ...]

    @property
    def slots(self) -> tuple[Slot, ...]:
        """Its slots, in the order of the text."""
        return tuple(part for part in self.parts if isinstance(part, Slot))


Rendered: TypeAlias = Mapping[str, Any]


def parsed_text(text: str, file: str = "text", line: int = 1, column: int = 1) -> Text:
    """The text cut at its slots. Raises PolicyError with every fault."""
    parsed, slips = text_or_slips(text)
    if slips:
        raise PolicyError(slip.fault(file, line, column + slip.offset) for slip in slips)
    return parsed


def text_or_slips(text: str) -> tuple[Text, tuple[Slip, ...]]:
    """The text cut at its good slots, and what is wrong with the others."""
    if len(text) > MAX_LENGTH:
        slip = Slip(0, f"the text has {len(text)} characters, expected at most {MAX_LENGTH}", "shorten it")
        return Text(()), (slip,)
    pieces = tuple(_pieces(text))
    parts = tuple(piece for piece in pieces if not isinstance(piece, Slip))
    return Text(parts), tuple(piece for piece in pieces if isinstance(piece, Slip))


def rendered(text: str | Text, values: Rendered) -> str:
    """The text with its slots filled; a value that is absent, or not a number where one is formatted, is said so."""
    cut = parsed_text(text) if isinstance(text, str) else text
    return "".join(part if isinstance(part, str) else _shown(part, values.get(part.name)) for part in cut.parts)


def format_fits(slot_format: str, base: type) -> bool:
    """Whether values of a class can be shown in a format: any as they are, `d` only whole numbers.

    A whole number has no precision of its own: `.2` and `.2d` do not fit it, `.2f` does.
    """
    if not slot_format:
        return True
    if base is bool or not issubclass(base, int | float | Decimal):
        return False
    try:
        format(base(0), slot_format)
    except ValueError:
        return False
    return True


def _pieces(text: str) -> Iterator[str | Slot | Slip]:
    for match in _PIECE.finditer(text):
        piece, offset = match.group(), match.start()
        if piece in ("{{", "}}"):
            yield piece[0]
        elif piece in ("{", "}"):
            yield Slip(offset, f"{piece} has no partner", f"close the slot, or write {piece * 2} for the character")
        elif piece.startswith("{"):
            yield _slot(piece, offset)
        else:
            yield piece


def _slot(piece: str, offset: int) -> Slot | Slip:
    name, _, slot_format = piece[1:-1].partition(":")
    if "." in name or "[" in name or "!" in name:
        return Slip(offset, f"slot {quoted(piece)} reaches into a value", _MEND)
    if not _NAME.fullmatch(name):
        return Slip(offset, f"slot {quoted(piece)} names no value", _MEND)
    if not _FORMAT.fullmatch(slot_format):
        return Slip(offset, f"slot {quoted(piece)} has a format that is not numeric", _MEND)
    return Slot(name, slot_format, offset)


def _shown(slot: Slot, value: Any) -> str:  # noqa: ANN401  # any value of a node
    if value is None or isinstance(value, Absent):
        return "(not known)"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if slot.format and format_fits(slot.format, type(value)):
        return format(value, slot.format)
    return str(value)
