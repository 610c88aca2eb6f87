"""A console of a given width to write on and read back."""

from __future__ import annotations

from io import StringIO

from rich.console import Console

from api.cli.output import THEME


class Paper:
    def __init__(self, width: int = 80) -> None:
        self._written = StringIO()
        self.console = Console(width=width, file=self._written, theme=THEME, highlight=False)

    @property
    def text(self) -> str:
        return self._written.getvalue()
