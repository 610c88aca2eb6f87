"""Where answers go: data and tables to standard output, everything about the work itself to standard error.

Piped output has no colour and no width but the 80 columns that any terminal has; `--json` gives programs the same
answer as data.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console
from rich.text import Text
from rich.theme import Theme

JsonOption = Annotated[bool, typer.Option("--json", help="Answer as JSON, for programs.")]

THEME = Theme(
    {
        "quiet": "dim",
        "holds": "green",
        "fails": "bold red",
        "unknown": "bold magenta",
        "skipped": "dim",
        "pass": "green",
        "warn": "yellow",
        "clip": "yellow",
        "review": "magenta",
        "deny": "bold red",
        "act": "green",
        "hold": "magenta",
        "id": "cyan",
        "gold": "yellow",
    }
)


def out() -> Console:
    """The console of answers."""
    return Console(theme=THEME, highlight=False)


def err() -> Console:
    """The console of messages and progress."""
    return Console(theme=THEME, highlight=False, stderr=True)


def json_text(answer: Any) -> str:  # noqa: ANN401  # any view
    """An answer as JSON: dataclasses as objects, Decimal as text (exact), instants as RFC 3339."""
    encoded = msgspec.json.encode(answer, enc_hook=_plain, order="deterministic")
    return msgspec.json.format(encoded, indent=2).decode()


def _plain(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, tuple | frozenset):
        return list(value)
    return str(value)


def print_json(answer: Any) -> None:  # noqa: ANN401
    """Print an answer as JSON, nothing else, to standard output."""
    typer.echo(json_text(answer))


def print_facts(console: Console, facts: Mapping[str, Any]) -> None:
    """Print names and values below each other; a long value runs on rather than being cut."""
    width = max((len(name) for name in facts), default=0)
    for name, value in facts.items():
        label = (f"{name.replace('_', ' '):<{width}}  ", "quiet")
        console.print(Text.assemble(label, str(value)), soft_wrap=True)
